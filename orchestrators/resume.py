"""Resume: a node that rests, or that failed, gets a VM again."""

from orchestrators.place import block_unseen, place, seen
from shared.contracts.base import Ended, OperationInput
from shared.contracts.node import CLAIM, ClaimOperation, NotOurs
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

    # 2. Look at the VM that a failure may have left: a paused node has none.
    there = yield from seen(context, node)
    if not isinstance(there, VmSeen):
        return (yield from block_unseen(context, node, there))

    # 3. Place it: rank the markets and the ways to them, and bring it up, or wait with a date.
    return (yield from place(context, node, there.facts, "resumed"))
