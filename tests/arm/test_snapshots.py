"""Snapshots: instant ones, copies in the background, and their limits."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute import models as m

from local.arm.disk import state as disks
from local.arm.persistence import NoJournal
from local.arm.snapshot import state, wire
from local.arm.wire import ArmProblem
from local.arm.world import Resource, World
from tests.arm.compute import aio, sync
from tests.simulator import SUBSCRIPTION, Azure

COMPUTE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute"


def disk_id(name: str) -> str:
    return f"{COMPUTE}/disks/{name}"


def snapshot_id(name: str) -> str:
    return f"{COMPUTE}/snapshots/{name}"


def copy_of(source_id: str, *, incremental: bool = True, **creation: Any) -> dict[str, Any]:
    return {
        "location": "eastus",
        "sku": {"name": "Standard_LRS"},
        "properties": {
            "creationData": {"createOption": "Copy", "sourceResourceId": source_id, **creation},
            "incremental": incremental,
        },
    }


async def make_disk(azure: Azure, kind: str = "Premium_LRS", size_gib: int = 10) -> None:
    body = {
        "location": "eastus",
        "zones": ["1"],
        "sku": {"name": kind},
        "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": size_gib},
    }
    await azure.put(disk_id("d1"), body)


async def test_the_sync_client_takes_lists_changes_and_deletes_a_snapshot(azure: Azure) -> None:
    await make_disk(azure)

    def work(client: ComputeManagementClient) -> tuple[m.Snapshot, m.Snapshot, list[str]]:
        copying = m.CreationData(create_option="Copy", source_resource_id=disk_id("D1"))
        properties = m.SnapshotProperties(creation_data=copying)
        wanted = m.Snapshot(location="eastus", properties=properties, tags={"a": "b"})
        made = client.snapshots.begin_create_or_update("rg", "s1", wanted).result()
        update = m.SnapshotUpdate(tags={"c": "d"})
        changed = client.snapshots.begin_update("rg", "s1", update).result()
        listed = [one.name or "" for one in client.snapshots.list_by_resource_group("rg")]
        listed += [one.name or "" for one in client.snapshots.list()]
        client.snapshots.begin_delete("rg", "s1").result()
        return made, changed, listed + [one.name or "" for one in client.snapshots.list()]

    made, changed, listed = await sync(azure, work)

    assert made.sku is not None
    assert (made.sku.name, made.sku.tier, made.incremental) == ("Standard_LRS", "Standard", False)
    assert (made.disk_size_gb, made.disk_state) == (10, "Unattached")
    assert changed.tags == {"c": "d"}
    assert listed == ["s1", "s1"]


async def test_an_accepted_snapshot_answers_without_its_name_and_tells_its_source(
    azure: Azure,
) -> None:
    await make_disk(azure)

    status, body, headers = await azure.arm("PUT", snapshot_id("s1"), copy_of(disk_id("d1")))

    disk = azure.world.find(disk_id("d1"))
    assert disk is not None
    assert status == 202
    assert body == {
        "location": "eastus",
        "tags": {},
        "sku": {"name": "Standard_LRS"},
        "properties": {
            "creationData": {
                "createOption": "Copy",
                "sourceResourceId": disk_id("d1"),
                "sourceUniqueId": disk.properties["uniqueId"],
            },
            "incremental": True,
            "diskSizeBytes": 10 << 30,
            "provisioningState": "Updating",
            "isArmResource": True,
        },
    }
    await azure.finish(headers)


async def test_a_snapshot_of_a_running_disk_is_usable_at_once(azure: Azure) -> None:
    await make_disk(azure)
    vm = f"{COMPUTE}/virtualMachines/vm1"
    disks.claim(azure.world, disk_id("d1"), vm, vm_zone="1", as_os=False, running=True)

    await azure.put(snapshot_id("s1"), copy_of(disk_id("d1")))
    body = copy_of(snapshot_id("s1"), incremental=False) | {"sku": {"name": "Premium_LRS"}}
    copy = await azure.put(disk_id("d2"), body)

    assert copy["properties"]["diskState"] == "Unattached"


class StoppedClock:
    """Tells the time it was set to."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        """Not asked for: nothing waits in these tests."""


class Still:
    """A world without a server, whose time passes when told."""

    def __init__(self, kind: str, size_gib: int = 100) -> None:
        self.clock = StoppedClock()
        self.world = World(self.clock, 1, NoJournal())
        spec = {"managedDisk": {"storageAccountType": kind}, "diskSizeGB": size_gib}
        disks.create_empty(
            self.world, disk_id=disk_id("d1"), location="eastus", zone="1", spec=spec
        )

    def snapshot(self, name: str, *, incremental: bool = True, **creation: Any) -> Resource:
        body = copy_of(disk_id("d1"), incremental=incremental, **creation)
        return state.create(self.world, snapshot_id(name), body)

    def restore(self, kind: str) -> Resource:
        body = copy_of(snapshot_id("s1")) | {"sku": {"name": kind}, "zones": ["2"]}
        return disks.create_from_request(self.world, disk_id("d2"), body)

    def pass_time(self, seconds: float) -> None:
        self.clock.moment += timedelta(seconds=seconds)
        self.world.settle()


def test_a_premium_v2_snapshot_is_copied_in_the_background_first() -> None:
    still = Still("PremiumV2_LRS")
    snapshot = still.snapshot("s1")
    still.pass_time(250)
    halfway = wire.body(still.world, snapshot)["properties"]

    with pytest.raises(ArmProblem) as early:
        still.restore("PremiumV2_LRS")
    still.pass_time(751)
    done = wire.body(still.world, snapshot)["properties"]
    with pytest.raises(ArmProblem) as other_kind:
        still.restore("Premium_LRS")

    assert (halfway["completionPercent"], halfway["snapshotAccessState"]) == (25.0, "Pending")
    assert (done["completionPercent"], done["snapshotAccessState"]) == (100.0, "Available")
    assert (early.value.status, other_kind.value.status) == (409, 400)
    assert still.restore("PremiumV2_LRS").zone == "2"


def test_instant_access_restores_a_premium_v2_disk_before_the_copy_is_done() -> None:
    still = Still("PremiumV2_LRS")
    snapshot = still.snapshot("s1", instantAccessDurationMinutes=60)

    at_once = wire.body(still.world, snapshot)["properties"]["snapshotAccessState"]
    copy = still.restore("PremiumV2_LRS")
    still.pass_time(1_001)
    copied = wire.body(still.world, snapshot)["properties"]["snapshotAccessState"]
    still.pass_time(3_600)
    over = wire.body(still.world, snapshot)["properties"]["snapshotAccessState"]

    assert copy.zone == "2"
    assert (at_once, copied, over) == ("InstantAccess", "AvailableWithInstantAccess", "Available")


def test_a_premium_v2_disk_takes_incremental_snapshots_only_and_three_at_a_time() -> None:
    still = Still("PremiumV2_LRS")

    with pytest.raises(ArmProblem) as full:
        still.snapshot("s0", incremental=False)
    for number in range(3):
        still.snapshot(f"s{number}")
    with pytest.raises(ArmProblem) as fourth:
        still.snapshot("s3")

    assert full.value.error["target"] == "incremental"
    assert fourth.value.status == 409


def test_the_eighth_incremental_snapshot_in_five_minutes_is_refused() -> None:
    still = Still("Premium_LRS")
    for number in range(7):
        still.snapshot(f"s{number}")

    with pytest.raises(ArmProblem) as refused:
        still.snapshot("s7")
    still.snapshot("full", incremental=False)
    still.pass_time(301)

    assert refused.value.status == 409
    assert still.snapshot("s7").properties["incremental"] is True


def test_one_disk_has_at_most_five_hundred_incremental_snapshots() -> None:
    still = Still("Premium_LRS")
    for number in range(500):
        still.snapshot(f"s{number}")
        still.pass_time(60)

    with pytest.raises(ArmProblem) as refused:
        still.snapshot("s500")

    assert refused.value.error["code"] == "SnapshotCountExceeded"


async def test_snapshots_of_one_disk_share_a_family(azure: Azure) -> None:
    await make_disk(azure)

    one = await azure.put(snapshot_id("s1"), copy_of(disk_id("d1")))
    other = await azure.put(snapshot_id("s2"), copy_of(disk_id("d1")))

    families = [body["properties"]["incrementalSnapshotFamilyId"] for body in (one, other)]
    assert families[0] == families[1]


async def test_access_to_a_snapshot_is_granted_and_revoked(azure: Azure) -> None:
    await make_disk(azure)
    await azure.put(snapshot_id("s1"), copy_of(disk_id("d1")))
    access = m.GrantAccessData(access="Read", duration_in_seconds=60_000)

    async with aio(azure) as client:
        uri = await (await client.snapshots.begin_grant_access("rg", "s1", access)).result()
        shared = await client.snapshots.get("rg", "s1")
        await (await client.snapshots.begin_revoke_access("rg", "s1")).result()
        revoked = await client.snapshots.get("rg", "s1")

    assert uri.access_sas is not None
    assert (shared.disk_state, revoked.disk_state) == ("ActiveSAS", "Unattached")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"location": "eastus"}, 400),
        ({"location": "eastus", "properties": {"creationData": {"createOption": "Empty"}}}, 400),
        (copy_of(disk_id("none")), 404),
        (copy_of(disk_id("d1")) | {"location": "westeurope"}, 400),
        (copy_of(disk_id("d1")) | {"sku": {"name": "UltraSSD_LRS"}}, 400),
    ],
    ids=["no source", "empty", "of nothing", "other region", "unknown kind"],
)
async def test_a_snapshot_that_cannot_be_is_refused_at_once(
    azure: Azure, body: dict[str, Any], status: int
) -> None:
    await make_disk(azure)

    answered, _, _ = await azure.arm("PUT", snapshot_id("s1"), body)

    assert answered == status
    assert azure.world.find(snapshot_id("s1")) is None
