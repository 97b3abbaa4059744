"""Import VM: an existing VM becomes a node.

The source is stopped and copied, never changed for good before a VM of the node's own has come up.
What the source leaves is kept as long as its user said.
"""

from collections.abc import Iterable
from datetime import datetime

from orchestrators.give_back import give_back
from orchestrators.launch import Blocked, Landed
from orchestrators.place import Idle, Quest, search
from orchestrators.take_over import Taking, having, insist, take_over, told, with_run
from shared.contracts.base import Changed, Done, Ended, OperationInput, Refused
from shared.contracts.disk import DELETE_RESOURCES, LET_GO, DeleteResources, LetGo
from shared.contracts.market import DECIDE, Decide, Decided, Nowhere
from shared.contracts.node import CLAIM, SETTLE, Claimed, ClaimOperation, NotOurs, SettleOperation
from shared.contracts.source import (
    ADOPT_SOURCE,
    END_IMPORT,
    AdoptSource,
    EndImport,
    ImportState,
    Source,
)
from shared.contracts.vm import DEALLOCATE_VM, DeallocateVm, Down
from shared.durable import Context, Durable
from shared.model.run import LogEntry, Retained, RunState, Status
from shared.policy.imported import (
    bodies_in_vain,
    body_to_be,
    kept,
    left_by,
    made_in_vain,
    plan_of_retention,
)
from shared.policy.importing import kept_until
from shared.policy.landing import cleared, entry, landed, story_of, stranded
from shared.policy.release import stopped
from shared.policy.retained import dues
from shared.policy.snapshots import stranded_told

Log = list[LogEntry]


class ImportVm(OperationInput):
    """Input of import VM."""

    source: Source
    was_running: bool
    """When its import was asked for: the node ends STOPPED if it never ran since."""
    retention_h: int
    drain_s: int = 0
    convert: bool = False


def import_vm(context: Context, request: ImportVm) -> Durable[Ended]:
    """Make a node of an existing VM, or leave that VM as it was."""
    # 1. Claim the node.
    claim = ClaimOperation(
        key=request.key, operation_id=request.operation_id, status=Status.IMPORTING
    )
    node = yield from CLAIM(context, claim)
    if isinstance(node, NotOurs):
        return Ended(outcome="not_ours", reason=node.reason)

    # 2. Foresee a market: no VM is stopped for nothing.
    why = f"import of {request.source.vm_resource_id}"
    begun = Taking(
        node=node,
        source=request.source,
        drain_s=request.drain_s,
        convert=request.convert,
        running=request.was_running,
    )
    ask = Decide(work=node.work.at("foresee", 3), why=f"before the {why}", knocked=True)
    foreseen = yield from DECIDE(context, ask)
    if not isinstance(foreseen, Decided):
        return (yield from give_back(context, having(begun, failed=_why_not(foreseen))))

    # 3. Take the source over: secure it, stop it, copy its disks.
    taking = yield from take_over(context, begun)
    if taking.failed:
        return (yield from give_back(context, taking))

    # 4. Find the node a market and bring it up there on the copies.
    try:
        quest = Quest(facts=None, why=why, first=None)
        node, found = yield from search(context, taking.node, quest)
    except Exception as error:  # noqa: BLE001 - whatever it was, the source is given back
        body = body_to_be(taking.node)
        lost = having(taking, failed=told(error), bodies=(body,))
        return (yield from give_back(context, lost))
    if not isinstance(found, Landed):
        return (yield from give_back(context, _in_vain(taking, node, found)))

    # 5. Show it ACTIVE: from now on the node is what its user works with.
    run, lines = _come_up(context, node, found)
    shown = SettleOperation(work=node.work.at("show", 80), run=run, log=lines, keep=True)
    yield from SETTLE(context, shown)

    # 6. Adopt what the source leaves: only what carries the node's tag is ever deleted.
    until = kept_until(context.current_utc_datetime, request.retention_h, unproven=found.up.taken)
    run, log = yield from _adopt(context, with_run(taking, run), until)

    # 7. Stop the node's VM, if the source was stopped: it has shown that it runs.
    if not taking.running:
        run, more = yield from _stop(context, node, run)
        log += more

    # 8. Clear away what the launch has left, and say that the import is over.
    run = yield from _clear_away(context, node, run)
    over = EndImport(work=node.work.at("end", 98), state=ImportState.COMPLETED)
    yield from END_IMPORT(context, over)
    settle = SettleOperation(
        work=node.work.at("settle", 100),
        run=run,
        log=tuple(log),
        due=dues(node.work.key, run.retained),
    )
    yield from SETTLE(context, settle)
    return Ended(outcome="active" if run.status is Status.ACTIVE else "stopped")


