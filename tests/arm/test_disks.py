"""Disks through the unmodified clients and as bare ARM calls."""

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute import models as m

from local.arm.disk import state
from local.arm.image.state import resolve
from local.arm.wire import ArmProblem
from tests.arm.compute import aio, sync
from tests.simulator import SUBSCRIPTION, Azure

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
COMPUTE = GROUP + "/providers/Microsoft.Compute"
VM = COMPUTE + "/virtualMachines/vm1"
OTHER_VM = COMPUTE + "/virtualMachines/vm2"


def disk_id(name: str) -> str:
    return f"{COMPUTE}/disks/{name}"


def empty(size_gib: int = 4, kind: str = "Premium_LRS", **more: Any) -> dict[str, Any]:
    return {
        "location": "eastus",
        "sku": {"name": kind},
        "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": size_gib},
        **more,
    }


def ubuntu(zone: str = "1") -> dict[str, Any]:
    image_id = (
        f"/Subscriptions/{SUBSCRIPTION}/Providers/Microsoft.Compute/Locations/eastus/Publishers/"
        "Canonical/ArtifactTypes/VMImage/Offers/ubuntu-24_04-lts/Skus/server/Versions/latest"
    )
    creation = {"createOption": "FromImage", "imageReference": {"id": image_id}}
    return {
        "location": "eastus",
        "zones": [zone],
        "sku": {"name": "Premium_LRS"},
        "properties": {"creationData": creation},
    }


async def test_the_sync_client_creates_changes_lists_and_deletes_a_disk(azure: Azure) -> None:
    def work(client: ComputeManagementClient) -> tuple[m.Disk, m.Disk, list[str], list[str]]:
        wanted = m.Disk(
            location="eastus",
            sku=m.DiskSku(name="Premium_LRS"),
            zones=["2"],
            tags={"a": "b"},
            properties=m.DiskProperties(
                creation_data=m.CreationData(create_option="Empty"), disk_size_gb=10
            ),
        )
        made = client.disks.begin_create_or_update("rg", "d1", wanted).result()
        larger = m.DiskUpdateProperties(disk_size_gb=64)
        update = m.DiskUpdate(tags={"c": "d"}, properties=larger)
        grown = client.disks.begin_update("rg", "d1", update).result()
        listed = [disk.name or "" for disk in client.disks.list_by_resource_group("rg")]
        listed += [disk.name or "" for disk in client.disks.list()]
        client.disks.begin_delete("rg", "d1").result()
        return made, grown, listed, [disk.name or "" for disk in client.disks.list()]

    made, grown, listed, left = await sync(azure, work)

    assert (made.tier, made.disk_state, made.provisioning_state) == (
        "P3",
        "Unattached",
        "Succeeded",
    )
    assert (made.zones, made.unique_id is not None) == (["2"], True)
    assert (grown.disk_size_gb, grown.tier, grown.tags) == (64, "P6", {"c": "d"})
    assert (listed, left) == (["d1", "d1"], [])


async def test_the_aio_client_copies_a_disk_through_a_snapshot_into_another_zone(
    azure: Azure,
) -> None:
    async with aio(azure) as client:
        begun = await client.disks.begin_create_or_update("rg", "os1", m.Disk(ubuntu("1")))
        source = await begun.result()
        copying = m.CreationData(create_option="Copy", source_resource_id=source.id)
        properties = m.SnapshotProperties(incremental=True, creation_data=copying)
        snapshot = m.Snapshot(location="eastus", properties=properties)
        begun_copy = await client.snapshots.begin_create_or_update("rg", "s1", snapshot)
        taken = await begun_copy.result()
        restoring = m.CreationData(create_option="Copy", source_resource_id=taken.id)
        wanted = m.Disk(
            location="eastus",
            zones=["3"],
            sku=m.DiskSku(name="Premium_LRS"),
            properties=m.DiskProperties(creation_data=restoring),
        )
        begun = await client.disks.begin_create_or_update("rg", "os2", wanted)
        copy = await begun.result()

    assert (taken.incremental, taken.completion_percent) == (True, None)
    assert copy.zones == ["3"]
    assert (copy.os_type, copy.hyper_v_generation, copy.disk_size_gb) == ("Linux", "V2", 30)
    assert copy.supported_capabilities is not None
    assert copy.supported_capabilities.disk_controller_types == "SCSI, NVMe"
    assert copy.creation_data is not None
    assert copy.creation_data.source_unique_id == taken.unique_id
    found = azure.world.find(disk_id("os2"))
    assert found is not None
    assert found.sim["hydrating_until"] > found.properties["timeCreated"]


