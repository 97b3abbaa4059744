"""Launch: get a new body for a node in the best market that Azure will grant.

A part of other runbooks; the numbers continue theirs.
"""

from typing import assert_never

from shared.contracts.base import Done, NoCapacity, Refused
from shared.contracts.disk import COPY_DISKS, CopyDisks, DisksCopied
from shared.contracts.nic import ENSURE_NICS, EnsureNics, NicsReady
from shared.contracts.node import Claimed
from shared.contracts.vm import (
    CREATE_VM,
    DELETE_VM,
    INSTALL_EXTENSIONS,
    START_VM,
    CreateVm,
    DeleteVm,
    InstallExtensions,
    StartVm,
    VmUp,
)
from shared.durable import Context, Durable
from shared.model.market import Market, Move, Rung
from shared.model.run import Row
from shared.names import vm_name
from shared.policy.footing import (
    MARKETS_MAX,
    Footing,
    after_refusal,
    disks_for,
    has_extensions,
    is_open,
    next_generation,
    seconds_since,
    with_copies,
    without_vm,
)
from shared.policy.rungs import disks_to_copy


class Landed(Row):
    """The VM is up."""

    up: VmUp
    rung: Rung
    footing: Footing


class Unplaced(Row):
    """No market of the list had room."""

    footing: Footing
    tried: int


class Blocked(Row):
    """Azure refuses for a reason that another market does not mend."""

    footing: Footing
    reason: str


def launch(
    context: Context, node: Claimed, moves: tuple[Move, ...], now_on: Footing
) -> Durable[Landed | Unplaced | Blocked]:
    """Try the moves in order, at most MARKETS_MAX; every failed try leaves a clean footing."""
    start = context.current_utc_datetime
    for move in moves[:MARKETS_MAX]:
        elapsed_s = seconds_since(start, context.current_utc_datetime)
        if not is_open(move, now_on, elapsed_s, moves):
            continue
        now_on = now_on.model_copy(update={"tries": now_on.tries + 1})
        answer, now_on = yield from climb(context, node, move, now_on)
        match answer:
            case VmUp():
                return Landed(up=answer, rung=move.rung, footing=now_on)
            case NoCapacity():
                now_on = after_refusal(now_on, move.market, answer)
            case Refused():
                return Blocked(footing=now_on, reason=f"{answer.code}: {answer.message}")
            case _:
                assert_never(answer)
        if isinstance(answer, NoCapacity) and answer.left_behind:
            # A create refused late leaves a failed VM that holds the disks and the NICs.
            gone = yield from give_up(context, node, answer.left_behind, now_on)
            if isinstance(gone, Refused):
                return Blocked(footing=now_on, reason=f"{gone.code}: {gone.message}")
            now_on = gone
    return Unplaced(footing=now_on, tried=now_on.tries)


def climb(
    context: Context, node: Claimed, move: Move, now_on: Footing
) -> Durable[tuple[VmUp | NoCapacity | Refused, Footing]]:
    """Reach one market by one rung."""
    work = node.work.at(f"start-{now_on.tries}", 60)
    if move.rung in (Rung.START, Rung.RESIZE):
        start = StartVm(work=work, vm_resource_id=now_on.vm_id, market=move.market)
        return (yield from START_VM(context, start)), now_on

    # The copies come first: nothing is given up before what replaces it exists.
    made: DisksCopied | None = None
    if move.rung is Rung.COPY:
        copied = yield from copy_disks(context, node, move, now_on)
        if isinstance(copied, Refused):
            return copied, now_on
        made, now_on = copied, with_copies(now_on, copied)
    if now_on.vm_id:
        gone = yield from give_up(context, node, now_on.vm_id, now_on)
        if isinstance(gone, Refused):
            return gone, now_on
        now_on = gone
    ready = yield from nics(context, node, now_on)
    if isinstance(ready, Refused):
        return ready, now_on
    now_on = now_on.model_copy(update={"nics": ready.nics})
    return (yield from create(context, node, move.market, now_on, made)), now_on


def copy_disks(
    context: Context, node: Claimed, move: Move, now_on: Footing
) -> Durable[DisksCopied | Refused]:
    """Snapshot the disks that cannot move as they are, and make new ones in the market's zone."""
    request = CopyDisks(
        work=node.work.at(f"copy-{now_on.tries}", 40),
        disks=disks_to_copy(node.document, node.run, move),
        zone=move.market.zone,
        generation=next_generation(node.run),
    )
    return (yield from COPY_DISKS(context, request))


def give_up(
    context: Context, node: Claimed, vm_id: str, now_on: Footing
) -> Durable[Footing | Refused]:
    """Delete a VM that is down; what it held stays."""
    work = node.work.at(f"delete-{now_on.tries}", 50)
    answer = yield from DELETE_VM(context, DeleteVm(work=work, vm_resource_id=vm_id))
    return without_vm(now_on, node) if isinstance(answer, Done) else answer


def nics(context: Context, node: Claimed, now_on: Footing) -> Durable[NicsReady | Refused]:
    """Use the NICs at hand, or make those of the document."""
    if now_on.nics:
        return NicsReady(nics=now_on.nics)
    request = EnsureNics(
        work=node.work.at(f"nics-{now_on.tries}", 55), generation=next_generation(node.run)
    )
    return (yield from ENSURE_NICS(context, request))


def create(
    context: Context,
    node: Claimed,
    market: Market,
    now_on: Footing,
    made: DisksCopied | None,
) -> Durable[VmUp | NoCapacity | Refused]:
    """Create the VM, and install its extensions: a new body has none."""
    generation = next_generation(node.run)
    disks = disks_for(node, now_on, made)
    request = CreateVm(
        work=node.work.at(f"create-{now_on.tries}", 65),
        name=vm_name(node.document, node.work.key, generation),
        generation=generation,
        market=market,
        os_disk=disks.os_disk,
        data_disks=disks.data_disks,
        nics=now_on.nics,
    )
    up = yield from CREATE_VM(context, request)
    if isinstance(up, VmUp) and has_extensions(node.document):
        work = node.work.at(f"extensions-{now_on.tries}", 85)
        wanted = InstallExtensions(work=work, vm_resource_id=up.vm.id)
        installed = yield from INSTALL_EXTENSIONS(context, wanted)
        if isinstance(installed, Refused):
            return up.model_copy(update={"warning": f"{installed.code}: {installed.message}"})
    return up
