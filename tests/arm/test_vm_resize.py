"""Another size: no room is asked for while deallocated; the guest must be able to boot on it."""

import pytest

from tests.arm.machines import (
    SIZE,
    VM,
    Json,
    act,
    fill,
    from_image,
    make_nic,
    nic_id,
    power_of,
    read,
    refused,
    want,
    world,
)


def to(size: str) -> Json:
    return {"properties": {"hardwareProfile": {"vmSize": size}}}


async def test_a_deallocated_vm_takes_a_size_without_room_and_fails_at_its_start() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        await act(azure, "deallocate")
        await fill(azure, size="Standard_D4s_v5", when="accept")

        status, _, headers = await azure.arm("PATCH", VM, to("Standard_D4s_v5"))
        end = await azure.finish(headers)

        error = await refused(azure, "POST", f"{VM}/start")
        assert (status, end["status"]) == (200, "Succeeded")
        assert error["code"] == "SkuNotAvailable"
        vm = await read(azure, VM)
        assert vm["properties"]["hardwareProfile"]["vmSize"] == "Standard_D4s_v5"


async def test_a_running_vm_is_resized_if_there_is_room_and_keeps_its_size_if_not() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        await fill(azure, size="Standard_D4s_v5", when="completion")
        _, _, headers = await azure.arm("PATCH", VM, to("Standard_D4s_v5"))
        failed = await azure.finish(headers)
        kept = await read(azure, VM)
        await want(azure, "DELETE", "/capacity")
        _, _, headers = await azure.arm("PATCH", VM, to("Standard_D4s_v5"))
        done = await azure.finish(headers)

        assert (failed["status"], done["status"]) == ("Failed", "Succeeded")
        assert kept["properties"]["hardwareProfile"]["vmSize"] == SIZE
        assert await power_of(azure) == "PowerState/running"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        ("Standard_D2ds_v5", "from resource disk to non-resource disk"),
        ("Standard_D2ps_v5", "CPU Architecture of 'Arm64'"),
        ("Standard_DC2as_v5", "only supported for creation of VMs with 'ConfidentialVM'"),
        ("Standard_D2as_v6", "disk controller types"),
        ("Standard_Nothing", "is not valid. The valid sizes"),
    ],
)
async def test_a_size_that_the_guest_cannot_live_on_is_refused(size: str, text: str) -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        await act(azure, "deallocate")

        error = await refused(azure, "PATCH", VM, to(size))

        assert text in error["message"]
        assert (await read(azure, VM))["properties"]["hardwareProfile"]["vmSize"] == SIZE


async def test_a_guest_with_nvme_drivers_goes_to_an_nvme_size_when_it_is_told_to() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        await act(azure, "deallocate")
        body = to("Standard_D2as_v6")
        body["properties"]["storageProfile"] = {"diskControllerType": "NVMe"}

        status, answer, headers = await azure.arm("PATCH", VM, body)
        await azure.finish(headers)

        assert status == 200
        assert answer["properties"]["storageProfile"]["diskControllerType"] == "NVMe"


async def test_a_generation_1_guest_does_not_boot_on_a_generation_2_size() -> None:
    async with world() as azure:
        body = from_image()
        body["properties"]["storageProfile"]["imageReference"]["sku"] = "22_04-lts"
        await azure.put(VM, body)
        await act(azure, "deallocate")

        error = await refused(azure, "PATCH", VM, to("Standard_D2as_v6"))

        assert "cannot boot Hypervisor Generation '1'" in error["message"]


async def test_more_interfaces_or_disks_than_the_size_takes_are_refused() -> None:
    async with world() as azure:
        names = [f"n{number}" for number in range(3)]
        for name in names:
            await make_nic(azure, name)
        body = from_image()
        body["properties"]["networkProfile"]["networkInterfaces"] = [
            {"id": nic_id(name), "properties": {"primary": name == "n0"}} for name in names
        ]
        disks = from_image()
        disks["properties"]["storageProfile"]["dataDisks"] = [
            {"lun": lun, "createOption": "Empty", "diskSizeGB": 4} for lun in range(5)
        ]

        nics = await refused(azure, "PUT", VM, body)
        too_many = await refused(azure, "PUT", VM, disks)

        assert (nics["code"], "maximum allowed is 2" in nics["message"]) == (
            "NetworkInterfaceCountExceeded",
            True,
        )
        assert too_many["message"].endswith("to a VM of this size is 4.")


async def test_the_sizes_a_vm_can_go_to_leave_out_what_it_cannot_boot_on() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())

        names = [one["name"] for one in (await read(azure, f"{VM}/vmSizes"))["value"]]

        assert SIZE in names
        assert "Standard_D2ps_v5" not in names


async def test_a_restricted_size_is_not_available_whatever_the_capacity() -> None:
    async with world() as azure:
        rule = {"size": SIZE, "location": "eastus", "zones": "1"}
        await want(azure, "PUT", "/restrictions", {"restrictions": [rule]})

        error = await refused(azure, "PUT", VM, from_image())

        assert (error["http"], error["code"]) == (409, "SkuNotAvailable")


async def test_a_quota_is_refused_in_the_exact_words_and_deallocated_vms_count() -> None:
    async with world() as azure:
        limit = {"location": "eastus", "name": "lowPriorityCores", "limit": 3}
        await want(azure, "PUT", "/quota", {"limits": [limit]})
        await azure.put(VM, from_image())
        await act(azure, "deallocate")
        body = from_image(nic="nic2")
        body["properties"]["storageProfile"]["osDisk"]["name"] = "os2"

        error = await refused(azure, "PUT", VM.replace("vm1", "vm2"), body)
        resize = await refused(azure, "PATCH", VM, to("Standard_D4s_v5"))

        assert (error["http"], error["code"]) == (409, "OperationNotAllowed")
        assert error["message"].startswith(
            "Operation could not be completed as it results in exceeding approved LowPriorityCores "
            "quota. Additional details - Deployment Model: Resource Manager, Location: eastus, "
            "Current Limit: 3, Current Usage: 2, Additional Required: 2, (Minimum) New Limit "
            "Required: 4."
        )
        assert "LowPriorityCores" in resize["message"]
