"""Whole stories of disks that are copied while they are in use, in one process on virtual time."""

import copy
import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from local.worlds.ground import GROUP
from local.worlds.inprocess import NODES, InProcess
from local.worlds.options import Options
from tests.virtual.support import BOUND_S, evict, reach, tell, vm_path

EXAMPLE = json.loads(Path("examples/three-zones.json").read_text())
HOUR_S = 3_600.0
CALM = Options(events=False, lull_s=600.0)
LAZY = Options(lull_s=600.0)
ALL_GOES = {
    "deallocationConfig": {
        "shouldTerminateVm": True,
        "networkDeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 0},
        "diskDeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 0},
        "snapshotDeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 0},
        "publicIpDeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 0},
    }
}


async def active(world: InProcess, **compute: Any) -> str:
    body = copy.deepcopy(EXAMPLE)
    body["statefulNode"]["compute"] |= compute
    answer = await world.api("POST", NODES, body)
    assert answer.status == 200, answer
    node_id = str(answer.items[0]["id"])
    await reach(world, node_id, "ACTIVE")
    return node_id


async def snapshots(world: InProcess) -> list[dict[str, Any]]:
    found = await world.azure.ask("GET", f"{GROUP}/providers/Microsoft.Compute/snapshots")
    return list(found["value"])


def of_each_disk(found: list[dict[str, Any]]) -> list[int]:
    source = (one["properties"]["creationData"]["sourceResourceId"].lower() for one in found)
    return sorted(Counter(source).values())


async def age_s(world: InProcess, node_id: str) -> float | None:
    shown = (await world.api("GET", f"{NODES}/{node_id}/status")).items[0]
    at = shown["lastSnapshotAt"]
    return (world.clock.now() - datetime.fromisoformat(at)).total_seconds() if at else None


async def gone(world: InProcess, node_id: str) -> float:
    async def there() -> bool:
        return not (await world.api("GET", f"{NODES}/{node_id}/status")).items

    return await world.run_until(there, BOUND_S)


def test_two_snapshots_of_each_disk_are_kept_and_none_is_older_than_half_a_day() -> None:
    """S5: periodic snapshots of disks in use."""

    async def story(world: InProcess) -> Any:
        node_id = await active(world)
        early = await age_s(world, node_id)
        await world.sleep(0.5 * HOUR_S)
        first = of_each_disk(await snapshots(world)), await age_s(world, node_id)
        counts, ages = set[tuple[int, ...]](), list[float]()
        for _ in range(30):
            await world.sleep(HOUR_S)
            counts.add(tuple(of_each_disk(await snapshots(world))))
            ages.append(await age_s(world, node_id) or 1e9)
        last = await snapshots(world)
        return early, first, counts, max(ages), last, world.arm.calls.unknown

    early, (first, first_age_s), counts, oldest_s, last, unknown = tell(story, options=CALM)

    assert early is None
    assert first == [1, 1, 1]
    assert 0 < first_age_s < 0.5 * HOUR_S
    assert counts == {(1, 1, 1), (2, 2, 2)}
    assert oldest_s < 6.3 * HOUR_S
    assert all(one["properties"]["incremental"] for one in last)
    assert all("mooring-node" in one["tags"] for one in last)
    assert not unknown


def test_a_node_in_one_zone_is_not_copied() -> None:
    async def story(world: InProcess) -> int:
        await active(world, zones=["1"])
        await world.sleep(24 * HOUR_S)
        return len(await snapshots(world))

    assert tell(story, options=CALM) == 0


def test_the_interval_is_a_setting_and_zero_is_never() -> None:
    async def story(world: InProcess) -> int:
        await active(world)
        await world.sleep(3 * HOUR_S)
        return len(await snapshots(world))

    never = Options(events=False, lull_s=300.0, environment={"MOORING_SNAPSHOT_HOURS": "0"})
    often = Options(events=False, lull_s=60.0, environment={"MOORING_SNAPSHOT_HOURS": "1"})

    assert tell(story, options=never) == 0
    assert tell(story, options=often) == 6


def test_a_node_that_is_deleted_takes_its_snapshots_along() -> None:
    """S20."""

    async def story(world: InProcess) -> Any:
        node_id = await active(world)
        await world.sleep(HOUR_S)
        before = len(await snapshots(world))
        answer = await world.api("DELETE", f"{NODES}/{node_id}", ALL_GOES)
        assert answer.status == 200, answer
        await gone(world, node_id)
        return before, len(await snapshots(world))

    assert tell(story, options=CALM) == (3, 0)


def test_snapshots_that_the_document_does_not_ask_for_any_more_go() -> None:
    async def story(world: InProcess) -> Any:
        node_id = await active(world)
        await world.sleep(HOUR_S)
        before = len(await snapshots(world))
        change = {"statefulNode": {"compute": {"zones": ["1"]}}}
        assert (await world.api("PUT", f"{NODES}/{node_id}", change)).status == 200
        await world.sleep(HOUR_S)
        return before, len(await snapshots(world)), await age_s(world, node_id)

    assert tell(story, options=CALM) == (3, 0, None)


