"""Another disk takes the place of a node's OS disk."""

from typing import Any

from azure.core.exceptions import HttpResponseError
from azure.mgmt.compute import models as m

from activities.azure.clients import Azure
from activities.azure.errors import UNSETTLED, answering, arm_error
from activities.azure.polling import follow
from activities.disk_read import disk_facts, get_disk, read_disk
from activities.ports import Ports, headers, is_ours, journalled
from activities.vm_body import tags_of
from activities.vm_read import SECOND_LOOK_S, get_vm, power_of, state_of, surely
from shared.contracts.base import Changed, Done, Refused, StillRunning
from shared.contracts.disks_change import AdoptOsDisk, ExchangeOsDisk, OsDiskAdopted
from shared.model.run import DiskRef
from shared.model.wire import from_stored
from shared.names import TAG_OPERATION, parts_of, same_id
from shared.policy.os_disk import misfits


@answering
async def adopt_os_disk(
    request: AdoptOsDisk, *, ports: Ports
) -> OsDiskAdopted | Refused | Changed | StillRunning:
    """Look whether the disk fits, then put the node's tags beside those that it has.

    Idempotent: one that carries this operation's tag is the answer. Refused: it does not fit, and
    nothing was written.
    """
    work = request.work
    azure = await ports.azure_of(work)
    record = await ports.stores.nodes.get(work.key)
    if record is None:
        return Refused(code="NodeGone", message=f"node {work.key.node_id} was deleted")
    disk = await _surely(azure, request.disk_id, ports)
    if disk is not None and (disk.tags or {}).get(TAG_OPERATION) == work.operation_id:
        return OsDiskAdopted(disk=swapped_in(disk))
    facts = disk_facts(disk) if disk is not None else None
    present = await read_disk(azure, request.fit.like_id) if request.fit.like_id else None
    found = [*misfits(facts, present, request.fit, work.key.node_id)]
    if disk is None or found:
        return Refused(code="DiskDoesNotFit", message=f"{request.disk_id}: {'; '.join(found)}")
    ours = tags_of(from_stored(record.document), work, request.generation)
    body = m.DiskUpdate(tags=dict(disk.tags or {}) | ours)
    group, _, name = parts_of(request.disk_id)
    async with journalled(ports, work, f"swap_in_{name}", request.disk_id):
        ended: Any = await follow(
            lambda polling, token: azure.compute.disks.begin_update(
                group,
                name,
                body,
                polling=polling,
                continuation_token=token,
                headers=headers(work),
            ),
            ports.clock,
        )
    return (
        StillRunning(token="")
        if isinstance(ended, StillRunning)
        else OsDiskAdopted(disk=swapped_in(ended))
    )


async def _surely(azure: Azure, disk_id: str, ports: Ports) -> Any:
    """Return a disk; that it is not there is believed at the second look."""
    disk = await get_disk(azure, disk_id)
    if disk is None:
        await ports.clock.sleep(SECOND_LOOK_S)
        disk = await get_disk(azure, disk_id)
    return disk


def swapped_in(disk: Any) -> DiskRef:
    """Return a disk as the node names it that boots from it."""
    facts = disk_facts(disk)
    return DiskRef(
        id=facts.id,
        name=facts.name,
        sku=facts.sku,
        size_gib=facts.size_gib,
        zone=facts.zone,
        security_type=facts.security_type,
    )


@answering
async def exchange_os_disk(
    request: ExchangeOsDisk, *, ports: Ports
) -> Done | Refused | Changed | StillRunning:
    """Have the deallocated VM boot from the disk next time; its old disk is left free.

    Idempotent: a VM that has the disk is the answer. Changed: the VM is not there, or runs.
    """
    work, vm_id = request.work, request.vm_resource_id
    azure = await ports.azure_of(work)
    vm = await surely(azure, vm_id, ports.clock)
    if vm is None:
        return Changed(code="VmVanished", message=f"{vm_id} is not there")
    if not is_ours(vm.tags, work):
        return Refused(code="NotOurs", message=f"{vm_id} does not carry this node's tag")
    if answer := _exchanged(vm, request.disk):
        return answer
    if power_of(vm) != "deallocated":
        return Changed(code="StillRunning", message=f"{vm_id} is {power_of(vm)}, not deallocated")
    refusal = await _put(azure, vm, request, ports)
    vm = await get_vm(azure, vm_id, ports.clock)
    answer = _exchanged(vm, request.disk) if vm is not None else None
    if answer is None and refusal is not None:
        raise refusal
    return answer or StillRunning(token="")


def _exchanged(vm: Any, disk: DiskRef) -> Done | StillRunning | None:
    """Return what a VM that was just read says of the exchange; None: it is not so."""
    managed = vm.properties.storage_profile.os_disk.managed_disk
    if not managed or not same_id(managed.id or "", disk.id):
        return None
    # The model shows what was asked before it is so.
    return StillRunning(token="") if state_of(vm) == "Updating" else Done()


async def _put(
    azure: Azure, vm: Any, request: ExchangeOsDisk, ports: Ports
) -> HttpResponseError | None:
    """Send the update and follow it; return a failure that only the VM itself can tell of."""
    group, _, name = parts_of(request.vm_resource_id)
    disk = m.OSDisk(
        name=request.disk.name,
        create_option=vm.properties.storage_profile.os_disk.create_option,
        managed_disk=m.ManagedDiskParameters(id=request.disk.id),
        delete_option="Detach",
    )
    storage = m.StorageProfile(os_disk=disk)
    update = m.VirtualMachineUpdate(properties=m.VirtualMachineProperties(storage_profile=storage))
    try:
        async with journalled(ports, request.work, "exchange_os_disk", request.vm_resource_id):
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
    except HttpResponseError as error:
        if arm_error(error).rule.kind in UNSETTLED:
            raise
        return error
    return None
