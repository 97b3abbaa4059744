from collections.abc import Mapping

import pytest

from store.errors import TooLarge
from store.limits import ENTITY_BYTES_MAX, entity_bytes, require_writable
from store.rows import Mode, Table, Value, Write, in_partition
from store.stores import Stores


@pytest.fixture
def table(stores: Stores) -> Table:
    return stores.log._table


def write(row: str = "r", values: Mapping[str, Value] | None = None) -> Write:
    return Write(Mode.UPSERT, "p", row, values or {})


def properties(count: int, characters: int = 0) -> dict[str, Value]:
    return {f"p{n}": "x" * characters for n in range(count)}


TOO_LARGE = {
    "a row over 1 MiB": [write("r", properties(17, 32_000))],
    "253 properties": [write("r", properties(253))],
    "a text over 64 KiB": [write("r", {"text": "x" * 32_769})],
    "a text over 64 KiB of surrogate pairs": [write("r", {"text": "\U0001f680" * 16_385})],
    "a key over 1 KiB": [write("r" * 513)],
    "a transaction over 4 MiB": [write(str(n), properties(15, 32_000)) for n in range(5)],
}
NO_WRITE = {
    "nothing": [],
    "101 writes": [write(f"{n}") for n in range(101)],
    "two partitions": [write(), Write(Mode.UPSERT, "q", "r")],
    "one row twice": [write(), write()],
    "a slash in a key": [write("a/b")],
    "a backslash in a key": [write("a\\b")],
    "a hash in a key": [write("a#b")],
    "a question mark in a key": [write("a?b")],
    "a control character in a key": [write("a\nb")],
    "a late control character in a key": [write("a\x85b")],
    "a property named as a key": [write("r", {"RowKey": "x"})],
    "a property that is no identifier": [write("r", {"a-b": "x"})],
    "a property with a long name": [write("r", {"a" * 256: "x"})],
    "a number over 32 bits": [write("r", {"count": 2**31})],
    "an ETag that nothing is compared with": [Write(Mode.INSERT, "p", "r", {}, "etag")],
}


@pytest.mark.parametrize("writes", TOO_LARGE.values(), ids=TOO_LARGE)
async def test_more_than_azure_takes_is_refused_and_not_written(
    table: Table, writes: list[Write]
) -> None:
    with pytest.raises(TooLarge):
        await table.write(*writes)

    assert [row async for row in table.query(in_partition("p"))] == []


@pytest.mark.parametrize("writes", NO_WRITE.values(), ids=NO_WRITE)
async def test_what_no_table_takes_is_a_bug_and_not_written(
    table: Table, writes: list[Write]
) -> None:
    with pytest.raises(ValueError, match=r"row|writes"):
        await table.write(*writes)

    assert [row async for row in table.query(in_partition("p"))] == []


AT_THE_LIMIT = {
    "252 properties": [write("r", properties(252))],
    "a text of 64 KiB": [write("r", {"text": "x" * 32_768})],
    "a text of 64 KiB of surrogate pairs": [write("r", {"text": "\U0001f680" * 16_384})],
    "keys of 1 KiB": [Write(Mode.UPSERT, "p" * 512, "r" * 512)],
    "a name of 255 characters": [write("r", {"a" * 255: "x"})],
    "the greatest number": [write("r", {"count": 2**31 - 1})],
    "100 writes": [write(f"{n}") for n in range(100)],
    "15 texts": [write("r", properties(15, 32_000))],
}


@pytest.mark.parametrize("writes", AT_THE_LIMIT.values(), ids=AT_THE_LIMIT)
async def test_as_much_as_azure_takes_is_written(table: Table, writes: list[Write]) -> None:
    await table.write(*writes)

    for one in writes:
        stored = await table.get(one.partition, one.row)
        assert stored
        assert stored.values == one.values


def test_the_size_of_a_row_is_counted_as_azure_does() -> None:
    values: dict[str, Value] = {"text": "\u00e9\u20ac", "truth": True, "count": 7}

    assert entity_bytes("pk", "row", values) == (
        (4 + 2 * 5) + (8 + 8 + 4 + 4) + (8 + 10 + 1) + (8 + 10 + 8)
    )
    assert ENTITY_BYTES_MAX == 1024 * 1024


def test_a_refusal_names_the_row_and_the_limit() -> None:
    with pytest.raises(TooLarge, match="row p/r has 253 properties; at most 252"):
        require_writable((write("r", properties(253)),))