def test_an_eviction_keeps_the_snapshots_of_disks_that_stay() -> None:
    async def story(world: InProcess) -> Any:
        node_id = await active(world)
        await world.sleep(HOUR_S)
        before = {one["id"] for one in await snapshots(world)}
        await evict(world, node_id)
        await reach(world, node_id, "ACTIVE")
        after = {one["id"] for one in await snapshots(world)}
        await world.sleep(13 * HOUR_S)
        return before == after, of_each_disk(await snapshots(world))

    assert tell(story, options=LAZY) == (True, [2, 2, 2])


def test_copies_in_another_zone_begin_anew_and_what_was_of_the_old_disks_goes() -> None:
    async def story(world: InProcess) -> Any:
        node_id = await active(world, preferredZone="1")
        await world.sleep(HOUR_S)
        old = {one["id"] for one in await snapshots(world)}
        rules = [{"location": "eastus", "zone": "1", "room": 0}]
        await world.azure.ask("PUT", "/_world/capacity", {"rules": rules})
        await evict(world, node_id)
        await reach(world, node_id, "ACTIVE")
        await world.sleep(HOUR_S)
        now = await snapshots(world)
        return old & {one["id"] for one in now}, of_each_disk(now), await age_s(world, node_id)

    left, of_each, age = tell(story, options=LAZY)

    assert left == set()
    assert of_each == [1] * 6
    assert age is not None


def test_a_round_that_azure_refuses_costs_the_node_nothing_and_comes_again() -> None:
    async def story(world: InProcess) -> Any:
        node_id = await active(world)
        fault = {
            "kind": "refuse",
            "operation": "Microsoft.Compute/snapshots/write",
            "times": 3,
            "status": 403,
            "code": "AuthorizationFailed",
            "message": "no role",
        }
        await world.azure.ask("POST", "/_world/faults", fault)
        await world.sleep(0.4 * HOUR_S)
        early = len(await snapshots(world))
        shown = (await world.api("GET", f"{NODES}/{node_id}/status")).items[0]
        await world.sleep(0.6 * HOUR_S)
        return early, shown["status"], shown["errorReason"], len(await snapshots(world))

    assert tell(story, options=CALM) == (0, "ACTIVE", None, 3)


async def outage(world: InProcess, *, down: bool) -> None:
    where = {"location": "eastus", "zone": "1", "down": down}
    await world.azure.ask("PUT", "/_world/outages", where)


def test_a_zone_that_goes_down_with_the_disks_sends_the_node_on_from_its_snapshots() -> None:
    """R15, S4, S5: the current zone is not available, so the newest snapshot is what there is."""

    async def story(world: InProcess) -> Any:
        node_id = await active(world, preferredZone="1")
        await world.sleep(7 * HOUR_S)
        vm = await vm_path(world, node_id)
        before = (await world.azure.ask("GET", vm))["properties"]["storageProfile"]["osDisk"]
        await outage(world, down=True)
        await evict(world, node_id)
        took_s = await reach(world, node_id, "ACTIVE")
        after = await world.azure.ask("GET", vm)
        left = (await world.azure.ask("GET", before["managedDisk"]["id"]))["properties"]
        await world.sleep(7 * HOUR_S)
        url = f"{NODES}/{node_id}/log?fromDate=2020-01-01&toDate=2099-01-01&severity=WARN"
        told = [one["message"] for one in (await world.api("GET", url)).items]
        return took_s, before, after, left, told, of_each_disk(await snapshots(world))

    took_s, before, after, left, told, of_each = tell(story, options=LAZY)

    assert 900 < took_s < 2_400
    assert after["zones"] in (["2"], ["3"])
    assert after["properties"]["storageProfile"]["osDisk"]["name"] != before["name"]
    assert left["diskState"] == "Unattached"
    assert sum("is in a zone that does not answer" in line for line in told) == 3
    assert of_each == [2, 2, 2]


def test_a_zone_that_comes_back_in_time_costs_no_data() -> None:
    async def story(world: InProcess) -> Any:
        node_id = await active(world, preferredZone="1")
        await world.sleep(7 * HOUR_S)
        await outage(world, down=True)
        await evict(world, node_id)
        await world.sleep(600)
        await outage(world, down=False)
        await reach(world, node_id, "ACTIVE")
        url = f"{NODES}/{node_id}/log?fromDate=2020-01-01&toDate=2099-01-01&severity=WARN"
        return [one["message"] for one in (await world.api("GET", url)).items]

    assert not any("does not answer" in line for line in tell(story, options=LAZY))
