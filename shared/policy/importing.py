"""What may be imported, and for how long its resources are kept."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from shared.model.node import NodeDocument
from shared.model.source import SourceDisk, SourceVm
from shared.names import TAG_NODE, is_placeholder

UP: Final = frozenset({"running", "starting"})
GOING: Final = frozenset({"stopping", "deallocating"})
BUSY: Final = frozenset({"Creating", "Deleting", "Migrating"})
UNPROVEN_H: Final = 1
"""Hours that the source is kept at least when the node's VM was taken back, or has not said that it
is ready, the moment it came up: another one must have run by then."""


def obstacles(source: SourceVm, *, convert: bool) -> Iterator[str]:
    """Yield why this VM cannot be imported, in words for its owner."""
    if owner := source.tags.get(TAG_NODE):
        yield f"it belongs to the stateful node {owner}"
    if source.generalized:
        yield "it is generalized: it can be the source of images only, and never starts again"
    if source.member_of:
        yield f"it is part of {source.member_of}"
    if source.provisioning in BUSY:
        yield f"Azure is at it ({source.provisioning}); try again when it has settled"
    elif source.power in GOING:
        yield f"it is {source.power}; try again when it is down"
    for disk in source.disks:
        yield from _disk(disk, convert=convert)
    yield from _network(source)


def _disk(disk: SourceDisk, *, convert: bool) -> Iterator[str]:
    what = "its OS disk" if disk.lun is None else f"its data disk at LUN {disk.lun}"
    if disk.ephemeral:
        yield f"{what} is ephemeral: nothing of it outlives a stop"
    if disk.unmanaged and not convert:
        yield f"{what} is unmanaged; send convertUnmanagedDisks true to have it converted"
    if disk.shared:
        yield f"{what} is shared between VMs: a copy of it would go its own way"
    if disk.encryption:
        yield f"{what} is encrypted with {disk.encryption}: a copy of it could not be read"


def _network(source: SourceVm) -> Iterator[str]:
    for nic in source.nics:
        if is_placeholder(nic.name):
            yield f"{nic.name} stands in for its own network interfaces: give it those back first"
    if not source.nics:
        yield "it has no network interface"


def address_elsewhere(source: SourceVm, document: NodeDocument) -> str:
    """Return why the node cannot keep the VM's public address where it is to run; empty: it can."""
    zones = document.compute.zones
    if not (document.persistence.should_persist_network and zones):
        return ""
    serves = (nic.public_ip_zone for nic in source.nics)
    zone = next((one for one in serves if one and one not in zones), None)
    told = f"must name zone {zone}: the VM's public address, which is kept, serves that zone alone"
    return told if zone else ""


def was_running(source: SourceVm) -> bool:
    """Tell whether the VM runs, so that the node runs after the import."""
    return source.power in UP


def kept_until(now: datetime, retention_h: int, *, unproven: bool) -> datetime:
    """Return until when the source's resources stay; `unproven`: its successor may not last."""
    least_h = UNPROVEN_H if unproven else 0
    return now + timedelta(hours=max(retention_h, least_h))
