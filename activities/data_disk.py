"""Data disks that come to a node's VM, and leave it."""

from typing import Any

from azure.core.exceptions import HttpResponseError
from azure.mgmt.compute import models as m

from activities.azure.clients import Azure
from activities.azure.ensure import make, settled
from activities.azure.errors import UNSETTLED, Refusal, answering, arm_error
from activities.azure.polling import follow
from activities.azure.words import word
from activities.disk_read import get_disk
from activities.ports import Ports, headers, is_ours, journalled
from activities.vm_body import tags_of
from activities.vm_read import SECOND_LOOK_S, get_vm, state_of, surely
from shared.contracts.base import Changed, Done, Refused, StillRunning, Work
from shared.contracts.disks_change import (
    AttachDataDisk,
    DataDiskAttached,
    DataDiskMade,
    DetachDataDisk,
    MakeDataDisk,
)
from shared.model.run import DiskRef
from shared.model.wire import from_stored
from shared.names import TAG_OPERATION, parts_of, same_id


async def make_data_disk(
    request: MakeDataDisk, *, ports: Ports
) -> DataDiskMade | Refusal | StillRunning:
    """Make the disk, empty, with the node's tags.

    Idempotent: one that this operation made is the answer. Any other of that name is refused, never
    touched. A refusal tells what may have been made all the same.
    """
    answer = await _make_disk(request, ports)
    if not isinstance(answer, Refused | Changed):
        return answer
    work = request.work
    intents = await ports.stores.journal.of_operation(work.key, work.operation_id)
    begun = any(one.step.startswith(f"{work.step}/") for one in intents)
    return answer.model_copy(update={"made": (request.disk.id,) if begun else ()})


@answering
async def _make_disk(request: MakeDataDisk, ports: Ports) -> DataDiskMade | Refused | StillRunning:
    work, disk = request.work, request.disk
    azure = await ports.azure_of(work)
    record = await ports.stores.nodes.get(work.key)
    if record is None:
        return Refused(code="NodeGone", message=f"node {work.key.node_id} was deleted")
    group, _, name = parts_of(disk.id)
    operations = azure.compute.disks
    there = await settled(lambda: operations.get(group, name), ports.clock)
    if there is None:
        body = m.Disk(
            location=work.region,
            tags=tags_of(from_stored(record.document), work, request.generation),
            zones=[disk.zone] if disk.zone else None,
            sku=m.DiskSku(name=disk.sku),
            properties=m.DiskProperties(
                creation_data=m.CreationData(create_option="Empty"), disk_size_gb=disk.size_gib
            ),
        )
        async with journalled(ports, work, f"create_{name}", disk.id):
            there = await make(
                lambda polling, token: operations.begin_create_or_update(
                    group,
                    name,
                    body,
                    polling=polling,
                    continuation_token=token,
                    headers=headers(work),
                ),
                ports.clock,
            )
    if isinstance(there, StillRunning):
        return there
    if not _made_here(there, work):
        return Refused(code="DiskExists", message=f"{disk.id} exists, and was not made for this")
    return DataDiskMade(disk=disk.model_copy(update={"id": there.id, "name": there.name}))


def _made_here(disk: Any, work: Work) -> bool:
    return is_ours(disk.tags, work) and disk.tags.get(TAG_OPERATION) == work.operation_id


@answering
async def attach_data_disk(
    request: AttachDataDisk, *, ports: Ports
) -> DataDiskAttached | Refused | Changed | StillRunning:
    """Attach the disk at its LUN, to be kept when the VM goes.

    Idempotent: a VM that has it is the answer, wherever it has it. Changed: the VM is not there.
    Refused: the VM is not the node's, or Azure does not take the disk.
    """
    azure, vm_id = await ports.azure_of(request.work), request.vm_resource_id
    vm = await surely(azure, vm_id, ports.clock)
    if vm is None:
        return Changed(code="VmVanished", message=f"{vm_id} is not there")
    if not is_ours(vm.tags, request.work):
        return Refused(code="NotOurs", message=f"{vm_id} does not carry this node's tag")
    answer: DataDiskAttached | Changed | StillRunning | None = _outcome(request, vm)
    if answer:
        return answer
    coming = m.DataDisksToAttach(
        disk_id=request.disk.id,
        lun=request.disk.lun,
        caching=request.disk.caching,
        delete_option="Detach",
    )
    change = m.AttachDetachDataDisksRequest(data_disks_to_attach=[coming])
    answer = await _changed(azure, request, change, ports)
    return answer or StillRunning(token="")


