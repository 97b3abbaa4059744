"""Where a launch stands: what exists now, and which moves are still open."""

from datetime import datetime
from typing import Any, Final

from shared.contracts.base import NoCapacity
from shared.contracts.disk import DisksCopied
from shared.contracts.node import Claimed
from shared.contracts.vm import VmFacts
from shared.failures import Scope
from shared.model.market import Market, Move, Rung
from shared.model.run import DiskRef, Lifecycle, NicRef, Row, RunState

MARKETS_MAX: Final = 12
"""Markets tried by one launch before it ranks anew: Azure grants one VM name twelve creates at
once, then four a minute. Source: Azure docs, compute-throttling-limits."""
ROUNDS_MAX: Final = 3
"""Rankings by one operation; then it waits in the due index instead."""
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
    tries: int = 0
    """Moves made so far: part of each step's name in the journal."""
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
    if refused.lifecycle is not market.lifecycle:
        return False
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


def after_refusal(now_on: Footing, market: Market, answer: NoCapacity) -> Footing:
    """Return the footing after a market had no room."""
    return now_on.model_copy(
        update={
            "refused": (*now_on.refused, market),
            "scopes": (*now_on.scopes, answer.scope),
        }
    )


def without_vm(now_on: Footing, node: Claimed) -> Footing:
    """Return the footing once the VM is deleted: unpersisted NICs are made anew."""
    nics = now_on.nics if persists(node, "Network") else ()
    return now_on.model_copy(update={"vm_id": "", "nics": nics})


def with_copies(now_on: Footing, made: DisksCopied) -> Footing:
    """Return the footing with copies at hand."""
    known = {disk.id.lower(): disk for disk in (*now_on.copied, *made.disks)}
    return now_on.model_copy(
        update={"copied": tuple(known.values()), "snapshots": made.snapshot_ids}
    )


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


def has_extensions(document: dict[str, Any]) -> bool:
    """Tell whether the document asks for VM extensions."""
    launch = document.get("compute", {}).get("launchSpecification", {})
    return bool(launch.get("extensions"))


def next_generation(run: RunState) -> int:
    """Return the number of the VM that this operation will launch."""
    return run.generation + 1


def seconds_since(start: datetime, now: datetime) -> float:
    """Return how long ago `start` was."""
    return (now - start).total_seconds()
