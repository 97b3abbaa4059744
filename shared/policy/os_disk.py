"""Whether a disk can take the place of a node's OS disk."""

from collections.abc import Iterable, Iterator
from typing import Final

from shared.contracts.disks_change import OsDiskFit
from shared.model.disk_facts import DiskFacts
from shared.model.run import DiskRef, RunState
from shared.names import same_id
from shared.policy.attach import attaches

NOT_FOR_OS: Final = frozenset({"PREMIUMV2_LRS", "ULTRASSD_LRS"})
"""Types that hold data only. Source: Azure docs, disks-types."""


def misfits(
    disk: DiskFacts | None, present: DiskFacts | None, fit: OsDiskFit, node_id: str
) -> Iterator[str]:
    """Yield why a disk cannot be the node's OS disk, a sentence each; nothing: it can.

    `present` is the OS disk that it replaces, None where there is none to compare with.
    """
    if disk is None:
        yield "there is no such disk"
        return
    yield from _elsewhere(disk, fit)
    yield from _taken(disk, node_id)
    if present is not None and same_id(disk.id, present.id):
        yield "it is the node's OS disk already"
    yield from _unlike(disk, present, fit)


def _elsewhere(disk: DiskFacts, fit: OsDiskFit) -> Iterator[str]:
    if disk.region.replace(" ", "").lower() != fit.region.lower():
        yield f"it is in {disk.region}, the node in {fit.region}"
    here = DiskRef(id=disk.id, name=disk.name, sku=disk.sku, zone=disk.zone)
    if not any(attaches(here, zone) for zone in fit.zones):
        where = f"in zone {disk.zone}" if disk.zone else "in no zone"
        wanted = " or ".join(f"zone {one}" if one else "no zone" for one in fit.zones)
        yield f"it is {where}, and must be in {wanted or 'a zone of the node'}"


def _taken(disk: DiskFacts, node_id: str) -> Iterator[str]:
    if not disk.is_free:
        yield "it is attached to a VM, or being read from outside"
    if disk.node_id not in ("", node_id):
        yield "it belongs to another node"


def _unlike(disk: DiskFacts, present: DiskFacts | None, fit: OsDiskFit) -> Iterator[str]:
    if disk.os_type.lower() != fit.os.lower():
        yield f"it holds {disk.os_type or 'no operating system'}, the node runs {fit.os}"
    if disk.sku.upper() in NOT_FOR_OS:
        yield f"{disk.sku} disks cannot hold an operating system"
    security = present.security_type if present else fit.security_type
    if disk.security_type != security:
        yield f"its security type is {disk.security_type}, and must be {security}"
    if present is None:
        return
    for name in ("generation", "architecture"):
        own, wanted = getattr(disk, name) or "not told", getattr(present, name) or "not told"
        if own != wanted:
            yield f"its {name} is {own}, and must be {wanted}"
    if fit.same_size and disk.size_gib != present.size_gib:
        sizes = f"it has {disk.size_gib} GiB, and must have {present.size_gib}"
        yield f"{sizes} as long as the VM stays: pause the node to take one of another size"


def zones_for(
    run: RunState, node_zones: tuple[str, ...], kept: Iterable[DiskRef]
) -> tuple[str | None, ...]:
    """Return the zones that a disk of the node may be in; None among them: no zone.

    A VM that is there fixes its zone; without one, the disks that move on with the node do.
    """
    if run.vm is not None:
        return (run.vm.zone,)
    allowed: tuple[str | None, ...] = node_zones or (None,)
    disks = tuple(kept)
    return tuple(zone for zone in allowed if all(attaches(disk, zone) for disk in disks))


def booting_from(run: RunState, disk: DiskRef) -> RunState:
    """Return the run state of a node whose next boot is from another disk."""
    kept = tuple(one for one in run.retained if not same_id(one.id, disk.id))
    caching = run.os_disk.caching if run.os_disk else None
    changed = disk.model_copy(update={"caching": caching})
    return run.model_copy(update={"os_disk": changed, "retained": kept})
