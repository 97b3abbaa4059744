"""What the tables in memory do beyond the contract that Azurite holds, too."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from shared.model.ids import NodeKey
from store.errors import BadConnection, TooLarge, Unavailable
from store.memory import (
    SECRETS,
    Call,
    Database,
    Lost,
    MemorySecrets,
    Verb,
    database,
    forget,
)
from store.rows import RETRIES, Mode, Write, in_partition
from store.secrets import secrets_at
from store.stores import TABLES, Stores
from tests.store.nodes_at import created
from tests.store.worlds import HandClock

NAME = "world-7"


@pytest.fixture
def kept() -> Iterator[Database]:
    yield database(NAME)
    forget(NAME)


def insert(row: str) -> Write:
    return Write(Mode.INSERT, "p", row, {"a": row})


async def test_who_opens_again_finds_what_was_kept_until_it_is_forgotten(
    kept: Database, clock: HandClock, key: NodeKey
) -> None:
    async with Stores.open(f"memory:{NAME}", clock) as before:
        await created(before, key)

    async with Stores.open(f"memory:{NAME}", clock) as after:
        assert await after.nodes.get(key)
    assert [row.row for row in kept.rows()["nodes"]] == ["doc", "op", "run"]
    assert set(kept.rows()) == set(TABLES)

    forget(NAME)
    async with Stores.open(f"memory:{NAME}", clock) as anew:
        assert await anew.nodes.get(key) is None


async def test_databases_do_not_share_rows(clock: HandClock, key: NodeKey) -> None:
    async with (
        Stores.open("memory:one", clock) as one,
        Stores.open("memory:two", clock) as two,
    ):
        await created(one, key)
        assert await two.nodes.get(key) is None
    forget("one")
    forget("two")


async def test_a_scheme_without_a_name_is_refused(clock: HandClock) -> None:
    with pytest.raises(BadConnection, match="needs the name"):
        async with Stores.open("memory:", clock):
            pass
    with pytest.raises(BadConnection, match="needs the name"):
        secrets_at("memory:")


async def test_the_same_calls_give_the_same_rows_and_etags() -> None:
    async def filled() -> Database:
        one = Database()
        table = one.table("log")
        await table.write(insert("b"), insert("a"))
        await table.write(Write(Mode.MERGE, "p", "a", {"b": 2}))
        await table.write(Write(Mode.DELETE, "p", "b"))
        return one

    first, second = await filled(), await filled()

    assert first.rows() == second.rows()
    assert [row.values for row in first.rows()["log"]] == [{"a": "a", "b": 2}]


async def test_a_merge_that_would_make_a_row_too_large_is_refused_though_azurite_takes_it(
    kept: Database,
) -> None:
    table = kept.table("log")
    await table.write(Write(Mode.INSERT, "p", "r", {f"a{n}": 1 for n in range(200)}))

    with pytest.raises(TooLarge):
        await table.write(Write(Mode.MERGE, "p", "r", {f"b{n}": 1 for n in range(53)}))

    stored = await table.get("p", "r")
    assert stored
    assert len(stored.values) == 200


async def test_a_hook_sees_each_call_and_each_page(kept: Database) -> None:
    calls = []

    async def see(call: Call) -> None:
        calls.append(call)

    kept.before = see
    table = kept.table("log")
    await table.write(insert("a"), insert("b"), insert("c"))
    await table.get("p", "a")
    assert len([row async for row in table.query(in_partition("p"), page_rows=2)]) == 3
    await kept.secrets.put("x", SecretStr("1"))

    assert calls == [
        Call("log", Verb.WRITE, "p", ("a", "b", "c")),
        Call("log", Verb.GET, "p", ("a",)),
        Call("log", Verb.QUERY, "p"),
        Call("log", Verb.QUERY, "p"),
        Call(SECRETS, Verb.WRITE, "", ("x",)),
    ]


@pytest.mark.parametrize(("when", "written"), [("before", False), ("after", True)])
async def test_what_a_hook_raises_reaches_the_caller_before_or_after_the_write(
    kept: Database, when: str, *, written: bool
) -> None:
    async def fail(call: Call) -> None:
        if call.verb is Verb.WRITE:
            raise Unavailable("the store is out")

    setattr(kept, when, fail)
    table = kept.table("log")

    with pytest.raises(Unavailable, match="out"):
        await table.write(insert("a"))

    assert bool(await table.get("p", "a")) == written


async def test_a_call_that_is_lost_each_time_is_unavailable(kept: Database) -> None:
    tries = []

    async def lose(call: Call) -> None:
        tries.append(call)
        raise Lost

    kept.before = lose

    with pytest.raises(Unavailable):
        await kept.table("log").get("p", "a")
    assert len(tries) == 1 + RETRIES


async def test_secrets_in_memory_are_those_of_the_database(kept: Database) -> None:
    secrets = secrets_at(f"memory:{NAME}")
    assert isinstance(secrets, MemorySecrets)

    await secrets.put("b", SecretStr("1"))
    await secrets.put("a", SecretStr("2"))
    await secrets_at(f"memory:{NAME}").delete("b")
    await secrets.delete("b")

    assert kept.secrets.names() == ("a",)
    assert await kept.secrets.get("a") == SecretStr("2")
    assert await kept.secrets.get("b") is None
