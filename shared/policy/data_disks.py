"""Data disks of a node: which LUNs are taken, which are to stay empty, where a disk can go."""

from typing import Any, Final

from shared.contracts.node import Claimed
from shared.model.run import DiskRef, RunState
from shared.policy.footing import persists

LUN_MAX: Final = 63
"""Source: Azure docs, at most 64 data disks a VM."""


def document_luns(document: dict[str, Any]) -> tuple[int, ...]:
    """Return the LUNs for which the document orders a disk."""
    launch = (document.get("compute") or {}).get("launchSpecification") or {}
    return tuple(one["lun"] for one in launch.get("dataDisks") or ())


def luns_taken(run: RunState, document: dict[str, Any]) -> frozenset[int]:
    """Return the LUNs that have a disk, or will at the next launch."""
    has = {disk.lun for disk in run.data_disks if disk.lun is not None}
    ordered = set(document_luns(document)) - set(run.detached_luns)
    return frozenset(has | ordered)


def free_lun(taken: frozenset[int]) -> int | None:
    """Return the lowest LUN that is free; None: there is none."""
    return next((lun for lun in range(LUN_MAX + 1) if lun not in taken), None)


def empty_luns(node: Claimed) -> tuple[int, ...]:
    """Return the LUNs of the document for which the next launch makes no disk.

    Those whose disk was detached, where data disks persist: what the VM had is what the next one
    gets. A disk that was attached there since is not the one that the document describes. Where
    they do not persist, each launch makes all that the document orders.
    """
    return node.run.detached_luns if persists(node, "DataDisks") else ()


def other_luns(node: Claimed) -> tuple[int, ...]:
    """Return the LUNs of the document for which the node has no disk."""
    has = {disk.lun for disk in node.run.data_disks}
    return tuple(lun for lun in document_luns(node.document) if lun not in has)


def with_disk(run: RunState, disk: DiskRef) -> RunState:
    """Return the run state with one more data disk."""
    others = tuple(one for one in run.data_disks if one.id.lower() != disk.id.lower())
    return run.model_copy(update={"data_disks": (*others, disk)})


def without_disk(run: RunState, disk: DiskRef, document: dict[str, Any]) -> RunState:
    """Return the run state without a data disk; what the document orders in its place stays out."""
    left = tuple(one for one in run.data_disks if one.id.lower() != disk.id.lower())
    empty = run.detached_luns
    if disk.lun in document_luns(document) and disk.lun not in empty:
        empty = (*empty, disk.lun)
    return run.model_copy(update={"data_disks": left, "detached_luns": empty})