@answering
async def detach_data_disk(
    request: DetachDataDisk, *, ports: Ports
) -> Done | Refused | Changed | StillRunning:
    """Take the disk off the VM; Done once Azure says of the disk that nobody has it.

    Idempotent: a VM that has it not, or is not there, lets go of nothing.
    """
    azure, vm_id = await ports.azure_of(request.work), request.vm_resource_id
    vm = await surely(azure, vm_id, ports.clock)
    entry = _entry(vm, request.disk_id) if vm else None
    if vm is None or entry is None:
        return await _free(azure, request, ports)
    if not is_ours(vm.tags, request.work):
        return Refused(code="NotOurs", message=f"{vm_id} does not carry this node's tag")
    leaving = m.DataDisksToDetach(disk_id=entry.managed_disk.id)
    change = m.AttachDetachDataDisksRequest(data_disks_to_detach=[leaving])
    answer: Done | Changed | StillRunning | None = await _changed(azure, request, change, ports)
    if isinstance(answer, Done):
        return await _free(azure, request, ports)
    return answer or StillRunning(token="")


async def _free(
    azure: Azure, request: DetachDataDisk, ports: Ports
) -> Done | Refused | Changed | StillRunning:
    """Believe that a disk is free once Azure says so of the disk itself."""
    for pause_s in (SECOND_LOOK_S, 0.0):
        disk = await get_disk(azure, request.disk_id)
        if disk is None or not disk.managed_by:
            return Done()
        if not same_id(disk.managed_by, request.vm_resource_id):
            told = f"{request.disk_id} is used by {disk.managed_by}"
            return Changed(code="DiskInUse", message=told)
        await ports.clock.sleep(pause_s)
    return StillRunning(token="")


def _entry(vm: Any, disk_id: str) -> Any:
    """Return what a VM's model says of a data disk, None: it has it not, or is letting go of it."""
    for one in vm.properties.storage_profile.data_disks or ():
        if one.managed_disk and same_id(one.managed_disk.id or "", disk_id):
            return None if one.to_be_detached else one
    return None


def _attached(disk: DiskRef, entry: Any) -> DataDiskAttached:
    changes = {"lun": entry.lun, "caching": word(entry.caching) or disk.caching}
    return DataDiskAttached(disk=disk.model_copy(update=changes))


async def _changed(
    azure: Azure,
    request: AttachDataDisk | DetachDataDisk,
    change: m.AttachDetachDataDisksRequest,
    ports: Ports,
) -> Any:
    """Change the VM's data disks, and read back what came of it, also after a failure.

    None: it is not as Azure said; the read came too early, or somebody undid it at once.
    """
    work, vm_id = request.work, request.vm_resource_id
    group, _, name = parts_of(vm_id)
    refusal: HttpResponseError | None = None
    try:
        async with journalled(ports, work, "change_data_disks", vm_id):
            ended = await follow(
                lambda polling, token: (
                    azure.compute.virtual_machines.begin_attach_detach_data_disks(
                        group,
                        name,
                        change,
                        polling=polling,
                        continuation_token=token,
                        headers=headers(work),
                    )
                ),
                ports.clock,
            )
        if isinstance(ended, StillRunning):
            return StillRunning(token="")
    except HttpResponseError as error:
        if arm_error(error).rule.kind in UNSETTLED:
            raise
        refusal = error
    vm = await get_vm(azure, vm_id, ports.clock)
    if vm is None:
        return Changed(code="VmVanished", message=f"{vm_id} is not there")
    answer = _outcome(request, vm)
    if answer is None and refusal is not None:
        raise refusal
    return answer


def _outcome(request: AttachDataDisk | DetachDataDisk, vm: Any) -> Any:
    """Return what a VM that was just read says of the change; None: it is not so."""
    if isinstance(request, DetachDataDisk):
        return Done() if _entry(vm, request.disk_id) is None else None
    entry = _entry(vm, request.disk.id)
    if entry and state_of(vm) == "Updating":
        return StillRunning(token="")  # the model shows what was asked before it is so
    return _attached(request.disk, entry) if entry else None
