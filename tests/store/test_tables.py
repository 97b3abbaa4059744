import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from store.errors import BadConnection, Conflict, Gone, Unavailable
from store.rows import Mode, Span, Table, Values, Write, in_partition, take, with_prefix
from store.stores import TABLES, Stores
from store.tables import AzureTable, Endpoint, service_client
from tests.azurite import KEY, free_port
from tests.store.worlds import HandClock


@pytest.fixture
def table(stores: Stores) -> Table:
    return stores.log._table


def write(mode: Mode, row: str, etag: str | None = None, **values: str | int | bool) -> Write:
    return Write(mode, "p", row, values, etag)


async def values_of(table: Table, row: str) -> Values | None:
    stored = await table.get("p", row)
    return stored.values if stored else None


async def test_each_mode_treats_what_is_there_in_its_own_way(table: Table) -> None:
    await table.write(write(Mode.INSERT, "r", a=1))
    await table.write(write(Mode.MERGE, "r", b="x"))
    assert await values_of(table, "r") == {"a": 1, "b": "x"}

    await table.write(write(Mode.REPLACE, "r", c=True))
    await table.write(write(Mode.UPSERT_MERGE, "r", d=2))
    assert await values_of(table, "r") == {"c": True, "d": 2}

    await table.write(write(Mode.UPSERT, "r", e=""))
    assert await values_of(table, "r") == {"e": ""}

    await table.write(write(Mode.DELETE, "r"))
    assert await values_of(table, "r") is None


@pytest.mark.parametrize("together", [False, True])
async def test_a_row_that_should_not_be_there_is_a_conflict(
    table: Table, *, together: bool
) -> None:
    await table.write(write(Mode.UPSERT, "r", a=1))
    more = [write(Mode.UPSERT, "other")] if together else []

    with pytest.raises(Conflict):
        await table.write(write(Mode.INSERT, "r", a=2), *more)

    assert await values_of(table, "r") == {"a": 1}
    assert await values_of(table, "other") is None


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("mode", [Mode.REPLACE, Mode.MERGE, Mode.DELETE])
async def test_a_row_that_changed_since_it_was_read_is_a_conflict(
    table: Table, mode: Mode, *, together: bool
) -> None:
    (old,) = await table.write(write(Mode.INSERT, "r", a=1))
    (new,) = await table.write(write(Mode.REPLACE, "r", a=2))
    more = [write(Mode.UPSERT, "other")] if together else []
    assert old != new

    with pytest.raises(Conflict):
        await table.write(write(mode, "r", old), *more)

    assert await values_of(table, "r") == {"a": 2}
    await table.write(write(mode, "r", new), *more)


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("mode", [Mode.REPLACE, Mode.MERGE])
async def test_a_row_that_should_be_there_is_gone(
    table: Table, mode: Mode, *, together: bool
) -> None:
    more = [write(Mode.UPSERT, "other")] if together else []

    with pytest.raises(Gone):
        await table.write(write(mode, "r"), *more)

    assert await values_of(table, "other") is None


async def test_an_absent_row_is_deleted_already_unless_in_a_transaction(table: Table) -> None:
    await table.write(write(Mode.DELETE, "r"))

    with pytest.raises(Gone):
        await table.write(write(Mode.DELETE, "r"), write(Mode.UPSERT, "other"))


async def test_the_etag_of_a_write_is_the_rows(table: Table) -> None:
    etags = await table.write(write(Mode.INSERT, "a"), write(Mode.INSERT, "b"))

    stored = [await table.get("p", row) for row in "ab"]

    assert [one.etag for one in stored if one] == [*etags]


async def test_what_was_read_does_not_change_with_the_row(table: Table) -> None:
    await table.write(write(Mode.INSERT, "r", a=1))
    before = await table.get("p", "r")

    await table.write(write(Mode.MERGE, "r", a=2))

    assert before
    assert before.values == {"a": 1}


async def test_a_merge_of_nothing_is_a_new_version_of_the_row(table: Table) -> None:
    (first,) = await table.write(write(Mode.INSERT, "r", a=1))

    (second,) = await table.write(write(Mode.MERGE, "r", first))

    assert second != first
    assert await values_of(table, "r") == {"a": 1}


async def test_an_absent_row_is_deleted_already_whatever_its_etag_was(table: Table) -> None:
    (etag,) = await table.write(write(Mode.INSERT, "r"))
    await table.write(write(Mode.DELETE, "r"))

    assert await table.write(write(Mode.DELETE, "r", etag)) == ("",)


async def test_a_query_crosses_pages_in_key_order(table: Table) -> None:
    rows = [f"{n:03d}" for n in range(25)]
    await table.write(*(write(Mode.INSERT, row) for row in reversed(rows)))

    assert [row.row async for row in table.query(in_partition("p"), page_rows=10)] == rows
    assert [row.row for row in await take(table, in_partition("p"), 12)] == rows[:12]


