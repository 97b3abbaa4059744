"""Where a launch stands: what exists now, and which moves are still open."""

from datetime import datetime
from typing import Any, Final

from shared.contracts.disk import DisksCopied
from shared.contracts.market import Decided, Nowhere
from shared.contracts.node import Claimed
from shared.contracts.vm import VmFacts
from shared.failures import Scope
from shared.model.market import Market, Move, Rung
from shared.model.run import DiskRef, Lifecycle, NicRef, Row, RunState, Vm
from shared.model.seen import Stranded

MARKETS_MAX: Final = 12
"""Markets tried by one launch before it ranks anew."""
TRIES_AT_ONCE: Final = 6
"""Tries of one operation that need no pause: Azure grants one VM name twelve creates and updates
at once, then four a minute; a create may come with an extension, Durable Functions may run two of
them twice, and the SDK sends one again whose reply was lost. Source: Azure docs,
compute-throttling-limits."""
TRY_EVERY_S: Final = 15.0
"""Between two tries after those."""
ROUNDS_MAX: Final = 3
"""Rankings by one operation whose markets were full; then it waits in the due index instead."""
CHANGES_MAX: Final = 4
"""Rankings by one operation because facts had changed under it; then a person must look, for
somebody else works against us."""
RANKINGS_MAX: Final = ROUNDS_MAX + CHANGES_MAX
LOOK_AGAIN_S: Final = 5.0
"""Before facts that have changed are read anew: whoever changed them may not be done. Azure's short
operations (detach, update of a deallocated VM) take less. Source: recorded replies."""
VM_FAILURES_MAX: Final = 2
"""VMs that may fail after Azure gave them, in one operation. One may have had a bad host; a second
one, elsewhere, says that the image or the disk does not boot, and each costs Azure's 20 to 40
minutes of patience. Source: Azure docs, error-messages (OSProvisioningTimedOut)."""
SPOT_BUDGET_S: Final = 120.0
"""Seconds spent on Spot markets before on-demand is used, where the node allows it."""


class Footing(Row):
    """What a launch can stand on."""

    vm_id: str = ""
    """ARM id of a VM that exists and is the node's; empty: none."""
    os_disk: DiskRef | None = None
    data_disks: tuple[DiskRef, ...] = ()
    nics: tuple[NicRef, ...] = ()
    copied: tuple[DiskRef, ...] = ()
    """Copies made by this launch that no try has used for good yet."""
    snapshots: tuple[str, ...] = ()
    stranded: tuple[Stranded, ...] = ()
    """Disks that hold more than the copies that were made of them."""
    tries: int = 0
    """Moves made so far: part of each step's name in the journal."""
    rounds: int = 0
    """Rankings whose markets were full."""
    changes: int = 0
    """Rankings given up because facts had changed."""
    vm_failures: int = 0
    """VMs that failed after Azure gave them."""
    made: tuple[str, ...] = ()
    """ARM ids of what launches may have made and nothing uses: cleared away in the end."""
    body: Vm | None = None
    """A VM that this operation made, that failed, and that Azure would not delete."""
    image_luns: tuple[int, ...] = ()
    """As in the latest decision: data disks that come with the image."""
    creates: bool = False
    """True: Azure accepted a create that came to nothing; its fresh disks may be there."""
    strays: tuple[str, ...] = ()
    """ARM ids of disks of a VM that was never seen: in the way of the next one, and to be kept."""
    refused: tuple[Market, ...] = ()
    scopes: tuple[str, ...] = ()


def footing(node: Claimed, facts: VmFacts | None) -> Footing:
    """Return where a launch of this node begins."""
    run = node.run
    exists = facts is not None and facts.exists
    return Footing(
        vm_id=facts.id if facts and exists else "",
        os_disk=run.os_disk,
        data_disks=run.data_disks,
        nics=run.nics if _network_persists(node) or exists else (),
        snapshots=run.snapshots,
    )


def on_facts(now_on: Footing, decision: Decided | Nowhere) -> Footing:
    """Return the footing on the facts that a decision has read."""
    changes: dict[str, Any] = {}
    if decision.vm is not None:
        changes["vm_id"] = decision.vm.id if decision.vm.exists else ""
    if decision.vm is not None and decision.vm.power == "running":
        # What was refused while it was down says nothing of a VM that runs.
        changes |= {"refused": (), "scopes": ()}
    if isinstance(decision, Decided):
        changes["image_luns"] = decision.image_luns
    if isinstance(decision, Decided) and decision.os_disk:
        changes["os_disk"] = decision.os_disk
    if isinstance(decision, Decided) and decision.data_disks:
        changes["data_disks"] = decision.data_disks
    return now_on.model_copy(update=changes)


def counted(before: Footing, after: Footing, *, changed: bool) -> Footing:
    """Return the footing after a ranking that brought the node nowhere.

    One of which no move was tried is the last: the same markets would be closed again.
    """
    if changed:
        return after.model_copy(update={"changes": after.changes + 1})
    tried = after.tries > before.tries
    return after.model_copy(update={"rounds": after.rounds + 1 if tried else ROUNDS_MAX})


