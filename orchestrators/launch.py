"""Launch: get a new body for a node in the best market that Azure will grant.

A part of other runbooks; the numbers continue theirs.
"""

from typing import assert_never

from orchestrators.ready import joined, ready
from shared.contracts.base import Changed, Done, NoCapacity, Refused, VmFailed
from shared.contracts.disk import (
    COPY_DISKS,
    DELETE_RESOURCES,
    CopyDisks,
    DeleteResources,
    DisksCopied,
)
from shared.contracts.disk_fit import FIT_DISKS, DisksFit, FitDisks
from shared.contracts.nic import ENSURE_NICS
from shared.contracts.node import Claimed
from shared.contracts.vm import (
    CREATE_VM,
    DELETE_VM,
    START_VM,
    CreateVm,
    DeleteVm,
    LaunchAnswer,
    StartVm,
    VmUp,
)
from shared.durable import Context, Durable, pause
from shared.model.market import Market, Move, Rung
from shared.model.run import Row
from shared.names import vm_name
from shared.policy.backends import is_pooled
from shared.policy.data_disks import empty_luns
from shared.policy.disk_fit import disks_to_fit
from shared.policy.footing import (
    MARKETS_MAX,
    TRIES_AT_ONCE,
    TRY_EVERY_S,
    VM_FAILURES_MAX,
    Disks,
    Footing,
    after_failure,
    after_refusal,
    disks_for,
    fitted,
    is_open,
    next_generation,
    seconds_since,
    without_vm,
)
from shared.policy.network import nics_wanted
from shared.policy.rungs import disks_to_copy
from shared.policy.traces import (
    after_create,
    in_the_way,
    stuck_with,
    with_copies,
    with_made,
    with_nics,
    with_strays,
)


class Landed(Row):
    """The VM is up."""

    up: VmUp
    rung: Rung
    footing: Footing
    rollback: str = ""
    """Why it runs where its predecessor did and not where it should; empty: it is where it should.
    """


class Unplaced(Row):
    """No market of the list had room; `footing.tries` tells whether any was tried."""

    footing: Footing


class Outdated(Row):
    """What the moves were decided on is not so any more."""

    footing: Footing
    reason: str


class Blocked(Row):
    """Azure refuses for a reason that another market does not mend."""

    footing: Footing
    reason: str


Launched = Landed | Unplaced | Outdated | Blocked


def launch(
    context: Context, node: Claimed, moves: tuple[Move, ...], now_on: Footing
) -> Durable[Launched]:
    """Try the moves in order, at most MARKETS_MAX; every failed try leaves a clean footing."""
    start = context.current_utc_datetime
    for move in moves[:MARKETS_MAX]:
        elapsed_s = seconds_since(start, context.current_utc_datetime)
        if not is_open(move, now_on, elapsed_s, moves):
            continue
        if now_on.tries >= TRIES_AT_ONCE:
            yield from pause(context, TRY_EVERY_S)
        now_on = now_on.model_copy(update={"tries": now_on.tries + 1})
        answer, now_on = yield from climb(context, node, move, now_on)
        if isinstance(answer, VmUp):
            return Landed(up=answer, rung=move.rung, footing=now_on)
        if not isinstance(answer, Changed) and answer.left_behind:
            # A VM that failed late holds the disks and the NICs until it is deleted.
            gone, now_on = yield from give_up(context, node, answer.left_behind, now_on, "undo")
            if isinstance(gone, Refused):
                now_on = stuck_with(now_on, answer.left_behind, move.market)
            answer = answer if isinstance(gone, Done) else gone
        ended, now_on = weigh(answer, move, now_on)
        if ended:
            return ended
    return Unplaced(footing=now_on)


def weigh(
    answer: NoCapacity | VmFailed | Refused | Changed, move: Move, now_on: Footing
) -> tuple[Outdated | Blocked | None, Footing]:
    """Say whether a try that failed ends the launch; None: the next move is worth a try."""
    reason = f"{answer.code}: {answer.message}"
    if not isinstance(answer, VmFailed):
        now_on = with_made(now_on, answer.made)
    match answer:
        case NoCapacity():
            return None, after_refusal(now_on, move.market, answer.scope)
        case VmFailed():
            now_on = after_failure(now_on, move.market)
            if now_on.vm_failures < VM_FAILURES_MAX:
                return None, now_on
            told = f"{now_on.vm_failures} VMs were had and none came up; the last: {reason}"
            return Blocked(footing=now_on, reason=told), now_on
        case Changed():
            now_on = with_strays(now_on, answer.strays)
            return Outdated(footing=now_on, reason=reason), now_on
        case Refused():
            return Blocked(footing=now_on, reason=reason), now_on
        case _:
            assert_never(answer)


