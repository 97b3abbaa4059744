"""Attach disk: a new data disk comes to a node, and stays with it like its others."""

from orchestrators.retire import unchanged
from shared.contracts.base import Done, Ended, OperationInput, Refused
from shared.contracts.disk import DELETE_RESOURCES, DeleteResources
from shared.contracts.disks_change import (
    ATTACH_DATA_DISK,
    MAKE_DATA_DISK,
    AttachDataDisk,
    DataDiskAttached,
    DataDiskMade,
    MakeDataDisk,
)
from shared.contracts.node import CLAIM, SETTLE, Claimed, ClaimOperation, NotOurs, SettleOperation
from shared.durable import Context, Durable
from shared.model.run import DiskRef
from shared.policy.data_disks import with_disk
from shared.policy.landing import entry


class AttachDisk(OperationInput):
    """Input of attach disk."""

    disk: DiskRef


def attach_disk(context: Context, request: AttachDisk) -> Durable[Ended]:
    """Make a data disk and attach it now, or have it ready for the next launch."""
    # 1. Claim the node; its status stays what it is.
    claim = ClaimOperation(key=request.key, operation_id=request.operation_id, status=None)
    node = yield from CLAIM(context, claim)
    if isinstance(node, NotOurs):
        return Ended(outcome="not_ours", reason=node.reason)

    # 2. Make the disk.
    make = MakeDataDisk(
        work=node.work.at("make-disk", 20), disk=request.disk, generation=node.run.generation
    )
    made = yield from MAKE_DATA_DISK(context, make)
    if not isinstance(made, DataDiskMade):
        node, left = yield from _undo(context, node, made.made)
        return (yield from unchanged(context, node, f"{request.disk.name} not made{left}", made))
    disk, how = made.disk, "made; it is attached at the next launch"

    # 3. Attach it to the VM, if there is one; else the next launch does.
    if node.run.vm:
        vm_id, work = node.run.vm.id, node.work.at("attach-disk", 50)
        there = yield from ATTACH_DATA_DISK(
            context, AttachDataDisk(work=work, vm_resource_id=vm_id, disk=disk)
        )
        if isinstance(there, Refused):
            node, left = yield from _undo(context, node, (disk.id,))
            return (yield from unchanged(context, node, f"{disk.name} not attached{left}", there))
        if isinstance(there, DataDiskAttached):
            disk, how = there.disk, f"attached at LUN {there.disk.lun}"

    # 4. Record it: from now on it is one of the node's data disks.
    line = entry(context.current_utc_datetime, f"data disk {disk.name} {how}")
    settle = SettleOperation(
        work=node.work.at("settle", 100), run=with_disk(node.run, disk), log=(line,)
    )
    yield from SETTLE(context, settle)
    return Ended(outcome="attached")


def _undo(context: Context, node: Claimed, made: tuple[str, ...]) -> Durable[tuple[Claimed, str]]:
    """Delete what this operation has made: it is new and holds nothing; tell of what is left over.

    Returns the node with it, and words for its owner.
    """
    if not made:
        return node, ""
    undo = DeleteResources(work=node.work.at("undo", 70), resource_ids=made)
    gone = yield from DELETE_RESOURCES(context, undo)
    if isinstance(gone, Done):
        return node, ""
    left = (*node.run.leftovers, *made)
    node = node.model_copy(update={"run": node.run.model_copy(update={"leftovers": left})})
    return node, f", and not cleared away ({gone.code}: {gone.message})"
