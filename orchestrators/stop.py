"""Stop: a node's VM is deallocated, and stays its VM."""

from orchestrators.release import failed
from shared.contracts.base import Changed, Ended, OperationInput
from shared.contracts.node import CLAIM, SETTLE, Claimed, ClaimOperation, NotOurs, SettleOperation
from shared.contracts.vm import DEALLOCATE_VM, DeallocateVm, Down
from shared.durable import Context, Durable, pause
from shared.model.run import Status
from shared.policy.footing import CHANGES_MAX, LOOK_AGAIN_S
from shared.policy.landing import entry
from shared.policy.release import stopped


def stop(context: Context, request: OperationInput) -> Durable[Ended]:
    """Deallocate the VM; it stays down until its owner or somebody in Azure starts it."""
    # 1. Claim the node.
    claim = ClaimOperation(
        key=request.key, operation_id=request.operation_id, status=Status.STOPPING
    )
    node = yield from CLAIM(context, claim)
    if isinstance(node, NotOurs):
        return Ended(outcome="not_ours", reason=node.reason)

    # 2. Deallocate the VM: its place in backend pools stays, as it does in an eviction.
    reason = yield from _deallocated(context, node)
    if reason:
        return (yield from failed(context, node, "Stop", reason))

    # 3. Show it STOPPED.
    now = context.current_utc_datetime
    rest = SettleOperation(
        work=node.work.at("settle", 100),
        run=stopped(node.run, now),
        log=(entry(now, "stopped"),),
    )
    yield from SETTLE(context, rest)
    return Ended(outcome="stopped")


def _deallocated(context: Context, node: Claimed) -> Durable[str]:
    """Deallocate, again where facts had changed; return why not, empty: the VM is down or gone."""
    if node.run.vm is None:
        return ""
    down = DeallocateVm(work=node.work.at("deallocate", 20), vm_resource_id=node.run.vm.id)
    answer = yield from DEALLOCATE_VM(context, down)
    for _ in range(CHANGES_MAX - 1):
        if not isinstance(answer, Changed):
            break
        yield from pause(context, LOOK_AGAIN_S)
        answer = yield from DEALLOCATE_VM(context, down)
    return "" if isinstance(answer, Down) else f"{answer.code}: {answer.message}"
