"""Deallocate: what a node has given up goes once its owner's time for it is over."""

from shared.contracts.base import Changed, Done, Ended, OperationInput, Refused
from shared.contracts.disk import DELETE_UNUSED, LET_GO, DeleteUnused, LetGo, Swept
from shared.contracts.node import CLAIM, SETTLE, Claimed, ClaimOperation, NotOurs, SettleOperation
from shared.contracts.vm import DELETE_VM, DeleteVm
from shared.durable import Context, Durable, pause
from shared.policy.deletion import is_over
from shared.policy.footing import LOOK_AGAIN_S
from shared.policy.parting import (
    both,
    is_somebodys,
    not_left,
    rest_of,
    untouched,
    vms_among,
    with_vm,
)
from shared.policy.retained import as_swept, due_now, dues, swept, tidings, unused


def deallocate(context: Context, request: OperationInput) -> Durable[Ended]:
    """Delete what is due of a node that lives, or that is on its way out and ends with the last."""
    # 1. Claim the node; its status stays what it is.
    claim = ClaimOperation(key=request.key, operation_id=request.operation_id, status=None)
    node = yield from CLAIM(context, claim)
    if isinstance(node, NotOurs):
        return Ended(outcome="not_ours", reason=node.reason)

    # 2. Delete what is due, unless somebody uses it by now.
    run, now = unused(node.run), context.current_utc_datetime
    due = tuple(one.id for one in due_now(run, now))
    answer = yield from _let_go(context, node, (yield from _sweep(context, node, due)))

    # 3. Keep what is left until its time, or forget a node of which nothing is left.
    now = context.current_utc_datetime
    run = swept(run, answer, now)
    settle = SettleOperation(
        work=node.work.at("settle", 100),
        run=run,
        log=tidings(answer, now),
        due=dues(node.work.key, run.retained),
        gone=is_over(run),
    )
    yield from SETTLE(context, settle)
    return Ended(outcome="gone" if settle.gone else "settled")


def _sweep(context: Context, node: Claimed, due: tuple[str, ...]) -> Durable[Swept]:
    """Delete VMs first, for all else may be theirs; what one keeps that cannot go is left alone."""
    answer = Swept()
    for vm_id in vms_among(due):
        answer = with_vm(answer, vm_id, (yield from _end_vm(context, node, vm_id)))
    rest = rest_of(due, answer)
    if not rest:
        return answer
    if answer.refused:
        return untouched(answer, rest)
    work, ended = node.work.at("deallocate", 50), vms_among(answer.gone)
    sweep = DeleteUnused(work=work, resource_ids=rest, ended=ended)
    return both(answer, as_swept((yield from DELETE_UNUSED(context, sweep)), rest))


def _let_go(context: Context, node: Claimed, answer: Swept) -> Durable[Swept]:
    """Take our tags off what somebody uses: it is theirs. What keeps them is tried again later."""
    if not answer.left:
        return answer
    work = node.work.at("let-go", 70)
    free = yield from LET_GO(context, LetGo(work=work, resource_ids=answer.left))
    return answer if isinstance(free, Done) else not_left(answer, free)


def _end_vm(context: Context, node: Claimed, vm_id: str) -> Durable[Done | Refused | Changed]:
    """Delete a VM; that it is somebody's is believed at the second look: reads may lag."""
    end = DeleteVm(work=node.work.at("end-vm", 30), vm_resource_id=vm_id)
    ended = yield from DELETE_VM(context, end)
    if is_somebodys(ended):
        yield from pause(context, LOOK_AGAIN_S)
        ended = yield from DELETE_VM(context, end)
    return ended