def _network_persists(node: Claimed) -> bool:
    return bool(node.document.get("persistence", {}).get("shouldPersistNetwork"))


def persists(node: Claimed, what: str) -> bool:
    """Tell whether `OsDisk`, `DataDisks` or `Network` persists."""
    return bool(node.document.get("persistence", {}).get(f"shouldPersist{what}"))


def is_open(move: Move, now_on: Footing, elapsed_s: float, moves: tuple[Move, ...]) -> bool:
    """Tell whether a move can still be made, and is still worth making."""
    market = move.market
    if any(_covers(refused, scope, market) for refused, scope in _refusals(now_on)):
        return False
    if move.rung in (Rung.START, Rung.RESIZE) and not now_on.vm_id:
        return False
    od_open = any(other.market.lifecycle is Lifecycle.OD for other in moves)
    late = elapsed_s > SPOT_BUDGET_S
    return not (late and od_open and market.lifecycle is Lifecycle.SPOT)


def _refusals(now_on: Footing) -> list[tuple[Market, str]]:
    return list(zip(now_on.refused, now_on.scopes, strict=True))


def _covers(refused: Market, scope: str, market: Market) -> bool:
    """Tell whether a refusal of one market rules out another, as shared/policy/shun.py does.

    Here the sizes' facts travel with the moves, because a runbook has no catalogue.
    """
    kept = market.reservation or refused.reservation
    if kept or refused.lifecycle is not market.lifecycle:
        # A place that is kept for us says nothing of the others, nor they of it.
        return refused == market
    same_size = refused.size.casefold() == market.size.casefold()
    same_zone = refused.zone == market.zone
    as_large = market.vcpus >= refused.vcpus > 0
    of_family = as_large and bool(market.family) and refused.family == market.family
    match scope:
        case Scope.LIFECYCLE:
            return same_size or as_large
        case Scope.FAMILY:
            return same_size or of_family
        case Scope.FAMILY_IN_ZONE:
            return same_zone and (same_size or of_family)
        case Scope.SIZE:
            return same_size
        case _:
            return same_size and same_zone


def after_failure(now_on: Footing, market: Market) -> Footing:
    """Return the footing after a VM failed in a market that had room."""
    tried = after_refusal(now_on, market, Scope.SIZE_IN_ZONE)
    return tried.model_copy(update={"vm_failures": now_on.vm_failures + 1})


def after_refusal(now_on: Footing, market: Market, scope: str) -> Footing:
    """Return the footing after a market was tried in vain; `scope`: what else that rules out."""
    return now_on.model_copy(
        update={
            "refused": (*now_on.refused, market),
            "scopes": (*now_on.scopes, scope),
        }
    )


def without_vm(now_on: Footing, node: Claimed) -> Footing:
    """Return the footing once the VM is deleted: unpersisted NICs are made anew."""
    nics = now_on.nics if persists(node, "Network") else ()
    return now_on.model_copy(update={"vm_id": "", "nics": nics})


def disks_for(node: Claimed, now_on: Footing, made: DisksCopied | None) -> "Disks":
    """Return what the next VM boots from: kept disks, or their copies; None where it is fresh."""
    copies = {disk.lun: disk for disk in made.disks} if made else {}
    os_disk = copies.get(None, now_on.os_disk) if persists(node, "OsDisk") else None
    data = now_on.data_disks if persists(node, "DataDisks") else ()
    return Disks(
        os_disk=os_disk,
        data_disks=tuple(copies.get(disk.lun, disk) for disk in data),
    )


class Disks(Row):
    """The disks a VM is created with."""

    os_disk: DiskRef | None
    data_disks: tuple[DiskRef, ...]


def fitted(disks: Disks, changed: tuple[DiskRef, ...]) -> Disks:
    """Return the disks, those that were changed as they are now."""
    now = {disk.id.lower(): disk for disk in changed}
    os_disk = disks.os_disk and now.get(disks.os_disk.id.lower(), disks.os_disk)
    data = tuple(now.get(disk.id.lower(), disk) for disk in disks.data_disks)
    return Disks(os_disk=os_disk, data_disks=data)


def has_extensions(document: dict[str, Any]) -> bool:
    """Tell whether the document asks for VM extensions."""
    launch = document.get("compute", {}).get("launchSpecification", {})
    return bool(launch.get("extensions"))


def wants_insights(document: dict[str, Any]) -> bool:
    """Tell whether the document asks for a data collection rule."""
    insights = (document.get("integrations") or {}).get("insights") or {}
    return bool(insights.get("isEnabled"))


def next_generation(run: RunState) -> int:
    """Return the number of the VM that this operation will launch."""
    return run.generation + 1


def seconds_since(start: datetime, now: datetime) -> float:
    """Return how long ago `start` was."""
    return (now - start).total_seconds()
