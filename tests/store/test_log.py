from datetime import timedelta

from shared.model.ids import NodeKey
from shared.model.run import LogEntry
from store.stores import Stores
from tests.store.worlds import NOON, after

LATER = after(86_400)


def entry(message: str, at_s: float = 0, severity: str = "INFO") -> LogEntry:
    return LogEntry(at=after(at_s), message=message, severity=severity)


async def messages(stores: Stores, key: NodeKey, limit: int = 500) -> list[str]:
    return [one.message for one in await stores.log.read(key, NOON, LATER, limit)]


async def test_the_newest_entry_comes_first(stores: Stores, key: NodeKey) -> None:
    await stores.log.write(key, [entry("a", 1), entry("b", 2)])
    await stores.log.write(key, [entry("c", 1.5)])

    assert await messages(stores, key) == ["b", "c", "a"]


async def test_entries_of_one_moment_all_stay_in_the_order_they_were_written(
    stores: Stores, key: NodeKey
) -> None:
    told = [str(n) for n in range(150)]

    await stores.log.write(key, [entry(one) for one in told])

    assert await messages(stores, key) == told[::-1]


async def test_entries_of_one_moment_from_two_calls_all_stay(stores: Stores, key: NodeKey) -> None:
    await stores.log.write(key, [entry("a")])
    await stores.log.write(key, [entry("b")])

    first = await messages(stores, key)

    assert sorted(first) == ["a", "b"]
    assert await messages(stores, key) == first


async def test_entries_written_again_appear_once(stores: Stores, key: NodeKey) -> None:
    for _ in range(2):
        await stores.log.write(key, [entry("a"), entry("a"), entry("b", 1)])

    assert await messages(stores, key) == ["b", "a", "a"]


async def test_the_span_includes_both_its_ends(stores: Stores, key: NodeKey) -> None:
    await stores.log.write(key, [entry(str(n), n) for n in range(5)])

    found = await stores.log.read(key, after(1), after(3))

    assert [one.message for one in found] == ["3", "2", "1"]
    narrow = timedelta(microseconds=1)
    found = await stores.log.read(key, after(1) + narrow, after(3) - narrow)
    assert [one.message for one in found] == ["2"]


async def test_a_limit_keeps_the_newest(stores: Stores, key: NodeKey) -> None:
    await stores.log.write(key, [entry(str(n), n) for n in range(5)])

    assert await messages(stores, key, limit=2) == ["4", "3"]
    assert await messages(stores, key, limit=0) == []


async def test_a_severity_filters(stores: Stores, key: NodeKey) -> None:
    await stores.log.write(key, [entry("a", 1), entry("b", 2, "ERROR"), entry("c", 3)])

    found = await stores.log.read(key, NOON, LATER, severity="ERROR")

    assert [one.message for one in found] == ["b"]


async def test_large_decisions_read_back_whole(stores: Stores, key: NodeKey) -> None:
    data: dict[str, object] = {"excluded": [{"size": "é" * 100, "n": n} for n in range(500)]}
    decisions = [
        LogEntry(at=after(n), message="decided", resource_id="/r", data=data) for n in range(12)
    ]

    await stores.log.write(key, decisions)

    assert await stores.log.read(key, NOON, LATER) == decisions[::-1]


async def test_writing_nothing_is_fine(stores: Stores, key: NodeKey) -> None:
    await stores.log.write(key, [])

    assert await messages(stores, key) == []