def climb(
    context: Context, node: Claimed, move: Move, now_on: Footing
) -> Durable[tuple[LaunchAnswer, Footing]]:
    """Reach one market by one rung."""
    if move.rung in (Rung.START, Rung.RESIZE):
        return (yield from start(context, node, move.market, now_on))

    # The copies come first: nothing is given up before what replaces it exists.
    made: DisksCopied | None = None
    if move.rung is Rung.COPY:
        copied = yield from copy_disks(context, node, move, now_on)
        if not isinstance(copied, DisksCopied):
            return copied, now_on
        made, now_on = copied, with_copies(now_on, copied)
    if now_on.vm_id:
        gone, now_on = yield from give_up(context, node, now_on.vm_id, now_on, "delete")
        if not isinstance(gone, Done):
            return gone, now_on
    refusal, now_on = yield from nics(context, node, move.market, now_on)
    if refusal:
        return refusal, now_on
    return (yield from create(context, node, move.market, now_on, made))


def start(
    context: Context, node: Claimed, market: Market, now_on: Footing
) -> Durable[tuple[LaunchAnswer, Footing]]:
    """Start the VM where it is, resized if the market is of another size."""
    refusal, now_on = yield from nics(context, node, market, now_on)
    if refusal:
        return refusal, now_on
    work = node.work.at(f"start-{now_on.tries}", 60)
    there = yield from START_VM(
        context, StartVm(work=work, vm_resource_id=now_on.vm_id, market=market)
    )
    if isinstance(there, VmUp) and not is_pooled(node, there.nics):
        there = yield from joined(context, node, there, now_on.tries)
    return there, now_on


def copy_disks(
    context: Context, node: Claimed, move: Move, now_on: Footing
) -> Durable[DisksCopied | NoCapacity | Refused | Changed]:
    """Snapshot the disks that cannot move as they are, and make new ones in the market's zone."""
    request = CopyDisks(
        work=node.work.at(f"copy-{now_on.tries}", 40),
        disks=disks_to_copy(node.document, now_on.os_disk, now_on.data_disks, move),
        zone=move.market.zone,
        generation=next_generation(node.run),
    )
    return (yield from COPY_DISKS(context, request))


def give_up(
    context: Context, node: Claimed, vm_id: str, now_on: Footing, step: str
) -> Durable[tuple[Done | Refused | Changed, Footing]]:
    """Delete a VM that is down, or failed; what it held stays."""
    work = node.work.at(f"{step}-{now_on.tries}", 50)
    end = DeleteVm(work=work, vm_resource_id=vm_id, generation=node.run.generation)
    answer = yield from DELETE_VM(context, end)
    return answer, without_vm(now_on, node) if isinstance(answer, Done) else now_on


def nics(
    context: Context, node: Claimed, market: Market, now_on: Footing
) -> Durable[tuple[Refused | Changed | None, Footing]]:
    """Use the NICs at hand, fitted to the market, or make those of the document."""
    request = nics_wanted(node, now_on, market)
    if request is None:
        return None, now_on
    ready = yield from ENSURE_NICS(context, request)
    if isinstance(ready, Refused | Changed):
        return ready, now_on
    return None, with_nics(now_on, ready.nics)


def create(
    context: Context,
    node: Claimed,
    market: Market,
    now_on: Footing,
    made: DisksCopied | None,
) -> Durable[tuple[LaunchAnswer, Footing]]:
    """Create the VM, and make it ready."""
    generation = next_generation(node.run)
    empty = in_the_way(node, now_on)
    if empty:
        clear = DeleteResources(work=node.work.at(f"clear-{now_on.tries}", 60), resource_ids=empty)
        gone = yield from DELETE_RESOURCES(context, clear)
        if not isinstance(gone, Done):
            return gone, now_on
    disks, told = yield from fit(context, node, disks_for(node, now_on, made), now_on)
    if isinstance(told, Changed):
        return told, now_on
    request = CreateVm(
        work=node.work.at(f"create-{now_on.tries}", 65),
        name=vm_name(node.document, node.work.key, generation),
        generation=generation,
        market=market,
        os_disk=disks.os_disk,
        data_disks=disks.data_disks,
        nics=now_on.nics,
        image_luns=() if disks.os_disk else now_on.image_luns,
        without_luns=empty_luns(node),
    )
    up = yield from CREATE_VM(context, request)
    now_on = after_create(now_on, up)
    if isinstance(up, VmUp) and not up.taken:
        up = yield from ready(context, node, up, now_on.tries)
    if isinstance(up, VmUp) and told:
        warning = f"a disk is as it was: {told.code}: {told.message}"
        up = up.model_copy(update={"warning": "; ".join(filter(None, (warning, up.warning)))})
    return up, now_on


def fit(
    context: Context, node: Claimed, disks: Disks, now_on: Footing
) -> Durable[tuple[Disks, Refused | Changed | None]]:
    """Bring the disks to what an edit asks of them; one that Azure refuses stays as it is."""
    wanted = disks_to_fit(node, disks.os_disk, disks.data_disks)
    if not wanted:
        return disks, None
    request = FitDisks(work=node.work.at(f"fit-{now_on.tries}", 62), disks=wanted)
    answer = yield from FIT_DISKS(context, request)
    if not isinstance(answer, DisksFit):
        return disks, answer
    return fitted(disks, answer.disks), None
