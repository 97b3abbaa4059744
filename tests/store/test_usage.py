"""Hours and dollars are counted once, whatever happens to those who count."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.model.ids import NodeKey, node_key
from shared.model.run import Lifecycle, Status
from shared.model.usage import Rates, Running
from shared.policy.usage import running_of
from store.errors import Unavailable
from store.memory import Database
from store.stores import Stores
from store.usage import Days, Usage
from tests.store.interleaved import Interleaved
from tests.store.lossy import MemoryLine
from tests.store.worlds import NOON, HandClock, after, running

MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
EVER = (date(2026, 1, 1), date(2027, 12, 31))
HOUR_S = 3_600
RATES = Rates(usd_per_hour=0.02, od_usd_per_hour=0.1)


def vm(size: str = "standard_d2s_v5", lifecycle: Lifecycle = Lifecycle.SPOT, n: int = 1) -> Running:
    return Running(vm=f"/vm#{n}", lifecycle=lifecycle, size=size)


def hours(days: Days) -> dict[tuple[date, str, str], float]:
    found: Counter[tuple[date, str, str]] = Counter()
    for _, day, used in days:
        for one in used.used:
            found[day, one.lifecycle.value, one.size] += one.used_ms
    return {place: ms / 3_600_000 for place, ms in found.items()}


async def told(stores: Stores, key: NodeKey, at: datetime) -> dict[tuple[date, str, str], float]:
    return hours(await stores.usage.of_node(key, *EVER, at))


async def test_a_vm_counts_from_when_it_runs_to_when_it_does_not(
    stores: Stores, key: NodeKey
) -> None:
    await stores.usage.mark(key, vm(), NOON)
    await stores.usage.mark(key, None, after(2 * HOUR_S))

    found = await told(stores, key, after(9 * HOUR_S))

    assert found == {(NOON.date(), "SPOT", "standard_d2s_v5"): 2.0}


async def test_what_runs_still_counts_until_now(stores: Stores, key: NodeKey) -> None:
    await stores.usage.mark(key, vm(), NOON)

    assert sum((await told(stores, key, after(HOUR_S))).values()) == 1.0
    assert sum((await told(stores, key, after(3 * HOUR_S))).values()) == 3.0


async def test_a_repeat_counts_nothing_twice(stores: Stores, key: NodeKey) -> None:
    for _ in range(3):
        await stores.usage.mark(key, vm(), NOON)
    for late_s in (0, 60, 7_200):
        await stores.usage.mark(key, None, after(HOUR_S + late_s))

    assert sum((await told(stores, key, after(9 * HOUR_S))).values()) == 1.0


async def test_a_change_of_market_ends_one_interval_and_begins_another(
    stores: Stores, key: NodeKey
) -> None:
    await stores.usage.mark(key, vm(), NOON)
    await stores.usage.mark(key, vm(lifecycle=Lifecycle.OD, n=2), after(HOUR_S))
    await stores.usage.mark(key, None, after(3 * HOUR_S))

    found = await told(stores, key, after(9 * HOUR_S))

    today = NOON.date()
    assert found == {
        (today, "OD", "standard_d2s_v5"): 2.0,
        (today, "SPOT", "standard_d2s_v5"): 1.0,
    }


async def test_an_interval_is_cut_at_midnight_utc(stores: Stores, key: NodeKey) -> None:
    await stores.usage.mark(key, vm(), MIDNIGHT - timedelta(hours=1))
    await stores.usage.mark(key, None, MIDNIGHT + timedelta(hours=25))

    found = await told(stores, key, after(99 * HOUR_S))

    assert [found[place] for place in sorted(found)] == [1.0, 24.0, 1.0]


async def test_an_interval_of_months_is_closed_piece_by_piece(stores: Stores, key: NodeKey) -> None:
    began = NOON - timedelta(days=100)
    await stores.usage.mark(key, vm(), began)

    await stores.usage.mark(key, None, NOON)

    assert sum((await told(stores, key, after(HOUR_S))).values()) == 100 * 24


async def test_a_vm_counts_from_its_launch_even_if_that_is_told_late(
    stores: Stores, key: NodeKey
) -> None:
    await stores.usage.mark(key, vm(), NOON)
    launched = vm(n=2).model_copy(update={"since": after(2 * HOUR_S)})

    await stores.usage.mark(key, launched, after(3 * HOUR_S))

    assert sum((await told(stores, key, after(3 * HOUR_S))).values()) == 3.0


async def test_a_vm_that_was_down_counts_from_when_it_runs_again(
    stores: Stores, key: NodeKey
) -> None:
    same = vm().model_copy(update={"since": NOON})
    await stores.usage.mark(key, same, NOON)
    await stores.usage.mark(key, None, after(HOUR_S))

    await stores.usage.mark(key, same, after(5 * HOUR_S))

    assert sum((await told(stores, key, after(6 * HOUR_S))).values()) == 2.0


async def test_a_clock_that_goes_back_takes_nothing_back(stores: Stores, key: NodeKey) -> None:
    await stores.usage.mark(key, vm(), NOON)
    await stores.usage.mark(key, vm(n=2), after(HOUR_S))

    await stores.usage.mark(key, None, after(-HOUR_S))

    assert sum((await told(stores, key, after(9 * HOUR_S))).values()) == 1.0


async def test_rates_that_are_told_late_hold_for_the_whole_interval(
    stores: Stores, key: NodeKey
) -> None:
    await stores.usage.mark(key, vm(), NOON)
    await stores.usage.mark(key, vm(), after(HOUR_S), RATES)

    await stores.usage.mark(key, None, after(2 * HOUR_S))

    (_, _, day), *_ = await stores.usage.of_node(key, *EVER, after(9 * HOUR_S))
    (used,) = day.used
    assert used.priced_ms == used.used_ms
    assert used.cost_usd == pytest.approx(0.04)
    assert used.od_cost_usd == pytest.approx(0.2)


async def test_new_rates_count_from_when_they_are_told(stores: Stores, key: NodeKey) -> None:
    await stores.usage.mark(key, vm(), NOON, RATES)
    dear = Rates(usd_per_hour=1.0, od_usd_per_hour=2.0)
    await stores.usage.mark(key, vm(), after(HOUR_S), dear)

    found = await stores.usage.of_node(key, *EVER, after(2 * HOUR_S))

    assert sum(one.cost_usd for _, _, day in found for one in day.used) == pytest.approx(1.02)


async def test_what_has_no_price_is_hours_alone(stores: Stores, key: NodeKey) -> None:
    await stores.usage.mark(key, vm(), NOON)
    await stores.usage.mark(key, None, after(HOUR_S))

    (_, _, day), *_ = await stores.usage.of_node(key, *EVER, after(HOUR_S))

    assert (day.used[0].priced_ms, day.used[0].cost_usd) == (0, 0.0)


async def test_the_nodes_of_an_account_are_read_together_and_no_others(stores: Stores) -> None:
    for account, node in (("act-1", "a"), ("act-1", "b"), ("act-10", "c"), ("act-2", "d")):
        await stores.usage.mark(node_key(account, f"ssn-{node}"), vm(), NOON)

    found = await stores.usage.of_account("act-1", *EVER, after(HOUR_S))

    assert sorted(node for node, _, _ in found) == ["act-1.ssn-a", "act-1.ssn-b"]


async def test_only_the_days_asked_for_are_read(stores: Stores, key: NodeKey) -> None:
    await stores.usage.mark(key, vm(), MIDNIGHT - timedelta(hours=30))
    await stores.usage.mark(key, vm(n=2), MIDNIGHT + timedelta(hours=30))
    day = MIDNIGHT.date()

    found = await stores.usage.of_node(key, day, day, after(999 * HOUR_S))

    assert set(hours(found)) == {(day, "SPOT", "standard_d2s_v5")}


async def test_somebody_elses_close_in_between_is_met(stores: Stores, key: NodeKey) -> None:
    await stores.usage.mark(key, vm(), NOON)
    table = Interleaved(stores.usage._table, lambda: stores.usage.mark(key, None, after(HOUR_S)))

    await Usage(table).mark(key, None, after(HOUR_S + 5))

    assert sum((await told(stores, key, after(9 * HOUR_S))).values()) == 1.0


async def test_days_are_kept_for_a_time_and_then_forgotten(stores: Stores, key: NodeKey) -> None:
    other = node_key("act-9", "ssn-9")
    await stores.usage.mark(key, vm(), NOON - timedelta(days=3))
    await stores.usage.mark(key, None, NOON)
    await stores.usage.mark(other, vm(), NOON - timedelta(days=3))
    await stores.usage.mark(other, vm(n=2), NOON)

    dropped = [await stores.usage.purge(NOON.date(), nodes=1) for _ in range(3)]

    assert sum(dropped) == 6
    assert sum((await told(stores, key, NOON)).values()) == 12.0
    await stores.usage.purge(MIDNIGHT.date(), nodes=9)
    await stores.usage.purge(MIDNIGHT.date(), nodes=9)
    assert not await stores.usage.knows(key)
    assert await stores.usage.knows(other)


@pytest.mark.parametrize("status", Status)
def test_a_node_pays_while_its_vm_runs_or_is_on_its_way_down(status: Status) -> None:
    found = running_of(running().model_copy(update={"status": status}))

    ways_down = "ACTIVE PAUSE PAUSING RECYCLE RECYCLING STOPPING DEALLOCATE DEALLOCATING"
    assert (found is not None) == (status in ways_down.split())


def test_a_node_without_a_vm_pays_nothing() -> None:
    assert running_of(running().model_copy(update={"vm": None})) is None


@pytest.mark.parametrize("seed", range(20))
async def test_every_hour_is_counted_once_through_repeats_lost_replies_and_kills(
    seed: int, key: NodeKey
) -> None:
    """S109: hours by day, lifecycle and size add up to what has run, whatever happened."""
    dice = random.Random(seed)  # noqa: S311 - a seeded world
    kept, clock = Database(), HandClock(NOON)
    line = MemoryLine(kept, Stores(kept.table, clock))
    expected: Counter[tuple[date, str, str]] = Counter()
    state: Running | None = None
    async with line.open(patient=False) as stores:
        for step in range(30):
            sizes = ("standard_d2s_v5", "standard_d4s_v5")
            lifecycle = dice.choice([*Lifecycle])
            state = dice.choice((None, state, vm(dice.choice(sizes), lifecycle, step)))
            for _ in range(dice.randint(1, 3)):
                line.losses = dice.randint(0, 1)
                try:
                    await stores.usage.mark(key, state, clock.moment, RATES)
                except Unavailable:  # whoever wrote it never hears of it, or was killed
                    line.losses = 0
                    await stores.usage.mark(key, state, clock.moment, RATES)
            line.losses = 0
            for _ in range(dice.randint(0, 50)):
                if state:
                    expected[clock.moment.date(), state.lifecycle.value, state.size] += 1
                clock.moment += timedelta(hours=1)
        found = await told(line.direct, key, clock.moment)

    assert found == {place: float(count) for place, count in expected.items()}
