"""Detach disk: a data disk leaves its node, and is its user's, or goes after a time."""

from orchestrators.retire import Without, retire, unchanged
from shared.contracts.base import Done, Ended, OperationInput
from shared.contracts.disks_change import DETACH_DATA_DISK, DetachDataDisk
from shared.contracts.node import CLAIM, ClaimOperation, NotOurs
from shared.durable import Context, Durable
from shared.model.run import DiskRef
from shared.policy.data_disks import without_disk
from shared.policy.landing import entry
from shared.policy.retained import Retirement


class DetachDisk(OperationInput):
    """Input of detach disk."""

    disk: DiskRef
    retirement: Retirement


def detach_disk(context: Context, request: DetachDisk) -> Durable[Ended]:
    """Take a data disk off the node's VM, if it has one, and out of the node's record."""
    disk = request.disk

    # 1. Claim the node; its status stays what it is.
    claim = ClaimOperation(key=request.key, operation_id=request.operation_id, status=None)
    node = yield from CLAIM(context, claim)
    if isinstance(node, NotOurs):
        return Ended(outcome="not_ours", reason=node.reason)

    # 2. Detach it from the VM, if there is one.
    if node.run.vm:
        work = node.work.at("detach-disk", 30)
        leave = DetachDataDisk(work=work, vm_resource_id=node.run.vm.id, disk_id=disk.id)
        free = yield from DETACH_DATA_DISK(context, leave)
        if not isinstance(free, Done):
            return (yield from unchanged(context, node, f"{disk.name} not detached", free))

    # 3. Retire it: let go of it, or keep it until its time is over.
    run = without_disk(node.run, disk, node.document)
    line = entry(context.current_utc_datetime, f"data disk {disk.name} detached")
    return (
        yield from retire(
            context, node, Without(run=run, disk=disk, log=(line,)), request.retirement
        )
    )