async def test_an_accepted_put_answers_202_with_both_headers_and_a_short_body(
    azure: Azure,
) -> None:
    status, body, headers = await azure.arm("PUT", disk_id("d1"), empty(10))

    assert status == 202
    assert "/DiskOperations/" in headers["azure-asyncoperation"]
    assert "monitor=true" in headers["location"]
    assert body == {
        "name": "d1",
        "location": "eastus",
        "tags": {},
        "sku": {"name": "Premium_LRS"},
        "properties": {
            "creationData": {"createOption": "Empty"},
            "diskSizeGB": 10,
            "provisioningState": "Updating",
            "isArmResource": True,
            "tier": "P3",
        },
    }
    ended = await azure.finish(headers)
    assert ended["properties"]["output"]["properties"]["diskState"] == "Unattached"


async def test_a_smaller_size_is_accepted_and_fails_at_the_end(azure: Azure) -> None:
    await azure.put(disk_id("d1"), empty(64))

    status, _, headers = await azure.arm("PATCH", disk_id("d1"), {"properties": {"diskSizeGB": 32}})
    ended = await azure.finish(headers)

    assert status == 202
    assert ended["status"] == "Failed"
    assert ended["error"] == {
        "code": "InvalidParameter",
        "message": "Disks or snapshot cannot be resized down.",
    }
    _, disk, _ = await azure.arm("GET", disk_id("d1"))
    assert disk["properties"]["diskSizeGB"] == 64
    assert disk["properties"]["provisioningState"] == "Succeeded"


async def test_a_disk_follows_its_owner_and_cannot_be_deleted_meanwhile(azure: Azure) -> None:
    world = azure.world
    await azure.put(disk_id("os1"), ubuntu())

    state.claim(world, disk_id("os1"), VM, vm_zone="1", as_os=True, running=True)
    _, running, _ = await azure.arm("GET", disk_id("os1"))
    status, refusal, _ = await azure.arm("DELETE", disk_id("os1"))
    state.set_power(world, disk_id("OS1"), running=False)
    _, reserved, _ = await azure.arm("GET", disk_id("os1"))
    state.release(world, disk_id("os1"))
    _, free, _ = await azure.arm("GET", disk_id("os1"))

    assert (running["managedBy"], running["properties"]["diskState"]) == (VM, "Attached")
    assert status == 409
    assert refusal["error"]["code"] == "OperationNotAllowed"
    assert refusal["error"]["message"] == f"Disk os1 is attached to VM {VM}."
    assert reserved["properties"]["diskState"] == "Reserved"
    moved = (reserved["properties"], running["properties"])
    assert moved[0]["LastOwnershipUpdateTime"] > moved[1]["LastOwnershipUpdateTime"]
    assert ("managedBy" in free, free["properties"]["diskState"]) == (False, "Unattached")


async def test_each_rule_of_attaching_refuses_in_its_own_words(azure: Azure) -> None:
    world, os1 = azure.world, disk_id("os1")
    await azure.put(os1, ubuntu("2"))
    await azure.put(disk_id("regional"), empty())
    await azure.put(disk_id("v2"), empty(8, "PremiumV2_LRS", zones=["1"]))
    await azure.put(disk_id("zrs"), empty(8, "Premium_ZRS"))
    state.claim(world, disk_id("os1"), OTHER_VM, vm_zone="2", as_os=True, running=True)

    def refusal(name: str, **facts: Any) -> tuple[int, str, str]:
        asked = {"vm_zone": "1", "as_os": False, "running": True, **facts}
        with pytest.raises(ArmProblem) as refused:
            state.claim(world, disk_id(name), VM, **asked)
        return refused.value.status, refused.value.error["code"], refused.value.error["message"]

    assert refusal("os1", vm_zone="2") == (
        409,
        "ConflictingUserInput",
        f"Disk '{os1}' cannot be attached as the disk is already owned by VM '{OTHER_VM}'.",
    )
    assert refusal("os1")[1] == "BadRequest"
    assert refusal("os1")[2] == (
        f"Disk {os1} cannot be attached to the VM because it is not in the same zone "
        "as the VM. VM zone: '1'. Disk zone: '2'."
    )
    assert refusal("regional")[2].endswith("because it is not in zone '1'.")
    assert refusal("v2", as_os=True)[:2] == (400, "InvalidParameter")
    assert refusal("zrs", vm_location="westeurope")[0] == 400
    assert refusal("absent")[0] == 404
    state.begin_detach(world, disk_id("os1"))
    assert refusal("os1", vm_zone="2")[1] == "AttachDiskWhileBeingDetached"
    state.claim(world, disk_id("zrs"), VM, vm_zone="3", as_os=False, running=True)


