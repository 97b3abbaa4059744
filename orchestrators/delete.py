"""Delete: end a node, and what its user chose of its resources."""

from typing import TypeVar

from orchestrators.release import hear_out, leave, rejoin, runs_to_end
from orchestrators.take_stock import take_stock
from orchestrators.to_on_demand import Moved, to_on_demand
from shared.contracts.base import Changed, Done, Ended, OperationInput, Refused
from shared.contracts.disk import DELETE_RESOURCES, LET_GO, DeleteResources, LetGo
from shared.contracts.node import CLAIM, SETTLE, Claimed, ClaimOperation, NotOurs, SettleOperation
from shared.contracts.vm import DELETE_VM, DeleteVm
from shared.durable import Activity, Context, Durable, pause
from shared.model.run import LogEntry, Retained, Row, RunState, Status
from shared.policy.deletion import (
    Deallocation,
    Fates,
    at_once,
    delete_failed,
    fates,
    given_up,
    not_gone,
    plan_told,
    trouble_in,
)
from shared.policy.footing import CHANGES_MAX, LOOK_AGAIN_S
from shared.policy.landing import entry
from shared.policy.retained import dues, put_off

Request = TypeVar("Request", DeleteVm, DeleteResources, LetGo)
Log = list[LogEntry]


class DeleteNode(OperationInput):
    """Input of delete."""

    deallocation: Deallocation


class Stuck(Row):
    """The VM could neither be deleted nor moved; the node has what `run` says."""

    run: RunState
    reason: str
    rolled_back: bool = False
    """True: it runs again as it did."""


def delete(context: Context, request: DeleteNode) -> Durable[Ended]:
    """End a node; resources that were not chosen stay in Azure, unowned by us."""
    chosen, log = request.deallocation, Log()

    # 1. Claim the node, with what a failure may have left.
    claim = ClaimOperation(
        key=request.key, operation_id=request.operation_id, status=Status.DEALLOCATING
    )
    node = yield from CLAIM(context, claim)
    if isinstance(node, NotOurs):
        return Ended(outcome="not_ours", reason=node.reason)
    whole = yield from take_stock(context, node)
    if not isinstance(whole, Claimed):
        stuck = Stuck(run=node.run, reason=f"{whole.code}: {whole.message}")
        return (yield from _refused(context, node, chosen, stuck, log))
    node = whole

    # 2. Part from the backend pools, and let the VM say that it may be shut down.
    log += yield from _part(context, node, chosen)

    # 3. Delete the VM, if it is to go; move one that stays to on-demand, if it is to.
    ended = yield from _end_vm(context, node, chosen, log)
    if isinstance(ended, Stuck):
        return (yield from _refused(context, node, chosen, ended, log))
    node = ended

    # 4. Delete the chosen resources whose time is now: interfaces, addresses, disks, snapshots.
    what = fates(node.run, chosen, context.current_utc_datetime)
    kept = yield from _delete_now(context, node, what, log)

    # 5. Let go of what stays in Azure.
    if what.stays and chosen.lets_go:
        yield from _let_go(context, node, what, log)

    # 6. Forget the node, or keep it until the last of its resources may go.
    yield from _settle(context, node, kept, log)
    return Ended(outcome="going" if kept else "gone")


def _part(context: Context, node: Claimed, chosen: Deallocation) -> Durable[Log]:
    """Leave the backend pools and drain; hear the VM out that is to be shut down."""
    vm = node.run.vm
    log = Log()
    if vm is None:
        return log
    ends = chosen.terminate_vm or chosen.revert_to_od
    runs = (yield from runs_to_end(context, node, vm)) if ends else False
    if chosen.deregister:
        log += yield from leave(context, node, drain=runs)
    if runs:
        log += yield from hear_out(context, node, vm)
    return log


def _end_vm(
    context: Context, node: Claimed, chosen: Deallocation, log: Log
) -> Durable[Claimed | Stuck]:
    """Delete the VM or move it; return the node as it is then."""
    vm = node.run.vm
    if vm is None:
        return node
    if chosen.terminate_vm:
        end = DeleteVm(
            work=node.work.at("delete-vm", 30),
            vm_resource_id=vm.id,
            generation=node.run.generation,
            even_if_running=True,
        )
        gone = yield from _insist(context, DELETE_VM, end)
        if not isinstance(gone, Done):
            return Stuck(run=node.run, reason=f"{gone.code}: {gone.message}")
        return node
    if not chosen.revert_to_od:
        return node
    answer = yield from to_on_demand(context, node, vm)
    if not isinstance(answer, Moved):
        return Stuck(run=answer.run, reason=answer.reason, rolled_back=answer.rolled_back)
    log += answer.log
    return node.model_copy(update={"run": answer.run})


def _delete_now(
    context: Context, node: Claimed, what: Fates, log: Log
) -> Durable[tuple[Retained, ...]]:
    """Delete what is not to be kept any longer; return all that is still to go."""
    if not what.now:
        return what.later
    work = node.work.at("delete-resources", 60)
    rest = DeleteResources(work=work, resource_ids=what.now)
    gone = yield from _insist(context, DELETE_RESOURCES, rest)
    if isinstance(gone, Done):
        return what.later
    # The VM is given up: there is no way back, so what Azure refuses now is tried again.
    now = context.current_utc_datetime
    log.append(not_gone(f"{gone.code}: {gone.message}", now))
    return (*what.later, *put_off(at_once(what.now, now), now))


def _let_go(context: Context, node: Claimed, what: Fates, log: Log) -> Durable[None]:
    request = LetGo(work=node.work.at("let-go", 80), resource_ids=what.stays)
    answer = yield from _insist(context, LET_GO, request)
    if not isinstance(answer, Done):
        told = f"left with our tags on: {answer.code}: {answer.message}"
        log.append(entry(context.current_utc_datetime, told, "WARN"))


def _settle(context: Context, node: Claimed, kept: tuple[Retained, ...], log: Log) -> Durable[None]:
    if not kept:
        last = SettleOperation(work=node.work.at("forget", 100), run=node.run, gone=True)
        yield from SETTLE(context, last)
        return
    now = context.current_utc_datetime
    stay = SettleOperation(
        work=node.work.at("settle", 100),
        run=given_up(node.run, kept, trouble_in(log), now),
        log=(*log, plan_told(kept, now)),
        due=dues(node.work.key, kept),
    )
    yield from SETTLE(context, stay)


def _insist(
    context: Context, activity: Activity[Request, Done | Refused | Changed], request: Request
) -> Durable[Done | Refused | Changed]:
    """Ask, and again where facts had changed: each try reads them anew; CHANGES_MAX at most."""
    answer = yield from activity(context, request)
    for _ in range(CHANGES_MAX - 1):
        if not isinstance(answer, Changed):
            break
        yield from pause(context, LOOK_AGAIN_S)
        answer = yield from activity(context, request)
    return answer


def _refused(
    context: Context, node: Claimed, chosen: Deallocation, answer: Stuck, log: Log
) -> Durable[Ended]:
    """Leave the node in ERROR with Azure's words, or as it was; what is left is still ours."""
    if chosen.deregister and answer.run.vm:
        yield from rejoin(context, node.model_copy(update={"run": answer.run}))
    now = context.current_utc_datetime
    run, line = delete_failed(answer.run, answer.reason, now, rolled_back=answer.rolled_back)
    settle = SettleOperation(work=node.work.at("settle", 100), run=run, log=(*log, line))
    yield from SETTLE(context, settle)
    return Ended(outcome="refused", reason=answer.reason)
