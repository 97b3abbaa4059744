import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from random import Random

import pytest

from shared.model.run import DueItem, DueKind
from store.due import SHARDS, DueIndex
from store.rows import Span, Stored
from store.stores import Stores
from tests.store.worlds import NOON, HandClock, after

MINUTE = 60


def item(due_at: datetime, node: str = "ssn-00000001", name: str = "") -> DueItem:
    return DueItem(
        account_id="act-0000beef",
        node_id=node,
        kind=DueKind.CAPACITY_RETRY,
        item_id=name,
        due_at=due_at,
        schedule_version=3,
    )


def plain(items: list[DueItem]) -> list[DueItem]:
    return [DueItem(**one.model_dump(include=set(DueItem.model_fields))) for one in items]


async def due(stores: Stores, now: datetime) -> list[DueItem]:
    return plain([*await stores.due.read_due(now)])


async def test_an_item_is_read_when_it_is_due_and_not_before(stores: Stores) -> None:
    await stores.due.add(item(after(300)))

    assert await due(stores, after(299.9)) == []
    assert await due(stores, after(300)) == [item(after(300))]


async def test_items_come_oldest_first_from_all_shards(stores: Stores) -> None:
    items = [item(after(120 + n), f"ssn-{n:08x}") for n in range(2 * SHARDS)]
    for one in reversed(items):
        await stores.due.add(one)

    assert await due(stores, after(300)) == items


async def test_two_items_of_a_node_in_one_minute_both_survive(stores: Stores) -> None:
    items = [
        item(after(305)),
        item(after(310)),
        item(after(310), name="disk/1"),
        item(after(310)).model_copy(update={"kind": DueKind.OP_WATCH}),
    ]
    for one in items:
        await stores.due.add(one)

    assert sorted(await due(stores, after(360)), key=str) == sorted(items, key=str)


async def test_an_item_stays_due_until_it_is_done(stores: Stores) -> None:
    await stores.due.add(item(after(120)))
    (first,) = await stores.due.read_due(after(120))
    await stores.due.advance(after(120))
    (again,) = await stores.due.read_due(after(180))

    await stores.due.done(again)

    assert again == first
    assert await due(stores, after(240)) == []


async def test_an_item_done_twice_is_done(stores: Stores) -> None:
    stored = await stores.due.add(item(after(120)))

    await stores.due.done(stored)
    await stores.due.done(stored)
    await stores.due.done(item(after(999)))

    assert await due(stores, after(120)) == []


@pytest.mark.parametrize("due_s", [-86_400, -1, 0, 59, 60, 3_600])
async def test_an_item_is_done_by_its_words_alone(
    stores: Stores, clock: HandClock, due_s: float
) -> None:
    await stores.due.add(item(after(due_s)))
    clock.moment = after(150)

    await stores.due.done(item(after(due_s)))

    assert await due(stores, after(7_200)) == []


async def test_doing_one_item_leaves_its_neighbours(stores: Stores) -> None:
    for one in (item(after(120)), item(after(121)), item(after(120), name="x")):
        await stores.due.add(one)

    await stores.due.done(item(after(120)))

    assert await due(stores, after(180)) == [item(after(120), name="x"), item(after(121))]


async def test_what_is_due_at_once_is_read_at_once(stores: Stores) -> None:
    await stores.due.add(item(after(-5)))
    await stores.due.add(item(NOON))

    assert await due(stores, NOON) == [item(after(-5)), item(NOON)]


@pytest.mark.parametrize("second", [0, 1, 30, 59, 59.999999])
async def test_nothing_enters_a_minute_that_may_have_been_read(
    stores: Stores, clock: HandClock, second: float
) -> None:
    clock.moment = after(second)
    read_until = after(second).replace(second=0, microsecond=0)

    stored = await stores.due.add(item(after(second + 3)))

    (partition,) = stored.partitions
    assert partition.split("!")[1] > read_until.strftime("%Y%m%d%H%M")


async def test_an_item_added_right_after_a_tick_is_found_by_the_next(
    stores: Stores, clock: HandClock
) -> None:
    await stores.due.read_due(after(30))
    await stores.due.advance(after(30))
    clock.moment = after(30)
    await stores.due.add(item(after(31)))

    assert await due(stores, after(90)) == [item(after(31))]


