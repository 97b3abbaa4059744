"""Delete a VM, and never its disks."""

from typing import Any

from azure.mgmt.compute import models as m

from activities.azure.clients import Azure
from activities.azure.errors import answering
from activities.azure.polling import follow
from activities.ports import Ports, headers, is_ours, journalled
from activities.vm_read import get_vm, power_of, state_of
from activities.vm_up import UP
from shared.contracts.base import Done, Refused, StillRunning
from shared.contracts.vm import DeleteVm
from shared.names import TAG_OPERATION, parts_of


@answering
async def delete_vm(request: DeleteVm, *, ports: Ports) -> Done | Refused | StillRunning:
    """Delete a VM; its disks, NICs and addresses stay: every deleteOption is read as Detach first.

    Idempotent: a VM that is not there is deleted. Never forced: that is for VMs whose disks
    nobody wants. Refuses a VM that is not the node's, or runs though it should not; only a VM that
    this very operation made, and that failed, may go while Azure calls it running.
    """
    work, vm_id = request.work, request.vm_resource_id
    azure = await ports.azure_of(work)
    vm = await get_vm(azure, vm_id)
    if vm is None:
        return Done()
    if not is_ours(vm.tags, work):
        return Refused(code="NotOurs", message=f"{vm_id} does not carry this node's tag")
    failed_here = (
        state_of(vm) == "Failed" and (vm.tags or {}).get(TAG_OPERATION) == work.operation_id
    )
    if power_of(vm) in UP and not (request.even_if_running or failed_here):
        return Refused(code="StillRunning", message=f"{vm_id} runs; it is not given up")
    if unsafe := _not_detached(vm):
        await _detach_all(azure, vm, request, ports)
        vm = await get_vm(azure, vm_id)
        if vm and _not_detached(vm):
            return Refused(code="WouldLoseDisks", message=f"{unsafe} would go with {vm_id}")
    group, _, name = parts_of(vm_id)
    async with journalled(ports, work, "delete_vm", vm_id):
        ended = await follow(
            lambda polling, token: azure.compute.virtual_machines.begin_delete(
                group, name, polling=polling, continuation_token=token, headers=headers(work)
            ),
            ports.clock,
        )
    await ports.stores.vms.remove(vm_id)
    return ended if isinstance(ended, StillRunning) else Done()


def _parts_with_option(vm: Any) -> list[Any]:
    storage, network = vm.properties.storage_profile, vm.properties.network_profile
    return [storage.os_disk, *(storage.data_disks or ()), *(network.network_interfaces or ())]


def _not_detached(vm: Any) -> str:
    """Return what a delete of the VM would take with it."""
    for part in _parts_with_option(vm):
        option = getattr(part, "delete_option", None) or getattr(
            getattr(part, "properties", None), "delete_option", None
        )
        if option and option != "Detach":
            return str(getattr(part, "name", None) or part.id)
    return ""


async def _detach_all(azure: Azure, vm: Any, request: DeleteVm, ports: Ports) -> None:
    group, _, name = parts_of(vm.id)
    for part in _parts_with_option(vm):
        part.delete_option = "Detach"
    properties = m.VirtualMachineProperties(
        storage_profile=vm.properties.storage_profile,
        network_profile=vm.properties.network_profile,
    )
    update = m.VirtualMachineUpdate(properties=properties)
    async with journalled(ports, request.work, "detach_all", vm.id):
        await follow(
            lambda polling, token: azure.compute.virtual_machines.begin_update(
                group,
                name,
                update,
                polling=polling,
                continuation_token=token,
                headers=headers(request.work),
            ),
            ports.clock,
        )
