"""What nodes used and cost, as clients of the published API read it."""

from datetime import timedelta
from typing import Any

import pytest

from local.worlds.inprocess import InProcess
from local.worlds.options import Options
from shared.model.ids import node_key
from shared.model.run import Lifecycle
from shared.model.usage import Rates, Running
from store.stores import Stores
from tests.api import in_memory
from tests.api.harness import ACCOUNT, OTHER_ACCOUNT, PATH, Api
from tests.api.test_openapi import conforms
from tests.store.worlds import NOON, HandClock
from tests.unit.model.documents import body
from tests.virtual.support import active_node, reach, tell

stores = in_memory.stores
SPOT, OD = Lifecycle.SPOT, Lifecycle.OD
CHEAP = Rates(usd_per_hour=0.02, od_usd_per_hour=0.1)
DEAR = Rates(usd_per_hour=0.1, od_usd_per_hour=0.1)
DAYS = "fromDate=2026-11-22&toDate=2026-11-24"
TODAY, TOMORROW = "2026-11-23T00:00:00.000Z", "2026-11-24T00:00:00.000Z"
HOUR = timedelta(hours=1)


def vm(lifecycle: Lifecycle, size: str = "standard_d4s_v5", number: int = 1) -> Running:
    return Running(vm=f"/vm#{number}", lifecycle=lifecycle, size=size)


@pytest.fixture
async def used(stores: Stores, clock: HandClock) -> None:
    """Let node 1 run on Spot, on demand and still on Spot, and node 2 of another account run."""
    key = node_key(ACCOUNT, "ssn-00000001")
    await stores.usage.mark(key, vm(SPOT), NOON, CHEAP)
    await stores.usage.mark(key, vm(OD, number=2), NOON + 10 * HOUR, DEAR)
    await stores.usage.mark(key, vm(SPOT, number=3), NOON + 13 * HOUR, CHEAP)
    other = node_key(OTHER_ACCOUNT, "ssn-00000002")
    await stores.usage.mark(other, vm(OD), NOON, DEAR)
    clock.moment = NOON + 14 * HOUR


async def items(api: Api, path: str, query: str = DAYS) -> list[dict[str, Any]]:
    found = await api.call("GET", f"{PATH}/{path}?{query}")
    assert found.status == 200, found.body
    return found.items


@pytest.mark.usefixtures("used")
async def test_hours_and_dollars_of_a_node_add_up(api: Api) -> None:
    """S109: costs of a node or of all, in all and by day."""
    for query in (DAYS, f"{DAYS}&ownerId=ssn-00000001"):
        assert await items(api, "cost", query) == [
            {
                "usage": {"spot": {"hours": 11.0}, "od": {"hours": 3.0}},
                "cost": {"odCost": 0.3, "spotPotentialCost": 1.1, "spotActualCost": 0.22},
            }
        ]


@pytest.mark.usefixtures("used")
async def test_each_day_stands_at_both_levels(api: Api) -> None:
    """S109: costs by day."""
    found = await items(api, "cost/daily")

    assert [one["day"] for one in found] == [TODAY, TOMORROW]
    assert [one["cost"]["day"] for one in found] == [TODAY, TOMORROW]
    assert [one["usage"]["od"]["hours"] for one in found] == [2.0, 1.0]
    assert sum(one["usage"]["spot"]["hours"] for one in found) == 11.0


@pytest.mark.usefixtures("used")
async def test_sizes_that_ran_are_told_by_day_with_their_vcpus(api: Api) -> None:
    """S109: VM sizes by day."""
    found = await items(api, "sizeUsage/daily")

    assert found == [
        {"day": day, "cpus": 4, "lifeCycle": lifecycle, "vmSize": "standard_d4s_v5"}
        for day in (TODAY, TOMORROW)
        for lifecycle in ("od", "spot")
    ]


@pytest.mark.usefixtures("used")
async def test_answers_conform_to_the_document(api: Api) -> None:
    for path, answer in (
        ("cost", "CostAnswer"),
        ("cost/daily", "DailyCostAnswer"),
        ("sizeUsage/daily", "DailySizeUsageAnswer"),
    ):
        conforms((await api.call("GET", f"{PATH}/{path}?{DAYS}")).body, answer)


@pytest.mark.usefixtures("used")
async def test_only_the_days_asked_for_count_and_both_count_whole(api: Api) -> None:
    one_day = "fromDate=2026-11-24T18:00:00Z&toDate=1795564799000"  # 2026-11-24T23:59:59Z

    (found,) = await items(api, "cost", one_day)

    assert found["usage"] == {"spot": {"hours": 1.0}, "od": {"hours": 1.0}}


async def test_a_node_that_never_ran_has_used_nothing(api: Api) -> None:
    node_id = await api.created(body())

    (found,) = await items(api, "cost", f"{DAYS}&ownerId={node_id}")

    assert found["usage"] == {"spot": {"hours": 0.0}, "od": {"hours": 0.0}}
    assert await items(api, "cost/daily", f"{DAYS}&ownerId={node_id}") == []
    assert await items(api, "sizeUsage/daily") == []


@pytest.mark.usefixtures("used")
@pytest.mark.parametrize("path", ["cost", "cost/daily", "sizeUsage/daily"])
async def test_an_unknown_owner_and_one_of_another_account_are_told_in_both_codes(
    api: Api, path: str
) -> None:
    for owner in ("ssn-00000009", "ssn-00000002", "nonsense/../\u2028"):
        found = await api.call("GET", f"{PATH}/{path}?{DAYS}&ownerId={owner}")

        assert found.codes == ["GROUP_DOESNT_EXIST", "STATEFUL_NODE_DOES_NOT_EXIST"]


@pytest.mark.parametrize("path", ["cost", "cost/daily", "sizeUsage/daily"])
@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("", ["fromDate", "toDate"]),
        ("fromDate=2026", ["fromDate", "toDate"]),
        ("fromDate=tomorrow&toDate=2026-11-24", ["fromDate"]),
        ("fromDate=2026-11-24&toDate=2026-11-23", ["fromDate"]),
        (f"fromDate={'9' * 5_000}&toDate={'9' * 19}", ["fromDate", "toDate"]),
    ],
)
async def test_bad_dates_are_refused_by_name(
    api: Api, path: str, query: str, fields: list[str]
) -> None:
    found = await api.call("GET", f"{PATH}/{path}?{query}")

    assert (found.status, found.fields) == (400, fields)


def test_a_node_that_lives_pays_for_the_hours_that_its_vm_ran() -> None:
    """S109: three hours of running, an hour of rest: three hours, with their price."""

    async def story(world: InProcess) -> dict[str, Any]:
        node_id = await active_node(world)
        await world.sleep(3 * 3_600)
        await world.api("PUT", f"{PATH}/{node_id}/state", {"state": "pause"})
        await reach(world, node_id, "PAUSED")
        await world.sleep(3_600)
        days = "fromDate=2026-02-01&toDate=2026-03-30"
        return (await world.api("GET", f"{PATH}/cost?{days}")).items[0]

    found = tell(story, options=Options(events=False))

    hours, cost = found["usage"]["spot"]["hours"], found["cost"]
    assert 3.0 < hours < 3.1
    assert found["usage"]["od"]["hours"] == 0.0
    assert 0 < cost["spotActualCost"] < cost["spotPotentialCost"]
