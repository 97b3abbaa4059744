"""What may change about a VM, when, and what never may."""

from typing import Any

import pytest

from tests.arm.machines import (
    VM,
    Json,
    act,
    attached,
    delete,
    disk_id,
    from_image,
    nic_id,
    power_of,
    read,
    refused,
    vm_id,
    want,
    world,
)


async def patched(azure: Any, properties: Json, **more: Any) -> Json:
    status, answer, headers = await azure.arm("PATCH", VM, {"properties": properties, **more})
    assert status == 200, answer
    return dict(await azure.finish(headers))


async def test_an_update_answers_200_updating_and_is_followed_by_one_header() -> None:
    async with world(retry_after="seconds") as azure:
        await azure.put(VM, from_image())

        status, body, headers = await azure.arm("PATCH", VM, {"tags": {"a": "b"}})

        assert (status, body["properties"]["provisioningState"]) == (200, "Updating")
        assert headers["azure-asyncnotification"] == "Enabled"
        assert "location" not in headers
        assert "retry-after" not in headers


@pytest.mark.parametrize(
    ("properties", "target"),
    [
        ({"priority": "Regular"}, "priority"),
        ({"evictionPolicy": "Delete"}, "evictionPolicy"),
        ({"osProfile": {"computerName": "other"}}, "osProfile"),
        ({"osProfile": {"adminPassword": "Another-Horse-8"}}, "osProfile"),
        ({"availabilitySet": {"id": disk_id("x")}}, "availabilitySet"),
        ({"storageProfile": {"imageReference": {"offer": "other"}}}, "imageReference"),
        ({"storageProfile": {"osDisk": {"createOption": "Attach"}}}, "osDisk.createOption"),
        ({"storageProfile": {"osDisk": {"name": "other"}}}, "osDisk.name"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_fixed_for_life_is_refused_running_or_not(
    properties: Json, target: str
) -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        running = await refused(azure, "PATCH", VM, {"properties": properties})
        await act(azure, "deallocate")

        deallocated = await refused(azure, "PATCH", VM, {"properties": properties})

        assert running == deallocated
        assert (running["http"], running["code"]) == (409, "PropertyChangeNotAllowed")
        assert running["target"] == target
        assert running["message"] == f"Changing property '{target}' is not allowed."


async def test_a_vm_leaves_neither_its_zone_nor_its_region() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())

        zone = await refused(azure, "PUT", VM, from_image(zone="2"))
        region = await refused(azure, "PUT", VM, from_image() | {"location": "westeurope"})

        assert (zone["code"], zone["target"]) == ("PropertyChangeNotAllowed", "zones")
        assert (region["http"], region["code"]) == (409, "InvalidResourceLocation")


async def test_an_attached_vm_never_gets_an_osprofile() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        await act(azure, "deallocate")
        await delete(azure)
        await azure.put(VM, attached())

        profile = {"properties": {"osProfile": {"computerName": "h", "adminUsername": "azureuser"}}}
        error = await refused(azure, "PATCH", VM, profile)

        assert error["message"] == "Changing property 'osProfile' is not allowed."


async def test_max_price_changes_only_while_deallocated() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        price = {"billingProfile": {"maxPrice": 1.25}}

        error = await refused(azure, "PATCH", VM, {"properties": price})
        await act(azure, "deallocate")
        await patched(azure, price)

        vm = await read(azure, VM)
        assert (error["http"], error["code"]) == (409, "OperationNotAllowed")
        assert error["details"][0]["message"].startswith(
            "Max price change is not allowed when the VM 'vm1' is currently allocated. Please "
            "deallocate and try again."
        )
        assert vm["properties"]["billingProfile"] == {"maxPrice": 1.25}


async def test_a_put_on_a_deallocated_vm_starts_nothing() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        await act(azure, "deallocate")

        body = from_image()
        del body["properties"]["osProfile"]["adminPassword"]
        await azure.put(VM, body | {"tags": {"x": "y"}})

        assert await power_of(azure) == "PowerState/deallocated"
        assert (await read(azure, VM))["tags"] == {"x": "y"}


async def test_a_proximity_placement_group_changes_only_while_deallocated() -> None:
    async with world() as azure:
        group = disk_id("p").replace("disks", "proximityPlacementGroups")
        await azure.put(group, {"location": "eastus"})
        await azure.put(VM, from_image())
        change = {"proximityPlacementGroup": {"id": group}}

        error = await refused(azure, "PATCH", VM, {"properties": change})
        await act(azure, "deallocate")
        await patched(azure, change)

        in_use = await refused(azure, "DELETE", group)
        assert error["message"] == (
            "Updating proximity placement group of VM vm1 is not allowed while the VM is running. "
            "Please stop/deallocate the VM and retry the operation."
        )
        assert in_use["http"] == 409


async def test_data_disks_come_and_go_on_a_running_vm() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        new = {"lun": 0, "name": "d0", "createOption": "Empty", "diskSizeGB": 4}
        await patched(azure, {"storageProfile": {"dataDisks": [new]}})
        here = await read(azure, disk_id("d0"))

        body: Json = {"properties": {"storageProfile": {"dataDisks": []}}}
        _, leaving, headers = await azure.arm("PATCH", VM, body)
        other = attached("os2", nic="nic2")
        other["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"] = disk_id("d0")
        meanwhile = await refused(azure, "PUT", vm_id("vm2"), other)
        await azure.finish(headers)

        left = await read(azure, disk_id("d0"))
        entry = leaving["properties"]["storageProfile"]["dataDisks"][0]
        assert here["properties"]["diskState"] == "Attached"
        assert entry["toBeDetached"] is True
        assert meanwhile["code"] in ("AttachDiskWhileBeingDetached", "InvalidParameter")
        assert left["properties"]["diskState"] == "Unattached"
        assert (await read(azure, VM))["properties"]["storageProfile"]["dataDisks"] == []


async def test_several_disks_are_attached_and_detached_by_one_call() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        for name in ("d0", "d1"):
            await azure.put(
                disk_id(name),
                {
                    "location": "eastus",
                    "zones": ["1"],
                    "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4},
                },
            )
        attach = {"dataDisksToAttach": [{"diskId": disk_id("d0")}, {"diskId": disk_id("d1")}]}
        _, _, headers = await azure.arm("POST", f"{VM}/attachDetachDataDisks", attach)
        end = await azure.finish(headers)
        detach = {"dataDisksToDetach": [{"diskId": disk_id("d0")}]}
        _, _, headers = await azure.arm("POST", f"{VM}/attachDetachDataDisks", detach)
        await azure.finish(headers)

        disks = (await read(azure, VM))["properties"]["storageProfile"]["dataDisks"]
        output = end["properties"]["output"]["dataDisks"]
        assert [(one["lun"], one["name"]) for one in output] == [(0, "d0"), (1, "d1")]
        assert [(one["lun"], one["name"]) for one in disks] == [(1, "d1")]


async def test_the_os_disk_is_swapped_on_a_stopped_vm_and_the_vm_stays_itself() -> None:
    async with world() as azure:
        made = await azure.put(VM, from_image())
        source = {"createOption": "Copy", "sourceResourceId": disk_id("os1")}
        await azure.put(
            disk_id("os2"),
            {"location": "eastus", "zones": ["1"], "properties": {"creationData": source}},
        )
        swap = {
            "storageProfile": {"osDisk": {"name": "os2", "managedDisk": {"id": disk_id("os2")}}}
        }

        running = await refused(azure, "PATCH", VM, {"properties": swap})
        await act(azure, "deallocate")
        await patched(azure, swap)
        await act(azure, "start")

        vm = await read(azure, VM)
        assert running["http"] == 409
        assert vm["properties"]["storageProfile"]["osDisk"]["name"] == "os2"
        assert vm["properties"]["vmId"] == made["properties"]["vmId"]
        assert "managedBy" not in await read(azure, disk_id("os1"))


async def test_interfaces_change_only_on_a_deallocated_vm() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        change = {"networkProfile": {"networkInterfaces": [{"id": nic_id("nic2")}]}}

        error = await refused(azure, "PATCH", VM, {"properties": change})
        await act(azure, "deallocate")
        await patched(azure, change)

        free = await read(azure, nic_id("nic1"))
        taken = await read(azure, nic_id("nic2"))
        assert error["http"] == 409
        assert "virtualMachine" not in free["properties"]
        assert taken["properties"]["virtualMachine"]["id"] == VM


async def test_an_outdated_etag_is_412_and_the_current_one_passes() -> None:
    async with world() as azure:
        made = await azure.put(VM, from_image())
        change = {"tags": {"a": "b"}}
        status, _, headers = await azure.arm("PATCH", VM, change, if_match=made["etag"])
        await azure.finish(headers)

        stale = await refused(azure, "PATCH", VM, change, if_match=made["etag"])
        exists = await refused(azure, "PUT", VM, from_image(), if_none_match="*")

        assert status == 200
        assert (stale["http"], exists["http"]) == (412, 412)


async def test_a_refused_update_changes_nothing() -> None:
    async with world() as azure:
        before = await azure.put(VM, from_image())
        many = [
            {"lun": lun, "createOption": "Empty", "diskSizeGB": 4, "name": f"d{lun}"}
            for lun in range(5)
        ]
        body = {"tags": {"a": "b"}, "properties": {"storageProfile": {"dataDisks": many}}}

        error = await refused(azure, "PATCH", VM, body)

        assert "maximum number of data disks" in error["message"]
        assert await read(azure, VM) == before


async def test_identities_merge_and_none_takes_them_away() -> None:
    async with world() as azure:
        user = "/subscriptions/x/resourceGroups/rg/providers/Microsoft.ManagedIdentity/u/one"
        both = {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {user: {}}}
        await azure.put(VM, from_image() | {"identity": both})
        first = await read(azure, VM)
        await patched(azure, {}, identity={"type": "SystemAssigned"})
        second = await read(azure, VM)
        await patched(azure, {}, identity={"type": "None"})

        assert user in first["identity"]["userAssignedIdentities"]
        assert first["identity"]["principalId"] == second["identity"]["principalId"]
        assert "identity" not in await read(azure, VM)


async def test_user_data_changes_without_a_restart_and_an_empty_text_takes_it_away() -> None:
    async with world() as azure:
        await azure.put(VM, from_image(userData="aGk="))
        await patched(azure, {"userData": ""})

        told = await read(azure, f"{VM}?$expand=userData")
        assert "userData" not in told["properties"]
        assert await power_of(azure) == "PowerState/running"


async def test_a_rising_price_evicts_a_vm_that_may_not_pay_it() -> None:
    async with world() as azure:
        await azure.put(VM, from_image(billingProfile={"maxPrice": 0.5}))
        dear = {"location": "eastus", "size": "Standard_D2s_v5", "usd_per_hour": 0.6}

        answer = await want(azure, "PUT", "/prices", {"prices": [dear]})

        assert answer["evicted"] == [VM]
