"""Recycle: a new VM, built from the configuration as it is now."""

from orchestrators.place import Ways, place
from orchestrators.release import Kept, failed, release
from orchestrators.take_stock import take_stock
from shared.contracts.base import Ended, OperationInput
from shared.contracts.node import CLAIM, SETTLE, Claimed, ClaimOperation, NotOurs, SettleOperation
from shared.durable import Context, Durable
from shared.model.run import Status
from shared.policy.release import way_back


def recycle(context: Context, request: OperationInput) -> Durable[Ended]:
    """Give the VM up and launch another; where none is to be had, one where the old one was."""
    # 1. Claim the node.
    claim = ClaimOperation(
        key=request.key, operation_id=request.operation_id, status=Status.RECYCLING
    )
    node = yield from CLAIM(context, claim)
    if isinstance(node, NotOurs):
        return Ended(outcome="not_ours", reason=node.reason)

    # 2. Release its VM, with what a failure may have left: what persists is kept, the rest goes.
    whole = yield from take_stock(context, node)
    if not isinstance(whole, Claimed):
        return (yield from failed(context, node, "Recycle", f"{whole.code}: {whole.message}"))
    node = whole
    answer = yield from release(context, node)
    if isinstance(answer, Kept):
        return (yield from failed(context, node, "Recycle", answer.reason))
    had = node.run
    node = node.model_copy(update={"run": answer.run})
    given_up = SettleOperation(
        work=node.work.at("released", 60), run=node.run, log=answer.log, keep=True
    )
    yield from SETTLE(context, given_up)

    # 3. Place it: if that fails, go back to the market that it was in.
    ways = Ways(back=way_back(had, node))
    return (yield from place(context, node, None, "recycled", ways))
