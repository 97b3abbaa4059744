"""The unmodified compute clients drive a VM through its life; their pollers finish."""

from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute import models as m

from tests.arm.compute import aio, sync
from tests.arm.machines import fill, nic_id, world

PASSWORD = "Correct-Horse-7"  # noqa: S105 - of a machine that does not exist


def _vm() -> m.VirtualMachine:
    image = m.ImageReference(
        publisher="Canonical", offer="ubuntu-24_04-lts", sku="server", version="latest"
    )
    return m.VirtualMachine(
        location="eastus",
        zones=["1"],
        tags={"a": "b"},
        properties=m.VirtualMachineProperties(
            hardware_profile=m.HardwareProfile(vm_size="Standard_D2s_v5"),
            priority="Spot",
            storage_profile=m.StorageProfile(
                image_reference=image,
                os_disk=m.OSDisk(create_option="FromImage", delete_option="Delete"),
                data_disks=[m.DataDisk(lun=0, create_option="Empty", disk_size_gb=8)],
            ),
            os_profile=m.OSProfile(
                computer_name="h", admin_username="azureuser", admin_password=PASSWORD
            ),
            network_profile=m.NetworkProfile(
                network_interfaces=[m.NetworkInterfaceReference(id=nic_id("nic1"))]
            ),
        ),
    )


def _code(error: HttpResponseError) -> str | None:
    return error.error.code if error.error else None


def _power(view: m.VirtualMachineInstanceView | None) -> str:
    assert view is not None
    return next(str(one.code) for one in view.statuses or [] if "Power" in str(one.code))


async def test_the_sync_client_drives_a_vm_from_create_to_delete() -> None:
    async with world() as azure:

        def work(client: ComputeManagementClient) -> list[str]:
            vms = client.virtual_machines
            made = vms.begin_create_or_update("rg", "vm1", _vm()).result()
            seen = [str(made.provisioning_state), _power(vms.instance_view("rg", "vm1"))]
            vms.begin_power_off("rg", "vm1").result()
            seen.append(_power(vms.instance_view("rg", "vm1")))
            vms.begin_start("rg", "vm1").result()
            vms.begin_restart("rg", "vm1").result()
            vms.begin_redeploy("rg", "vm1").result()
            vms.begin_reapply("rg", "vm1").result()
            vms.begin_deallocate("rg", "vm1").result()
            seen.append(_power(vms.instance_view("rg", "vm1")))
            resized = m.VirtualMachineProperties(
                hardware_profile=m.HardwareProfile(vm_size="Standard_D4s_v5")
            )
            update = m.VirtualMachineUpdate(properties=resized, tags={"c": "d"})
            changed = vms.begin_update("rg", "vm1", update).result()
            seen += [str(changed.hardware_profile.vm_size), str(changed.tags)]
            vms.generalize("rg", "vm1")
            vms.begin_delete("rg", "vm1").result()
            return [*seen, *(str(vm.name) for vm in vms.list("rg"))]

        seen = await sync(azure, work)

        assert seen == [
            *("Succeeded", "PowerState/running", "PowerState/stopped", "PowerState/deallocated"),
            *("Standard_D4s_v5", "{'c': 'd'}"),
        ]
        assert azure.world.calls.unknown == {}


async def test_the_aio_client_drives_a_vm_and_reads_the_fleet_in_one_call() -> None:
    async with world() as azure, aio(azure) as client:
        vms = client.virtual_machines
        poller = await vms.begin_create_or_update("rg", "vm1", _vm())
        made = await poller.result()
        expanded = await vms.get("rg", "vm1", expand="instanceView")
        fleet = [vm async for vm in vms.list_all(status_only="true")]
        by_location = [vm.name async for vm in vms.list_by_location("eastus")]
        await (await vms.begin_deallocate("rg", "vm1")).result()
        await (await vms.begin_delete("rg", "vm1", force_deletion=True)).result()
        repeated = await vms.begin_delete("rg", "vm1")
        await repeated.result()

        assert made.vm_id == expanded.vm_id
        assert _power(expanded.instance_view) == "PowerState/running"
        assert [_power(vm.instance_view) for vm in fleet] == ["PowerState/running"]
        assert by_location == ["vm1"]
        assert azure.world.calls.unknown == {}


async def test_a_poller_resumes_from_its_continuation_token_in_another_client() -> None:
    async with world() as azure:
        async with aio(azure) as client:
            poller = await client.virtual_machines.begin_create_or_update("rg", "vm1", _vm())
            token = poller.continuation_token()
        async with aio(azure) as client:
            again = await client.virtual_machines.begin_create_or_update(
                "rg", "vm1", _vm(), continuation_token=token
            )
            made = await again.result()

        assert made.provisioning_state == "Succeeded"


async def test_the_clients_see_refusals_at_once_and_at_the_end_as_azures_errors() -> None:
    async with world() as azure, aio(azure) as client:
        vms = client.virtual_machines
        await fill(azure, when="accept")
        try:
            await vms.begin_create_or_update("rg", "vm1", _vm())
        except ResourceExistsError as error:
            at_once = error
        await fill(azure, when="completion")
        poller = await vms.begin_create_or_update("rg", "vm1", _vm())
        try:
            await poller.result()
        except HttpResponseError as error:
            at_end = error
        left = await vms.get("rg", "vm1")
        try:
            await vms.get("rg", "none")
        except ResourceNotFoundError as error:
            absent = error

        assert _code(at_once) == "SkuNotAvailable"
        assert _code(at_end) == "ZonalAllocationFailed"
        assert left.provisioning_state == "Failed"
        assert _code(absent) == "ResourceNotFound"
