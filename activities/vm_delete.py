"""Delete a VM, and never its disks."""

from typing import Any

from azure.mgmt.compute import models as m

from activities.azure.clients import Azure
from activities.azure.ensure import must_look_again
from activities.azure.errors import answering
from activities.azure.polling import follow
from activities.ports import Ports, headers, is_ours, journalled
from activities.vm_read import UP, get_vm, power_of, state_of, surely
from shared.contracts.base import Changed, Done, Refused, StillRunning
from shared.contracts.vm import DeleteVm
from shared.names import TAG_OPERATION, parts_of


@answering
async def delete_vm(request: DeleteVm, *, ports: Ports) -> Done | Refused | Changed | StillRunning:
    """Delete a VM; its disks, NICs and addresses stay: every deleteOption is read as Detach first.

    Idempotent: a VM that is not there is deleted. Never forced: that is for VMs whose disks
    nobody wants. Refuses a VM that is not the node's. Changed: it runs though it should be down;
    only one that this very operation made, and that failed, may go while Azure calls it running.
    """
    work, vm_id = request.work, request.vm_resource_id
    azure = await ports.azure_of(work)
    vm = await surely(azure, vm_id, ports.clock)
    if vm is None:
        return await _forget(request, ports)
    if not is_ours(vm.tags, work):
        return Refused(code="NotOurs", message=f"{vm_id} does not carry this node's tag")
    failed_here = (
        state_of(vm) == "Failed" and (vm.tags or {}).get(TAG_OPERATION) == work.operation_id
    )
    if power_of(vm) in UP and not (request.even_if_running or failed_here):
        return Changed(code="StillRunning", message=f"{vm_id} runs; it is not given up")
    if unsafe := _not_detached(vm):
        if await must_look_again(_detach_all(azure, vm, request, ports)):
            return StillRunning(token="")
        vm = await get_vm(azure, vm_id, ports.clock)
        if vm and _not_detached(vm):
            return Refused(code="WouldLoseDisks", message=f"{unsafe} would go with {vm_id}")
    group, _, name = parts_of(vm_id)
    async with journalled(ports, work, "delete_vm", vm_id):
        ended = await must_look_again(
            follow(
                lambda polling, token: azure.compute.virtual_machines.begin_delete(
                    group, name, polling=polling, continuation_token=token, headers=headers(work)
                ),
                ports.clock,
            )
        )
    # A token would skip the checks above; the next look finds the VM by name, or finds it gone.
    return StillRunning(token="") if ended else await _forget(request, ports)


async def _forget(request: DeleteVm, ports: Ports) -> Done:
    """Take the VM out of our index: before this, events about it still find the node."""
    await ports.stores.vms.remove(request.vm_resource_id, request.generation)
    return Done()


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


async def _detach_all(azure: Azure, vm: Any, request: DeleteVm, ports: Ports) -> Any:
    group, _, name = parts_of(vm.id)
    for part in _parts_with_option(vm):
        part.delete_option = "Detach"
    properties = m.VirtualMachineProperties(
        storage_profile=vm.properties.storage_profile,
        network_profile=vm.properties.network_profile,
    )
    update = m.VirtualMachineUpdate(properties=properties)
    async with journalled(ports, request.work, "detach_all", vm.id):
        return await follow(
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
