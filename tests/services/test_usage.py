"""The look at the fleet keeps usage true."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from azure.core.exceptions import HttpResponseError

from services.fleet import Sight
from services.retention import Retention
from services.usage import UsageWatch
from shared.model.facts import Price
from shared.model.ids import NodeKey
from shared.model.run import Lifecycle, NoticeKind, OperationKind, Status
from shared.model.usage import Used
from tests.services.house import ACCOUNT, House, opened_house

SPOT, OD = Lifecycle.SPOT, Lifecycle.OD
PRICES = (
    Price(size="standard_d2s_v5", lifecycle=SPOT, usd_per_hour=0.02),
    Price(size="standard_d2s_v5", lifecycle=OD, usd_per_hour=0.1),
)


class Retail:
    """Prices that a test tells; `down` has none."""

    def __init__(self) -> None:
        self.down = False
        self.prices = PRICES

    async def of_region(self, _region: str, _system: str) -> tuple[Price, ...]:
        if self.down:
            raise HttpResponseError("no list today")
        return self.prices


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with opened_house() as opened:
        yield opened


async def look(house: House, retail: Retail | None = None, minutes: int = 1) -> None:
    """Look at the fleet, each minute."""
    watch = UsageWatch(house.stores, house.clock, (retail or Retail()).of_region)
    for _ in range(minutes):
        nodes = await house.stores.nodes.list(ACCOUNT)
        await watch.watch(Sight(nodes, {}, house.clock.now()), house.starts)
        house.clock.moment += timedelta(minutes=1)


async def used(house: House, key: NodeKey) -> list[Used]:
    now = house.clock.now()
    found = await house.stores.usage.of_node(key, now.date(), now.date(), now)
    return [one for _, _, day in found for one in day.used]


async def minutes(house: House, key: NodeKey) -> int:
    return round(sum(one.used_ms for one in await used(house, key)) / 60_000)


async def test_a_vm_that_nobody_told_of_is_found_and_counts_from_its_launch(house: House) -> None:
    key = await house.lives()
    house.clock.moment += timedelta(minutes=2)

    await look(house)

    assert await minutes(house, key) == 4


async def test_prices_are_known_with_the_first_look(house: House) -> None:
    key = await house.lives()

    await look(house)

    (one,) = await used(house, key)
    assert one.priced_ms == one.used_ms
    assert (one.cost_usd, one.od_cost_usd) == pytest.approx((0.02 / 30, 0.1 / 30))


async def test_without_prices_hours_count_and_prices_come_when_they_are_there(
    house: House,
) -> None:
    key, retail = await house.lives(), Retail()
    retail.down = True
    await look(house, retail)
    assert [one.priced_ms for one in await used(house, key)] == [0]

    retail.down = False
    await look(house, retail)

    (one,) = await used(house, key)
    assert one.priced_ms == one.used_ms > 0


async def test_every_node_is_looked_at_once_an_hour(house: House) -> None:
    keys = [await house.lives(number) for number in range(1, 9)]
    house.clock.moment += timedelta(hours=3)

    await look(house, minutes=60)

    assert [bool(await used(house, key)) for key in keys] == [True] * len(keys)


async def test_a_node_that_an_operation_holds_is_left_to_it(house: House) -> None:
    key = await house.lives()
    record = await house.node(key)
    assert await house.stores.nodes.lock(record, house.operations.make(key, OperationKind.PAUSE))

    await look(house)

    assert await used(house, key) == []


async def test_an_eviction_and_a_stop_end_what_counts(house: House) -> None:
    evicted, stopped = await house.lives(1), await house.lives(2)
    await look(house)
    for key, kind in ((evicted, NoticeKind.EVICTED), (stopped, NoticeKind.STOPPED_BY_USER)):
        await house.goes_down(key)
        await house.hears(key, kind, actor="ada@example.org")
    before = [await minutes(house, key) for key in (evicted, stopped)]

    house.clock.moment += timedelta(hours=1)

    assert [await minutes(house, key) for key in (evicted, stopped)] == before
    assert await house.status(stopped) is Status.STOPPED


async def test_a_vm_that_somebody_starts_again_counts_again(house: House) -> None:
    key = await house.lives()
    await look(house)
    await house.goes_down(key)
    await house.hears(key, NoticeKind.STOPPED_BY_USER, actor="ada@example.org")
    before = await minutes(house, key)
    house.clock.moment += timedelta(minutes=30)
    house.azure.shows(await house.vm(key), "running")
    await house.hears(key, NoticeKind.STARTED_BY_USER, actor="ada@example.org")

    house.clock.moment += timedelta(minutes=7)

    assert await minutes(house, key) == before + 7


async def test_a_look_writes_nothing_where_all_is_known(house: House) -> None:
    key = await house.lives()
    await look(house)
    before = await house.stores.usage._seen(key)

    await look(house, minutes=60)

    assert await house.stores.usage._seen(key) == before


async def test_retention_drops_days_of_usage_once_they_are_old(house: House) -> None:
    key = await house.lives()
    await look(house)
    began = house.clock.now()
    house.clock.moment += timedelta(days=405)
    await house.stores.usage.mark(key, None, house.clock.now())
    kept_from = (house.clock.now() - timedelta(days=400)).date()

    for hour in range(24):
        house.clock.moment = house.clock.moment.replace(hour=hour)
        await Retention(house.stores, house.clock).purge()

    days = await house.stores.usage.of_node(key, began.date(), kept_from, house.clock.now())
    assert {day for _, day, _ in days} == {kept_from}
