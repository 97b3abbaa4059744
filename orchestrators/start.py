"""Start: a stopped node's VM runs again."""

from orchestrators.place import Ways, block_unseen, place, seen
from shared.contracts.base import Ended, OperationInput
from shared.contracts.node import CLAIM, ClaimOperation, NotOurs
from shared.contracts.vm import VmSeen
from shared.durable import Context, Durable
from shared.model.run import Status
from shared.policy.release import in_place


def start(context: Context, request: OperationInput) -> Durable[Ended]:
    """Start the same VM; where Azure has no room for it, or it is gone, another takes its place."""
    # 1. Claim the node.
    claim = ClaimOperation(
        key=request.key, operation_id=request.operation_id, status=Status.STARTING
    )
    node = yield from CLAIM(context, claim)
    if isinstance(node, NotOurs):
        return Ended(outcome="not_ours", reason=node.reason)

    # 2. Look at the VM: somebody may have started it, or deleted it.
    there = yield from seen(context, node)
    if not isinstance(there, VmSeen):
        return (yield from block_unseen(context, node, there))

    # 3. Start it where it is: without room there, place it as after an eviction.
    ways = Ways(first=in_place(there.facts) if there.facts.exists else None)
    return (yield from place(context, node, there.facts, "started", ways))
