"""Take over: a VM is stopped, and what a node needs of it becomes the node's to use.

A part of import VM. Nothing of the source is deleted, and its disks are not written to: copies are.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from shared.contracts.base import Changed, Done, NoCapacity, Refused
from shared.contracts.disk import COPY_DISKS, CopyDisks, DisksCopied
from shared.contracts.node import SETTLE, Claimed, SettleOperation
from shared.contracts.source import (
    CONVERT_SOURCE,
    FREE_NICS,
    HOLD_ADDRESSES,
    LEAVE_POOLS,
    SECURE_SOURCE,
    STOP_SOURCE,
    ConvertSource,
    FreeNics,
    HoldAddresses,
    LeavePools,
    NicsFree,
    SecureSource,
    Source,
    SourceSecured,
    StopSource,
)
from shared.durable import Activity, Context, Durable, pause
from shared.model.run import Row, RunState, Vm
from shared.policy.footing import CHANGES_MAX, LOOK_AGAIN_S, next_generation, persists
from shared.policy.imported import disks_to_copy, on_copies, placeholder_id, zone_for_copies

Request = TypeVar("Request", bound=Row)
Answer = TypeVar("Answer")


class Taking(Row):
    """What is imported, and how far it has been taken: whoever takes it back begins here."""

    node: Claimed
    """With what it has by now."""
    source: Source
    drain_s: int = 0
    convert: bool = False
    secured: SourceSecured = SourceSecured(running=False)
    is_secured: bool = False
    """False: nothing but the mark may have been written to the source."""
    running: bool = False
    """It ran, and is to run again if it is given back."""
    roused: bool = False
    """It did not run, and may now: Azure has converted its disks, and it was not stopped since."""
    left_pools: bool = False
    freeing: bool = False
    """Its NICs are being exchanged, or were."""
    placeholder_id: str = ""
    """The NIC that it has in place of its own; empty: it has its own."""
    made: tuple[str, ...] = ()
    """ARM ids of what may have been made for the node and nothing names."""
    bodies: tuple[Vm, ...] = ()
    """VMs of the node's own that did not become its VM."""
    failed: str = ""
    """Why it cannot be taken; empty: nothing stands against it so far."""


def take_over(context: Context, taking: Taking) -> Durable[Taking]:
    """Stop the source and copy its disks; with network persistence its NICs become the node's."""
    for step in STEPS:
        try:
            taking = yield from step(context, taking)
        except Exception as error:  # noqa: BLE001 - whatever it was, the source is given back
            return having(taking, failed=told(error), **may_have_done(step, taking))
        if taking.failed:
            break
    return taking


def secure(context: Context, taking: Taking) -> Durable[Taking]:
    """Mark it and read it."""
    work = taking.node.work.at("secure", 5)
    answer = yield from insist(
        context, SECURE_SOURCE, SecureSource(work=work, source=taking.source)
    )
    if not isinstance(answer, SourceSecured):
        return failing(taking, answer)
    running = taking.running or answer.running
    return having(taking, secured=answer, is_secured=True, running=running)


def hold(context: Context, taking: Taking) -> Durable[Taking]:
    """Let its addresses outlive it."""
    request = HoldAddresses(
        work=taking.node.work.at("hold", 8),
        source=taking.source,
        nics=taking.secured.nics,
        keep=persists(taking.node, "Network"),
    )
    return failing(taking, (yield from insist(context, HOLD_ADDRESSES, request)))


def drain(context: Context, taking: Taking) -> Durable[Taking]:
    """Leave its backend pools; a VM that is in none, or does not run, has nothing to drain.

    One whose disks are to be converted leaves them all the same, for Azure may start it by that.
    """
    pools, may_run = taking.secured.pools, taking.running or taking.secured.unmanaged
    if not (may_run and pools and taking.drain_s):
        return taking
    request = LeavePools(
        work=taking.node.work.at("leave-pools", 10), source=taking.source, pools=pools
    )
    left = yield from insist(context, LEAVE_POOLS, request)
    if isinstance(left, Done) and taking.running:
        yield from pause(context, taking.drain_s)
    return failing(having(taking, left_pools=True), left)


def stop(context: Context, taking: Taking) -> Durable[Taking]:
    """Deallocate it."""
    return (yield from _stop(context, taking, "stop", 20))


def _stop(context: Context, taking: Taking, step: str, percent: int) -> Durable[Taking]:
    request = StopSource(work=taking.node.work.at(step, percent), source=taking.source)
    return failing(taking, (yield from insist(context, STOP_SOURCE, request)))