async def test_a_span_bounds_partitions_and_rows(table: Table) -> None:
    for partition in ("a", "b", "b.1", "c"):
        for row in ("x", "y.1", "y.2", "z'"):
            await table.write(Write(Mode.INSERT, partition, row, {"is": row == "y.2"}))

    async def found(span: Span) -> list[str]:
        return [f"{one.partition}/{one.row}" async for one in table.query(span)]

    assert await found(in_partition("b", "y", "z")) == ["b/y.1", "b/y.2"]
    assert await found(with_prefix("b", "y.")) == ["b/y.1", "b/y.2"]
    assert await found(in_partition("b", "z'")) == ["b/z'"]
    assert await found(Span("b", "c", "z")) == ["b/z'", "b.1/z'"]
    assert await found(in_partition("b.1", "z")) == ["b.1/z'"]
    assert await found(in_partition("a", only={"is": True})) == ["a/y.2"]
    assert await found(in_partition("a", only={"is": 1})) == []
    assert await found(in_partition("a", only={"was": True})) == []


async def test_a_span_reads_the_columns_it_names(table: Table) -> None:
    await table.write(write(Mode.INSERT, "r", a=1, b="x"), write(Mode.INSERT, "s", b="y"))
    span = replace(in_partition("p"), columns=("a", "c"))

    found = [row async for row in table.query(span)]

    assert [(row.row, row.values) for row in found] == [("r", {"a": 1}), ("s", {})]
    assert [row.etag for row in found] == [row.etag async for row in table.query(in_partition("p"))]


async def test_a_row_written_while_pages_are_read_may_be_found_and_a_deleted_one_is_not(
    table: Table,
) -> None:
    await table.write(*(write(Mode.INSERT, row) for row in "abcd"))
    found = []

    async for row in table.query(in_partition("p"), page_rows=2):
        found.append(row.row)
        if row.row == "a":
            await table.write(write(Mode.DELETE, "d"), write(Mode.INSERT, "e"))

    assert found == ["a", "b", "c", "e"]


async def test_opening_again_finds_the_tables_and_what_they_hold(
    connection: str, clock: HandClock
) -> None:
    for value in (1, 2):
        async with Stores.open(connection, clock, prefix="again") as opened:
            table = opened.log._table
            assert bool(await table.get("p", "r")) == (value == 2)
            await table.write(write(Mode.UPSERT, "r", a=value))


async def test_two_that_open_at_once_both_succeed(connection: str, clock: HandClock) -> None:
    async def use() -> None:
        async with Stores.open(connection, clock, prefix="twice") as opened:
            assert await opened.nodes.list("act-0000beef") == []

    await asyncio.gather(use(), use(), use())


def test_table_names_are_letters_so_that_azure_takes_them() -> None:
    assert all(name.isalpha() and name.islower() and len(name) > 2 for name in TABLES)


@pytest.fixture
async def nobody() -> AsyncIterator[Table]:
    """A store where nothing listens."""
    endpoint = f"http://127.0.0.1:{free_port()}/devstoreaccount1"
    text = f"AccountName=devstoreaccount1;AccountKey={KEY};TableEndpoint={endpoint}"
    async with service_client(text, retries=0) as service:
        yield AzureTable(service.get_table_client("log"))


async def test_a_store_that_does_not_answer_is_unavailable(nobody: Table) -> None:
    with pytest.raises(Unavailable):
        await nobody.get("p", "r")
    with pytest.raises(Unavailable):
        await nobody.write(write(Mode.UPSERT, "r"))
    with pytest.raises(Unavailable):
        await take(nobody, in_partition("p"), 1)


async def test_an_identity_is_taken_for_an_https_endpoint_only() -> None:
    class Nobody:
        async def get_token(self, *scopes: str, **options: object) -> object:
            raise AssertionError((scopes, options))

        async def close(self) -> None:
            pass

    async with service_client(Endpoint("https://x.table.core.windows.net", Nobody())) as service:  # type: ignore[arg-type]
        assert service.url == "https://x.table.core.windows.net"
    with pytest.raises(BadConnection, match="https"):
        service_client(Endpoint("http://127.0.0.1:1/x", Nobody()))  # type: ignore[arg-type]


async def test_the_development_store_is_the_emulator_on_its_own_port() -> None:
    async with service_client("UseDevelopmentStorage=true") as service:
        assert service.url == "http://127.0.0.1:10002/devstoreaccount1"


async def test_leaving_the_store_closes_its_connections(
    azurite_connection: str, clock: HandClock
) -> None:
    async with Stores.open(azurite_connection, clock, prefix="left") as opened:
        table = opened.log._table
        assert await table.get("p", "r") is None

    with pytest.raises(ValueError, match="already been closed"):
        await table.get("p", "r")
