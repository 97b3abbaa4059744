"""Swap OS disk: another disk becomes the one that a resting node boots from."""

from orchestrators.retire import Without, retire, unchanged
from shared.contracts.base import Changed, Done, Ended, OperationInput, Refused
from shared.contracts.disk import LET_GO, LetGo
from shared.contracts.disks_change import (
    ADOPT_OS_DISK,
    EXCHANGE_OS_DISK,
    AdoptOsDisk,
    ExchangeOsDisk,
    OsDiskAdopted,
    OsDiskFit,
)
from shared.contracts.node import CLAIM, SETTLE, Claimed, ClaimOperation, NotOurs, SettleOperation
from shared.durable import Context, Durable
from shared.policy.landing import entry
from shared.policy.os_disk import booting_from
from shared.policy.retained import Retirement


class SwapOsDisk(OperationInput):
    """Input of swap OS disk."""

    disk_id: str
    fit: OsDiskFit
    retirement: Retirement
    """Of the disk that it replaces."""


def swap_os_disk(context: Context, request: SwapOsDisk) -> Durable[Ended]:
    """Have the node's next boot be from another disk; see to the old one as its owner chose."""
    # 1. Claim the node; its status stays what it is.
    claim = ClaimOperation(key=request.key, operation_id=request.operation_id, status=None)
    node = yield from CLAIM(context, claim)
    if isinstance(node, NotOurs):
        return Ended(outcome="not_ours", reason=node.reason)

    # 2. Look whether the disk fits, and mark it as the node's.
    adopt = AdoptOsDisk(
        work=node.work.at("adopt", 20),
        disk_id=request.disk_id,
        fit=request.fit,
        generation=node.run.generation,
    )
    new = yield from ADOPT_OS_DISK(context, adopt)
    if not isinstance(new, OsDiskAdopted):
        return (yield from _not_swapped(context, node, request, new))

    # 3. Exchange it in the VM of a node that is stopped; a paused one has none.
    if node.run.vm:
        exchange = ExchangeOsDisk(
            work=node.work.at("exchange", 50), vm_resource_id=node.run.vm.id, disk=new.disk
        )
        done = yield from EXCHANGE_OS_DISK(context, exchange)
        if not isinstance(done, Done):
            return (yield from _not_swapped(context, node, request, done))

    # 4. Record it: the next launch attaches it. Retire the old one.
    run, old = booting_from(node.run, new.disk), node.run.os_disk
    line = entry(context.current_utc_datetime, f"the next boot is from {new.disk.name}")
    if old:
        change = Without(run=run, disk=old, log=(line,))
        return (yield from retire(context, node, change, request.retirement))
    settle = SettleOperation(work=node.work.at("settle", 100), run=run, log=(line,))
    yield from SETTLE(context, settle)
    return Ended(outcome="settled")


def _not_swapped(
    context: Context, node: Claimed, request: SwapOsDisk, answer: Refused | Changed
) -> Durable[Ended]:
    """Leave the node as it was, and the disk as its user's: only our own mark comes off it."""
    back = LetGo(
        work=node.work.at("undo", 70),
        resource_ids=(request.disk_id,),
        marked_by=request.operation_id,
    )
    yield from LET_GO(context, back)
    return (yield from unchanged(context, node, "OS disk not swapped", answer))