async def test_a_write_that_took_ten_minutes_to_land_is_still_found(
    stores: Stores, clock: HandClock
) -> None:
    await stores.due.advance(after(600))
    clock.moment = NOON  # when the writer chose the row's minute

    await stores.due.add(item(after(1)))

    assert await due(stores, after(660)) == [item(after(1))]


async def test_what_fell_due_during_a_long_outage_is_caught_up(
    stores: Stores, clock: HandClock
) -> None:
    await stores.due.advance(NOON)
    items = [item(NOON + timedelta(hours=hours)) for hours in (1, 30, 24 * 40)]
    for one in items:
        await stores.due.add(one)
    clock.moment = NOON + timedelta(days=60)

    assert await due(stores, clock.now()) == items


async def test_before_the_first_tick_everything_is_read(stores: Stores, clock: HandClock) -> None:
    await stores.due.add(item(after(1)))
    clock.moment = NOON + timedelta(days=365)

    assert await due(stores, clock.now()) == [item(after(1))]


async def test_the_watermark_outlives_the_index_and_never_goes_back(
    stores: Stores, clock: HandClock
) -> None:
    await stores.due.add(item(after(1)))
    await stores.due.advance(after(7_200))
    await stores.due.advance(after(60))

    reopened = DueIndex(stores.due._table, clock)

    assert await reopened.read_due(after(7_200)) == []


async def test_a_moved_item_is_due_later_and_only_then(stores: Stores) -> None:
    await stores.due.add(item(after(120)))
    (found,) = await stores.due.read_due(after(120))

    await stores.due.moved(found, after(150))

    assert await due(stores, after(149)) == []
    assert await due(stores, after(150)) == [item(after(150))]


async def test_an_item_moved_to_where_it_was_stays(stores: Stores) -> None:
    stored = await stores.due.add(item(after(120)))

    await stores.due.moved(stored, after(120))

    assert await due(stores, after(120)) == [item(after(120))]


async def test_an_item_added_twice_a_minute_apart_is_read_once_and_done_once(
    stores: Stores, clock: HandClock
) -> None:
    await stores.due.add(item(after(5)))
    clock.moment = after(61)
    await stores.due.add(item(after(5)))

    (found,) = await stores.due.read_due(after(180))
    await stores.due.done(found)

    assert len(found.partitions) == 2
    assert await due(stores, after(180)) == []


async def test_each_shard_is_read_by_one_range_of_its_own_and_no_more(stores: Stores) -> None:
    spans: list[Span] = []
    table = stores.due._table

    class Watched:
        get, write = table.get, table.write

        def query(self, span: Span, page_rows: int = 1_000) -> AsyncIterator[Stored]:
            spans.append(span)
            return table.query(span, page_rows)

    watched = DueIndex(Watched(), HandClock(NOON))
    await watched.advance(after(60 * MINUTE))
    await watched.read_due(after(65 * MINUTE))

    assert [(s.partition_low, s.partition_high) for s in spans] == [
        (f"{n:02d}!202611231250", f"{n:02d}!202611231307") for n in range(SHARDS)
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_over_a_life_of_late_writes_and_outages_nothing_is_lost_and_nothing_is_early(
    stores: Stores, clock: HandClock, seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - a seeded world
    present = NOON
    owed: set[DueItem] = set()
    for number in range(50):
        present += timedelta(seconds=random.choice([5, 61, 170, 20_000]))
        late_s = random.choice([0, 0, 30, 599])
        clock.moment = present - timedelta(seconds=late_s)  # when the writer chose the minute
        due_at = clock.moment + timedelta(seconds=random.choice([-900, 0, 45, 60, 300, 30_000]))
        added = item(due_at, f"ssn-{random.randrange(8):08x}", str(number))
        await stores.due.add(added)
        owed.add(added)
        clock.moment = present
        found = await stores.due.read_due(present)

        assert {*plain([*found])} == {one for one in owed if one.due_at <= present}

        await asyncio.gather(*(stores.due.done(one) for one in found))
        await stores.due.advance(present)
        owed -= {*plain([*found])}
