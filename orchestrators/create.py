"""Create: a node's first launch."""

from orchestrators.place import place
from shared.contracts.base import Ended, OperationInput
from shared.contracts.node import CLAIM, ClaimOperation, NotOurs
from shared.durable import Context, Durable
from shared.model.run import Status


def create(context: Context, request: OperationInput) -> Durable[Ended]:
    """Give a new node its first VM."""
    # 1. Claim the node: an operation that has finished never runs again.
    claim = ClaimOperation(
        key=request.key, operation_id=request.operation_id, status=Status.PENDING
    )
    node = yield from CLAIM(context, claim)
    if isinstance(node, NotOurs):
        return Ended(outcome="not_ours", reason=node.reason)

    # 2. Place it: rank the markets, launch in the first that has room, or wait with a date.
    return (yield from place(context, node, None, "first launch"))
