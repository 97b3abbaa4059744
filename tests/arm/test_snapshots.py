"""Snapshots: instant ones, copies in the background, and their limits."""

from typing import Any

import pytest
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute import models as m

from local.arm.disk import state as disks
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


async def test_a_premium_v2_snapshot_is_copied_in_the_background_first(azure: Azure) -> None:
    await make_disk(azure, "PremiumV2_LRS", size_gib=100)
    restoring = copy_of(snapshot_id("s1")) | {"sku": {"name": "PremiumV2_LRS"}, "zones": ["2"]}

    full, refusal, _ = await azure.arm(
        "PUT", snapshot_id("s1"), copy_of(disk_id("d1"), incremental=False)
    )
    pending = await azure.put(snapshot_id("s1"), copy_of(disk_id("d1")))
    early, _, _ = await azure.arm("PUT", disk_id("d2"), restoring)
    await azure.world.clock.sleep(1_100)
    _, ready, _ = await azure.arm("GET", snapshot_id("s1"))
    wrong, _, _ = await azure.arm(
        "PUT", disk_id("d2"), restoring | {"sku": {"name": "Premium_LRS"}}
    )
    late, _, headers = await azure.arm("PUT", disk_id("d2"), restoring)

    assert (full, refusal["error"]["target"]) == (400, "incremental")
    assert pending["properties"]["completionPercent"] < 100
    assert pending["properties"]["snapshotAccessState"] == "Pending"
    assert ready["properties"]["completionPercent"] == 100
    assert ready["properties"]["snapshotAccessState"] == "Available"
    assert (early, wrong, late) == (409, 400, 202)
    await azure.finish(headers)


async def test_instant_access_restores_a_premium_v2_disk_before_the_copy_is_done(
    azure: Azure,
) -> None:
    await make_disk(azure, "PremiumV2_LRS", size_gib=100)
    asked = copy_of(disk_id("d1"), instantAccessDurationMinutes=60)

    snapshot = await azure.put(snapshot_id("s1"), asked)
    restoring = copy_of(snapshot_id("s1")) | {"sku": {"name": "PremiumV2_LRS"}, "zones": ["2"]}
    copy = await azure.put(disk_id("d2"), restoring)

    assert snapshot["properties"]["snapshotAccessState"] == "InstantAccess"
    assert copy["properties"]["provisioningState"] == "Succeeded"


async def test_the_eighth_incremental_snapshot_in_five_minutes_is_refused(azure: Azure) -> None:
    await make_disk(azure)
    for number in range(7):
        status, _, _ = await azure.arm("PUT", snapshot_id(f"s{number}"), copy_of(disk_id("d1")))
        assert status == 202

    refused, _, _ = await azure.arm("PUT", snapshot_id("s7"), copy_of(disk_id("d1")))
    full, _, _ = await azure.arm(
        "PUT", snapshot_id("full"), copy_of(disk_id("d1"), incremental=False)
    )
    await azure.world.clock.sleep(301)
    later, _, _ = await azure.arm("PUT", snapshot_id("s7"), copy_of(disk_id("d1")))

    assert (refused, full, later) == (409, 202, 202)


async def test_snapshots_of_one_disk_share_a_family(azure: Azure) -> None:
    await make_disk(azure)

    one = await azure.put(snapshot_id("s1"), copy_of(disk_id("d1")))
    other = await azure.put(snapshot_id("s2"), copy_of(disk_id("d1")))

    families = [body["properties"]["incrementalSnapshotFamilyId"] for body in (one, other)]
    assert families[0] == families[1]


async def test_access_to_a_snapshot_is_granted_and_revoked(azure: Azure) -> None:
    await make_disk(azure)
    await azure.put(snapshot_id("s1"), copy_of(disk_id("d1")))
    access = m.GrantAccessData(access="Read", duration_in_seconds=600)

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