def convert(context: Context, taking: Taking) -> Durable[Taking]:
    """Make unmanaged disks managed; Azure may start the VM by it, so it is stopped once more."""
    if not taking.secured.unmanaged:
        return taking
    if not taking.convert:
        return failing(taking, Refused(code="Unmanaged", message="a disk of it is unmanaged"))
    request = ConvertSource(work=taking.node.work.at("convert", 25), source=taking.source)
    taking = failing(taking, (yield from insist(context, CONVERT_SOURCE, request)))
    if not taking.failed:
        taking = yield from _stop(context, taking, "stop-again", 28)
        taking = having(taking, roused=bool(taking.failed) and not taking.running)
    if taking.failed:
        return taking
    again = SecureSource(work=taking.node.work.at("secure-again", 30), source=taking.source)
    answer = yield from insist(context, SECURE_SOURCE, again)
    if not isinstance(answer, SourceSecured):
        return failing(taking, answer)
    before = taking.secured
    now = answer.model_copy(update={"nics": before.nics, "pools": before.pools})
    return having(taking, secured=now)


def copy_disks(context: Context, taking: Taking) -> Durable[Taking]:
    """Copy the disks that the node keeps."""
    node, secured = taking.node, taking.secured
    disks = disks_to_copy(node, secured)
    if not disks:
        return taking
    request = CopyDisks(
        work=node.work.at("copy", 35),
        disks=disks,
        zone=zone_for_copies(node, secured),
        generation=next_generation(node.run),
    )
    copied = yield from insist(context, COPY_DISKS, request)
    if isinstance(copied, DisksCopied):
        return with_run(taking, on_copies(node.run, copied))
    return failing(having(taking, made=copied.made), copied)


def free_nics(context: Context, taking: Taking) -> Durable[Taking]:
    """Let its NICs become the node's, if the node keeps the network."""
    node, nics = taking.node, taking.secured.nics
    if not persists(node, "Network"):
        return taking
    request = FreeNics(work=node.work.at("free-nics", 45), source=taking.source, nics=nics)
    freed = yield from insist(context, FREE_NICS, request)
    taking = having(taking, freeing=True)
    if not isinstance(freed, NicsFree):
        return failing(having(taking, made=(*taking.made, *freed.made)), freed)
    taking = having(taking, placeholder_id=freed.placeholder_id)
    return with_run(taking, node.run.model_copy(update={"nics": nics}))


def record(context: Context, taking: Taking) -> Durable[Taking]:
    """Write what the node has."""
    node = taking.node
    yield from SETTLE(
        context, SettleOperation(work=node.work.at("record", 50), run=node.run, keep=True)
    )
    return taking


STEPS: Final[tuple[Callable[[Context, Taking], Durable[Taking]], ...]] = (
    # 1. Secure it: marked as being imported, so that no delete of it takes anything along.
    secure,
    # 2. Hold its addresses: those that the node keeps must outlive the stop.
    hold,
    # 3. Drain it: what is open at its load balancers gets its time to end.
    drain,
    # 4. Stop it: its disks agree with each other from then on.
    stop,
    # 5. Convert unmanaged disks: only managed ones can be copied.
    convert,
    # 6. Copy its disks: the originals stay as they are, and stay its own.
    copy_disks,
    # 7. Free its interfaces, if the node keeps the network.
    free_nics,
    # 8. Record what the node has: a launch stands on it.
    record,
)


def may_have_done(step: object, taking: Taking) -> dict[str, Any]:
    """Return what of the source may be changed by a step that ended without an answer."""
    if step is drain:
        return {"left_pools": True}
    if step is convert:
        return {"roused": not taking.running}
    if step is free_nics:
        return {"freeing": True, "placeholder_id": placeholder_id(taking.node.work)}
    return {}


def told(error: Exception) -> str:
    """Return an error in words for a status."""
    return f"{type(error).__name__}: {error}"


def having(taking: Taking, **changes: object) -> Taking:
    """Return what is taken, with changes."""
    return taking.model_copy(update=changes)


def with_run(taking: Taking, run: RunState) -> Taking:
    """Return what is taken, with the node in another state."""
    return having(taking, node=taking.node.model_copy(update={"run": run}))


def failing(taking: Taking, answer: Done | Refused | Changed | NoCapacity) -> Taking:
    """Return what is taken, failed for the reason that an answer gives, if it gives one."""
    if isinstance(answer, Done):
        return taking
    return having(taking, failed=f"{answer.code}: {answer.message}")


def insist(
    context: Context, activity: Activity[Request, Answer], request: Request
) -> Durable[Answer]:
    """Ask, and again where facts had changed: each try reads them anew; CHANGES_MAX at most."""
    answer = yield from activity(context, request)
    for _ in range(CHANGES_MAX - 1):
        if not isinstance(answer, Changed):
            break
        yield from pause(context, LOOK_AGAIN_S)
        answer = yield from activity(context, request)
    return answer
