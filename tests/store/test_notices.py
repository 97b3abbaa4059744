import asyncio
from datetime import timedelta

from shared.model.ids import NodeKey, node_key
from shared.model.run import Notice, NoticeKind
from store.stores import Stores
from tests.store.worlds import NOON, VM_ID, after


def notice(event_id: str = "", occurred_s: float = 0, source: str = "event_grid") -> Notice:
    return Notice(
        kind=NoticeKind.EVICTED,
        source=source,
        vm_resource_id=VM_ID,
        occurred_at=after(occurred_s),
        heard_at=NOON,
        deadline=after(30),
        event_id=event_id,
        detail={"why": "Spot/Preempt #1?"},
    )


def ids(notices: list[Notice]) -> list[str]:
    return [one.event_id for one in notices]


async def test_a_notice_reads_back_with_its_place_in_the_order(
    stores: Stores, key: NodeKey
) -> None:
    assert await stores.notices.add(key, notice("e-1"))

    (heard,) = await stores.notices.since(key, "")

    assert heard.key
    assert heard.model_copy(update={"key": ""}) == notice("e-1")


async def test_the_same_event_delivered_again_is_one_row(stores: Stores, key: NodeKey) -> None:
    again = notice("e-1").model_copy(update={"heard_at": after(500)})

    answers = [await stores.notices.add(key, one) for one in (notice("e-1"), notice("e-1"), again)]

    assert answers == [True, False, False]
    assert ids(await stores.notices.since(key, "")) == ["e-1"]


async def test_without_an_event_id_what_where_and_when_tell_events_apart(
    stores: Stores, key: NodeKey
) -> None:
    again = notice().model_copy(update={"vm_resource_id": VM_ID.upper()})
    heard = [notice(), again, notice(occurred_s=1), notice(source="agent")]

    answers = [await stores.notices.add(key, one) for one in heard]

    assert answers == [True, False, True, True]


async def test_a_notice_that_comes_hours_late_is_still_new_to_its_reader(
    stores: Stores, key: NodeKey
) -> None:
    await stores.notices.add(key, notice("e-1", occurred_s=7_200))
    (read,) = await stores.notices.since(key, "")
    late = notice("e-2").model_copy(update={"heard_at": NOON - timedelta(hours=9)})

    await stores.notices.add(key, late)

    assert ids(await stores.notices.since(key, read.key)) == ["e-2"]


async def test_a_reader_who_goes_on_from_the_last_key_misses_nothing_and_repeats_nothing(
    stores: Stores, key: NodeKey
) -> None:
    heard: list[str] = []
    place = ""
    for n in range(12):
        await stores.notices.add(key, notice(f"e-{n}"))
        if n % 5 == 0:
            new = await stores.notices.since(key, place)
            heard += ids(new)
            place = new[-1].key

    assert heard + ids(await stores.notices.since(key, place)) == [f"e-{n}" for n in range(12)]


async def test_writers_at_once_each_get_their_own_place(stores: Stores, key: NodeKey) -> None:
    events = [f"e-{n % 8}" for n in range(16)]

    answers = await asyncio.gather(*(stores.notices.add(key, notice(one)) for one in events))

    heard = await stores.notices.since(key, "")
    assert sum(answers) == len({one.key for one in heard}) == 8
    assert sorted(ids(heard)) == sorted(set(events))


async def test_a_nodes_notices_are_its_own(stores: Stores, key: NodeKey) -> None:
    other = node_key("act-0000beef", "ssn-00000002")
    assert await stores.notices.add(key, notice("e-1"))

    assert await stores.notices.since(other, "") == []
    assert await stores.notices.add(other, notice("e-1"))
