"""A create that Azure refuses, at once or at its end, and what each leaves behind."""

from tests.arm.machines import (
    VM,
    act,
    attached,
    delete,
    disk_id,
    fill,
    from_image,
    nic_id,
    power_of,
    read,
    refused,
    vm_id,
    want,
    world,
)


async def test_a_create_refused_at_once_leaves_no_vm_but_keeps_its_interface_180_s() -> None:
    async with world(speed=300) as azure:
        await fill(azure, when="accept")
        first = await refused(azure, "PUT", VM, from_image())
        await want(azure, "DELETE", "/capacity")

        other = await refused(azure, "PUT", vm_id("vm2"), from_image())
        gone = await azure.arm("GET", VM)
        await azure.world.clock.sleep(181)
        later = await azure.put(vm_id("vm2"), from_image())

        assert (first["http"], first["code"], first["target"]) == (
            *(409, "SkuNotAvailable"),
            "sku.name",
        )
        assert (other["http"], other["code"]) == (400, "NicReservedForAnotherVm")
        assert gone[0] == 404
        assert later["properties"]["provisioningState"] == "Succeeded"


async def test_a_create_refused_at_its_end_leaves_a_failed_vm_that_holds_all_it_took() -> None:
    async with world() as azure:
        await fill(azure, when="completion", zone="1")
        _, _, headers = await azure.arm("PUT", VM, from_image())

        end = await azure.finish(headers)

        vm = await read(azure, f"{VM}?$expand=instanceView")
        statuses = vm["properties"]["instanceView"]["statuses"]
        disk = await read(azure, disk_id("os1"))
        nic = await read(azure, nic_id("nic1"))
        assert (end["status"], end["error"]["code"]) == ("Failed", "ZonalAllocationFailed")
        assert vm["properties"]["provisioningState"] == "Failed"
        assert [one["code"] for one in statuses] == [
            "ProvisioningState/failed/ZonalAllocationFailed"
        ]
        assert disk["properties"]["diskState"] == "Reserved"
        assert disk["managedBy"] == VM
        assert nic["properties"]["virtualMachine"]["id"] == VM

        await delete(azure)
        freed = await read(azure, disk_id("os1"))
        other = await refused(azure, "PUT", vm_id("vm2"), attached())
        assert freed["properties"]["diskState"] == "Unattached"
        assert other["code"] == "NicReservedForAnotherVm"


async def test_a_failed_create_is_not_mended_by_a_put_but_by_a_start() -> None:
    async with world() as azure:
        await fill(azure, when="completion")
        _, _, headers = await azure.arm("PUT", VM, from_image())
        await azure.finish(headers)
        await want(azure, "DELETE", "/capacity")
        body = from_image()
        del body["properties"]["osProfile"]["adminPassword"]
        again = await azure.put(VM, body)

        await act(azure, "start")

        assert again["properties"]["provisioningState"] == "Failed"
        assert await power_of(azure) == "PowerState/running"
        assert (await read(azure, VM))["properties"]["provisioningState"] == "Succeeded"


async def test_a_guest_that_never_reports_leaves_a_failed_vm_that_runs() -> None:
    async with world() as azure:
        fault = {
            "kind": "fail",
            "operation": "*virtualMachines/write",
            "code": "OSProvisioningTimedOut",
            "message": "OS Provisioning for VM 'vm1' did not finish in the allotted time.",
        }
        await want(azure, "POST", "/faults", fault)
        _, _, headers = await azure.arm("PUT", VM, from_image())

        end = await azure.finish(headers)

        assert end["error"]["code"] == "OSProvisioningTimedOut"
        assert await power_of(azure) == "PowerState/running"
        assert (await read(azure, VM))["properties"]["provisioningState"] == "Failed"
