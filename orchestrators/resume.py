"""Resume: a node that rests, or that failed, gets a VM again."""

from orchestrators.place import block_unseen, place, seen
from orchestrators.take_stock import put_down, take_stock
from shared.contracts.base import Ended, OperationInput
from shared.contracts.node import CLAIM, Claimed, ClaimOperation, NotOurs
from shared.contracts.vm import VmSeen
from shared.durable import Context, Durable
from shared.model.run import Status


def resume(context: Context, request: OperationInput) -> Durable[Ended]:
    """Bring a node up with all that it kept."""
    # 1. Claim the node.
    claim = ClaimOperation(
        key=request.key, operation_id=request.operation_id, status=Status.RESUMING
    )
    node = yield from CLAIM(context, claim)
    if isinstance(node, NotOurs):
        return Ended(outcome="not_ours", reason=node.reason)

    # 2. Take what a failure may have left, and look at its VM: a paused node has none.
    whole = yield from take_stock(context, node)
    if not isinstance(whole, Claimed):
        return (yield from block_unseen(context, node, whole))
    stuck = yield from put_down(context, whole, node)
    if stuck:
        return (yield from block_unseen(context, whole, stuck))
    node = whole
    there = yield from seen(context, node)
    if not isinstance(there, VmSeen):
        return (yield from block_unseen(context, node, there))

    # 3. Place it: rank the markets and the ways to them, and bring it up, or wait with a date.
    return (yield from place(context, node, there.facts, "resumed"))