def _why_not(answer: Nowhere | Refused | Changed) -> str:
    return answer.reason if isinstance(answer, Nowhere) else f"{answer.code}: {answer.message}"


def _in_vain(taking: Taking, node: Claimed, found: Blocked | Idle) -> Taking:
    """Return what is to be given back after a search that brought the node nowhere."""
    reason = found.reason if isinstance(found, Blocked) else _why_not(found.nowhere)
    return having(
        taking,
        node=node,
        failed=reason,
        bodies=bodies_in_vain(node.run, found.footing),
        made=(*taking.made, *made_in_vain(node, found.footing)),
    )


def _come_up(
    context: Context, node: Claimed, found: Landed
) -> tuple[RunState, tuple[LogEntry, ...]]:
    now, up = context.current_utc_datetime, found.up
    run = landed(node, up, found.rung, found.footing, now)
    lines = [entry(now, story_of(up, found.rung))]
    if up.warning:
        lines.append(entry(now, up.warning, "WARN"))
    if up.taken:
        lines.append(entry(now, f"{up.vm.name} is down already", "WARN"))
    lines += stranded_told(stranded(up, found.footing), now)
    return run, tuple(lines)


def _adopt(context: Context, taking: Taking, until: datetime) -> Durable[tuple[RunState, Log]]:
    """Tag what the source leaves, and keep it until its time; without a tag it stays its user's."""
    node, source = taking.node, taking.source
    left, taken = left_by(taking.secured, source.vm_resource_id, taking.placeholder_id)
    request = AdoptSource(work=node.work.at("adopt", 85), source=source, resource_ids=left)
    adopted = yield from insist(context, ADOPT_SOURCE, request)
    now, log = context.current_utc_datetime, Log()
    retained = kept(left, taken, until)
    if not isinstance(adopted, Done):
        why = f"{adopted.code}: {adopted.message}"
        if (yield from _let_go(context, node, retained)):
            line = entry(now, f"{source.vm_resource_id} and its resources stay: {why}", "WARN")
            return node.run, [line]
        log.append(entry(now, f"not all of {source.vm_resource_id} could be marked: {why}", "WARN"))
    run = node.run.model_copy(update={"retained": (*node.run.retained, *retained)})
    return run, [*log, entry(now, plan_of_retention(retained))]


def _let_go(context: Context, node: Claimed, retained: Iterable[Retained]) -> Durable[bool]:
    """Take the node's tag off what was not all marked; tell whether none of it carries it now."""
    ids = tuple(one.id for one in retained)
    request = LetGo(work=node.work.at("let-go", 88), resource_ids=ids)
    return isinstance((yield from insist(context, LET_GO, request)), Done)


def _stop(context: Context, node: Claimed, run: RunState) -> Durable[tuple[RunState, Log]]:
    if run.vm is None:
        return run, []
    request = DeallocateVm(work=node.work.at("stop-vm", 92), vm_resource_id=run.vm.id)
    down = yield from insist(context, DEALLOCATE_VM, request)
    now = context.current_utc_datetime
    if isinstance(down, Down):
        return stopped(run, now), [entry(now, "stopped, as the imported VM was")]
    return run, [entry(now, f"not stopped: {down.code}: {down.message}", "WARN")]


def _clear_away(context: Context, node: Claimed, run: RunState) -> Durable[RunState]:
    if not run.leftovers:
        return run
    work = node.work.at("clear-away", 96)
    request = DeleteResources(work=work, resource_ids=run.leftovers)
    gone = yield from insist(context, DELETE_RESOURCES, request)
    return cleared(run, run.leftovers) if isinstance(gone, Done) else run