async def test_access_makes_the_disk_active_until_it_is_revoked_or_runs_out(azure: Azure) -> None:
    await azure.put(disk_id("d1"), empty())
    access = m.GrantAccessData(access="Read", duration_in_seconds=60_000)
    brief = m.GrantAccessData(access="Read", duration_in_seconds=60)

    async with aio(azure) as client:
        granted = await (await client.disks.begin_grant_access("rg", "d1", access)).result()
        shared = await client.disks.get("rg", "d1")
        with pytest.raises(ResourceExistsError):
            await client.disks.begin_delete("rg", "d1")
        await (await client.disks.begin_revoke_access("rg", "d1")).result()
        revoked = await client.disks.get("rg", "d1")
        await (await client.disks.begin_grant_access("rg", "d1", brief)).result()
        await azure.world.clock.sleep(70)
        expired = await client.disks.get("rg", "d1")

    assert granted.access_sas is not None
    assert granted.access_sas.startswith("https://md-")
    assert (shared.disk_state, revoked.disk_state) == ("ActiveSAS", "Unattached")
    assert expired.disk_state == "Unattached"


async def test_what_only_a_copy_could_change_is_refused(azure: Azure) -> None:
    await azure.put(disk_id("d1"), empty())

    async with aio(azure) as client:
        for kind in ("Premium_ZRS", "PremiumV2_LRS"):
            with pytest.raises(HttpResponseError) as refused:
                await client.disks.begin_update("rg", "d1", m.DiskUpdate(sku=m.DiskSku(name=kind)))
            assert refused.value.status_code == 400
        update = m.DiskUpdate(sku=m.DiskSku(name="StandardSSD_LRS"))
        changed = await (await client.disks.begin_update("rg", "d1", update)).result()
        with pytest.raises(ResourceNotFoundError) as absent:
            await client.disks.get("rg", "nothing")

    assert changed.sku is not None
    assert (changed.sku.name, changed.sku.tier, changed.tier) == (
        "StandardSSD_LRS",
        "Standard",
        None,
    )
    assert absent.value.error is not None
    assert absent.value.error.code == "ResourceNotFound"


async def test_a_disk_of_a_vm_says_how_the_vm_is_secured(azure: Azure) -> None:
    reference = {"publisher": "MicrosoftWindowsServer", "offer": "WindowsServer"}
    reference |= {"sku": "2022-datacenter-g2", "version": "latest"}
    image = resolve(azure.world, reference, "eastus")

    def made(name: str, vm_security: str | None, encryption: str | None = None) -> Any:
        profile = {"securityEncryptionType": encryption} if encryption else None
        managed = {"storageAccountType": "Premium_LRS", "securityProfile": profile}
        spec = {"managedDisk": managed, "securityType": vm_security, "diskSizeGB": 200}
        place = disk_id(name)
        disk = state.create_from_image(
            azure.world, disk_id=place, location="eastus", zone="1", image=image, spec=spec
        )
        assert disk.properties["diskSizeGB"] == 200
        return disk.properties.get("securityProfile", {}).get("securityType")

    assert made("plain", None) is None
    assert made("trusted", "TrustedLaunch") == "TrustedLaunch"
    assert made("guest", "ConfidentialVM", "VMGuestStateOnly") == (
        "ConfidentialVM_VMGuestStateOnlyEncryptedWithPlatformKey"
    )
    assert made("whole", "ConfidentialVM", "DiskWithVMGuestState") == (
        "ConfidentialVM_DiskEncryptedWithPlatformKey"
    )


async def test_a_shared_disk_has_as_many_owners_as_it_allows(azure: Azure) -> None:
    world = azure.world
    body = empty(256)
    body["properties"]["maxShares"] = 2
    await azure.put(disk_id("d1"), body)
    third = COMPUTE + "/virtualMachines/vm3"

    for vm in (VM, OTHER_VM):
        state.claim(world, disk_id("d1"), vm, vm_zone=None, as_os=False, running=True)
    with pytest.raises(ArmProblem) as refused:
        state.claim(world, disk_id("d1"), third, vm_zone=None, as_os=False, running=True)
    state.release(world, disk_id("d1"), VM)
    _, disk, _ = await azure.arm("GET", disk_id("d1"))

    assert refused.value.error["code"] == "ConflictingUserInput"
    assert (disk["managedBy"], disk["properties"]["diskState"]) == (OTHER_VM, "Attached")


