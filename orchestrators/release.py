"""Release: give the node's VM up, and keep what persists.

A part of other runbooks.
"""

from orchestrators.listen import Listening, listen
from orchestrators.ready import join
from shared.contracts.backend import DEREGISTER_BACKENDS, DeregisterBackends
from shared.contracts.base import Changed, Done, Ended, Refused
from shared.contracts.disk import (
    COPY_DISKS,
    DELETE_RESOURCES,
    CopyDisks,
    DeleteResources,
    DisksCopied,
)
from shared.contracts.node import SETTLE, Claimed, SettleOperation
from shared.contracts.signal import Signal
from shared.contracts.vm import (
    DEALLOCATE_VM,
    DELETE_VM,
    LOOK_AT_VM,
    DeallocateVm,
    DeleteVm,
    Down,
    LookAtVm,
    VmSeen,
)
from shared.durable import Context, Durable, pause
from shared.model.run import DiskRef, LogEntry, Row, RunState, Vm
from shared.policy.footing import CHANGES_MAX, LOOK_AGAIN_S, next_generation
from shared.policy.landing import cleared, entry
from shared.policy.release import (
    action_failed,
    captured,
    disks_to_capture,
    draining_s,
    granted_s,
    has_backends,
    is_up,
    released,
)


class Released(Row):
    """The VM is gone; what persists is there, and named in `run`."""

    run: RunState
    log: tuple[LogEntry, ...] = ()


class Kept(Row):
    """Azure would not let the VM go: it is there, running or not."""

    reason: str


def release(context: Context, node: Claimed) -> Durable[Released | Kept]:
    """Give up the VM and all that does not persist; nothing that persists is touched."""
    vm, log = node.run.vm, list[LogEntry]()
    runs = yield from runs_to_end(context, node, vm)

    # 1. Take it out of its backend pools: what is open gets its time to end.
    log += yield from leave(context, node, drain=runs)

    # 2. Let it say that it may be shut down, if it was asked to.
    if vm and runs:
        log += yield from hear_out(context, node, vm)

    # 3. Deallocate the VM and delete it: its disks, interfaces and addresses stay.
    gone = yield from end_vm(context, node, vm)
    if not isinstance(gone, Done):
        yield from rejoin(context, node)
        return Kept(reason=f"{gone.code}: {gone.message}")
    run = released(node)

    # 4. Capture the disks that the next VM gets copies of, as this one left them.
    disks = disks_to_capture(node) if vm else ()
    if disks:
        made = yield from COPY_DISKS(context, _capture(node, disks))
        run = captured(run, made)
        if not isinstance(made, DisksCopied):
            # The disks themselves stay, and the next launch captures what they hold.
            log.append(_warning(context, f"no snapshot taken: {made.code}: {made.message}"))

    # 5. Delete what does not persist.
    if run.leftovers:
        work = node.work.at("delete-rest", 60)
        rest = DeleteResources(work=work, resource_ids=run.leftovers)
        swept = yield from DELETE_RESOURCES(context, rest)
        if isinstance(swept, Done):
            run = cleared(run, run.leftovers)
        else:
            log.append(_warning(context, f"left over: {swept.code}: {swept.message}"))
    return Released(run=run, log=tuple(log))


def failed(context: Context, node: Claimed, action: str, reason: str) -> Durable[Ended]:
    """Leave the node in ERROR with Azure's words; all that it had is still its own."""
    run, line = action_failed(node.run, action, reason, context.current_utc_datetime)
    settle = SettleOperation(work=node.work.at("settle", 100), run=run, log=(line,))
    yield from SETTLE(context, settle)
    return Ended(outcome="refused", reason=reason)


def _warning(context: Context, message: str) -> LogEntry:
    return entry(context.current_utc_datetime, message, "WARN")


def runs_to_end(context: Context, node: Claimed, vm: Vm | None) -> Durable[bool]:
    """Tell whether there is anything to drain or to hear; nobody looks if nobody asked for it."""
    pools = has_backends(node.document, node.run.nics)
    asked = pools or granted_s(node.document, Signal.READY_TO_SHUTDOWN)
    if vm is None or not asked:
        return False
    look = LookAtVm(work=node.work.at("look", 5), vm_resource_id=vm.id)
    seen = yield from LOOK_AT_VM(context, look)
    return isinstance(seen, VmSeen) and is_up(seen.facts)


def leave(context: Context, node: Claimed, *, drain: bool) -> Durable[list[LogEntry]]:
    """Leave the backend pools; a VM that is up is then given the document's draining time."""
    if not (node.run.nics and has_backends(node.document, node.run.nics)):
        return []
    request = DeregisterBackends(work=node.work.at("deregister", 10), nics=node.run.nics)
    left = yield from DEREGISTER_BACKENDS(context, request)
    for _ in range(CHANGES_MAX - 1):
        if not isinstance(left, Changed):
            break
        yield from pause(context, LOOK_AGAIN_S)
        left = yield from DEREGISTER_BACKENDS(context, request)
    if not isinstance(left, Done):
        return [_warning(context, f"still in its backend pools: {left.code}: {left.message}")]
    if drain:
        yield from pause(context, draining_s(node.document))
    return []


def hear_out(context: Context, node: Claimed, vm: Vm) -> Durable[list[LogEntry]]:
    """Wait until the VM says that it may be shut down, if it was asked to."""
    ask = Listening(
        signal=Signal.READY_TO_SHUTDOWN,
        since=context.current_utc_datetime,
        vm_resource_id=vm.id,
        step="vm-ready-to-shutdown",
        percent=15,
    )
    if (yield from listen(context, node, ask)) != "silent":
        return []
    return [_warning(context, f"{vm.name} did not say in its time that it may be shut down")]


def end_vm(context: Context, node: Claimed, vm: Vm | None) -> Durable[Done | Refused | Changed]:
    """Deallocate and delete; again if somebody starts it in between, CHANGES_MAX times at most."""
    answer: Done | Refused | Changed = Done()
    if vm is None:
        return answer
    for tries in range(CHANGES_MAX):
        if tries:
            yield from pause(context, LOOK_AGAIN_S)
        answer = yield from _end_once(context, node, vm, tries)
        if not isinstance(answer, Changed):
            break
    return answer


def _end_once(
    context: Context, node: Claimed, vm: Vm, tries: int
) -> Durable[Done | Refused | Changed]:
    work = node.work.at(f"deallocate-{tries}", 25)
    down = yield from DEALLOCATE_VM(context, DeallocateVm(work=work, vm_resource_id=vm.id))
    if not isinstance(down, Down):
        return down
    end = DeleteVm(
        work=node.work.at(f"delete-vm-{tries}", 40),
        vm_resource_id=vm.id,
        generation=node.run.generation,
    )
    return (yield from DELETE_VM(context, end))


def rejoin(context: Context, node: Claimed) -> Durable[None]:
    """Put a VM that stays into its backend pools again: it may run."""
    if node.run.nics and has_backends(node.document):
        yield from join(context, node, node.run.nics, "rejoin")


def _capture(node: Claimed, disks: tuple[DiskRef, ...]) -> CopyDisks:
    return CopyDisks(
        work=node.work.at("capture", 50),
        disks=disks,
        zone=None,
        generation=next_generation(node.run),
        capture=True,
    )
