"""Pause: a node rests without a VM, with all that persists."""

from orchestrators.release import Kept, failed, release
from shared.contracts.base import Ended, OperationInput
from shared.contracts.node import CLAIM, SETTLE, ClaimOperation, NotOurs, SettleOperation
from shared.durable import Context, Durable
from shared.model.run import Status
from shared.policy.landing import entry
from shared.policy.release import paused


def pause(context: Context, request: OperationInput) -> Durable[Ended]:
    """Put a node to rest; whatever befalls its VM meanwhile, it stays down."""
    # 1. Claim the node.
    claim = ClaimOperation(
        key=request.key, operation_id=request.operation_id, status=Status.PAUSING
    )
    node = yield from CLAIM(context, claim)
    if isinstance(node, NotOurs):
        return Ended(outcome="not_ours", reason=node.reason)

    # 2. Release its VM: what persists is kept, the rest goes with it.
    answer = yield from release(context, node)
    if isinstance(answer, Kept):
        return (yield from failed(context, node, "Pause", answer.reason))

    # 3. Show it PAUSED.
    now = context.current_utc_datetime
    rest = SettleOperation(
        work=node.work.at("settle", 100),
        run=paused(answer.run, now),
        log=(*answer.log, entry(now, "paused")),
    )
    yield from SETTLE(context, rest)
    return Ended(outcome="paused")