async def test_performance_is_set_four_times_a_day_and_only_where_it_can_be(azure: Azure) -> None:
    await azure.put(disk_id("v2"), empty(8, "PremiumV2_LRS", zones=["1"]))
    await azure.put(disk_id("d1"), empty())

    async def tune(name: str, iops: int) -> int:
        body = {"properties": {"diskIOPSReadWrite": iops}}
        status, _, headers = await azure.arm("PATCH", disk_id(name), body)
        if status == 202:
            await azure.finish(headers)
        return status

    fixed = await tune("d1", 5_000)
    answers = [await tune("v2", 3_100 + number) for number in range(5)]
    _, disk, _ = await azure.arm("GET", disk_id("v2"))

    assert fixed == 400
    assert answers == [202, 202, 202, 202, 409]
    assert disk["properties"]["diskIOPSReadWrite"] == 3_103


async def test_a_repeated_put_changes_nothing_and_another_source_is_refused(azure: Azure) -> None:
    first = await azure.put(disk_id("os1"), ubuntu())

    again = await azure.put(disk_id("os1"), ubuntu())
    other, refusal, _ = await azure.arm("PUT", disk_id("os1"), empty(30))
    moved, _, _ = await azure.arm("PUT", disk_id("os1"), ubuntu("2"))

    assert again == first
    assert (other, moved) == (409, 409)
    assert refusal["error"]["code"] == "PropertyChangeNotAllowed"


async def test_a_second_write_meets_the_first(azure: Azure) -> None:
    azure.world.facts["settings"]["latency_scale"] = 1_000
    _, _, headers = await azure.arm("PUT", disk_id("d1"), empty())

    status, refusal, _ = await azure.arm("PATCH", disk_id("d1"), {"tags": {"a": "b"}})

    assert (status, refusal["error"]["code"]) == (409, "Conflict")
    await azure.finish(headers)


async def test_a_running_vms_os_disk_neither_grows_nor_changes_kind(azure: Azure) -> None:
    await azure.put(disk_id("os1"), ubuntu())
    state.claim(azure.world, disk_id("os1"), VM, vm_zone="1", as_os=True, running=True)
    grow = {"properties": {"diskSizeGB": 64}}

    running, refusal, _ = await azure.arm("PATCH", disk_id("os1"), grow)
    other, _, _ = await azure.arm("PATCH", disk_id("os1"), {"sku": {"name": "StandardSSD_LRS"}})
    state.set_power(azure.world, disk_id("os1"), running=False)
    stopped, _, headers = await azure.arm("PATCH", disk_id("os1"), grow)

    assert (running, other, stopped) == (409, 409, 202)
    assert refusal["error"]["message"].startswith(
        f"Cannot resize disk os1 while it is attached to running VM {VM}."
    )
    assert (await azure.finish(headers))["status"] == "Succeeded"


async def test_an_outdated_etag_is_refused_with_412(azure: Azure) -> None:
    await azure.put(disk_id("d1"), empty())
    _, _, headers = await azure.arm("GET", disk_id("d1"))

    stale, _, _ = await azure.arm("PATCH", disk_id("d1"), {"tags": {}}, if_match='"0"')
    fresh, _, begun = await azure.arm(
        "PATCH", disk_id("d1"), {"tags": {}}, if_match=headers["etag"]
    )

    assert (stale, fresh) == (412, 202)
    await azure.finish(begun)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"location": "eastus", "properties": {}}, 400, "InvalidParameter"),
        (empty(0), 400, "InvalidParameter"),
        (empty(40_000), 400, "InvalidParameter"),
        (empty(size_gib="ten"), 400, "InvalidParameter"),  # type: ignore[arg-type]
        (empty(4, "Gold_LRS"), 400, "InvalidParameter"),
        (empty(4, "UltraSSD_LRS"), 400, "InvalidParameter"),
        (empty(4, "Premium_ZRS", zones=["1"]), 400, "InvalidParameter"),
        (
            {"location": "eastus", "properties": {"creationData": {"createOption": "Import"}}},
            400,
            "OperationNotAllowed",
        ),
        (
            {
                "location": "eastus",
                "properties": {
                    "creationData": {"createOption": "Copy", "sourceResourceId": disk_id("none")}
                },
            },
            404,
            "NotFound",
        ),
    ],
    ids=[
        "no creationData",
        "no size",
        "too large",
        "no number",
        "unknown kind",
        "ultra without zone",
        "zone-redundant in a zone",
        "from a blob",
        "of nothing",
    ],
)
async def test_a_disk_that_cannot_be_is_refused_at_once(
    azure: Azure, body: dict[str, Any], status: int, code: str
) -> None:
    answered, refusal, _ = await azure.arm("PUT", disk_id("d1"), body)

    assert (answered, refusal["error"]["code"]) == (status, code)
    assert azure.world.find(disk_id("d1")) is None
