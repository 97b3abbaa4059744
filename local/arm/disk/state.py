"""Disks: whose they are, and what other nouns may do with them.

States: `Unattached`, `Attached` (its VM runs), `Reserved` (its VM is deallocated), `ActiveSAS`
(somebody may download it). `LastOwnershipUpdateTime` moves with each change of owner or power.
"""

from local.arm.disk import errors
from local.arm.disk.creation import (
    TYPE,
    create_empty,
    create_from_image,
    create_from_request,
)
from local.arm.disk.tiers import FLEXIBLE
from local.arm.operations import refuse_if_busy
from local.arm.wire import (
    key_of,
    name_of,
    resource_not_found,
    same_location,
    subscription_of,
)
from local.arm.world import Resource, World, stamp

__all__ = [
    "TYPE",
    "begin_detach",
    "claim",
    "create_empty",
    "create_from_image",
    "create_from_request",
    "delete",
    "refuse_unless_claimable",
    "refuse_unless_deletable",
    "release",
    "require",
    "set_power",
]


def require(world: World, disk_id: str) -> Resource:
    """Return the disk, or raise the 404 of a read."""
    disk = world.find(disk_id)
    if disk is None or disk.type != TYPE:
        raise resource_not_found(disk_id)
    return disk


def claim(  # noqa: PLR0913 - one keyword for each fact that the VM knows
    world: World,
    disk_id: str,
    vm_id: str,
    *,
    vm_zone: str | None,
    as_os: bool,
    running: bool,
    vm_location: str | None = None,
) -> Resource:
    """Give a disk to a VM, or raise the refusal that Azure gives.

    A repeat by the owner changes nothing but the state. With `vm_location` the regions are
    compared as well.
    """
    disk = world.find(disk_id)
    if disk is None or disk.type != TYPE:
        raise errors.referenced_not_found(disk_id)
    refuse_unless_claimable(disk, vm_id, vm_zone=vm_zone, as_os=as_os, vm_location=vm_location)
    owner = disk.body.get("managedBy")
    if owner is None:
        disk.body["managedBy"] = vm_id
    elif key_of(owner) != key_of(vm_id):
        others = disk.body.setdefault("managedByExtended", [owner])
        if key_of(vm_id) not in [key_of(other) for other in others]:
            others.append(vm_id)
    return _own(world, disk, "Attached" if running else "Reserved")


def refuse_unless_claimable(
    disk: Resource,
    vm_id: str,
    *,
    vm_zone: str | None,
    as_os: bool,
    vm_location: str | None = None,
) -> None:
    """Raise what would keep this VM from having this disk."""
    refuse_if_busy(disk)
    _refuse_elsewhere(disk, vm_id, vm_zone, vm_location)
    _refuse_if_taken(disk, vm_id)
    if not as_os:
        return
    kind = disk.body["sku"]["name"]
    if kind in FLEXIBLE:
        raise errors.not_for_os(kind)
    if not disk.properties.get("osType"):
        raise errors.no_operating_system(disk.id)


def _refuse_elsewhere(
    disk: Resource, vm_id: str, vm_zone: str | None, vm_location: str | None
) -> None:
    if subscription_of(disk.id).lower() != subscription_of(vm_id).lower():
        raise errors.other_subscription(disk.id)
    if vm_location and not same_location(vm_location, disk.location):
        raise errors.other_region(disk.id, disk.location, vm_location)
    if not disk.body["sku"]["name"].endswith("_ZRS") and vm_zone != disk.zone:
        raise errors.other_zone(disk.id, vm_zone, disk.zone)


def _refuse_if_taken(disk: Resource, vm_id: str) -> None:
    if disk.sim.get("detaching"):
        raise errors.being_detached(name_of(disk.id), name_of(vm_id))
    owner = disk.body.get("managedBy")
    shares = int(disk.properties.get("maxShares") or 1)
    owners = disk.body.get("managedByExtended") or ([owner] if owner else [])
    if key_of(vm_id) not in [key_of(other) for other in owners] and len(owners) >= shares:
        raise errors.owned(disk.id, owners[0])
    if disk.sim.get("access_until"):
        raise errors.active_sas(name_of(disk.id))


def set_power(world: World, disk_id: str, *, running: bool) -> None:
    """Follow the owner's power: `Attached` when it runs, `Reserved` when it is deallocated."""
    disk = require(world, disk_id)
    if running and disk.sim.get("access_until"):
        raise errors.active_sas(name_of(disk.id))
    _own(world, disk, "Attached" if running else "Reserved")


def begin_detach(world: World, disk_id: str) -> None:
    """Note that a disk is on its way out of a running VM: no other VM can have it yet."""
    disk = require(world, disk_id)
    disk.sim["detaching"] = True
    world.save(disk)


def release(world: World, disk_id: str, vm_id: str | None = None) -> None:
    """Set a disk free; nothing happens if it is gone. A shared disk leaves only `vm_id`."""
    disk = world.find(disk_id)
    if disk is None:
        return
    disk.sim.pop("detaching", None)
    shared = disk.body.pop("managedByExtended", [])
    left = [owner for owner in shared if vm_id and key_of(owner) != key_of(vm_id)]
    if left:
        disk.body["managedBy"] = left[0]
        disk.body["managedByExtended"] = left
    else:
        disk.body.pop("managedBy", None)
    _own(world, disk, disk.properties["diskState"] if left else "Unattached")


def delete(world: World, disk_id: str) -> None:
    """Drop a disk at once, as `deleteOption: Delete` does; raise if somebody still owns it."""
    disk = world.find(disk_id)
    if disk is None:
        return
    refuse_unless_deletable(disk)
    world.drop(disk)


def refuse_unless_deletable(disk: Resource) -> None:
    """Raise what would keep this disk from being deleted."""
    if disk.body.get("managedBy"):
        raise errors.attached(name_of(disk.id), disk.body["managedBy"])
    if disk.sim.get("access_until"):
        raise errors.active_sas(name_of(disk.id))


def _own(world: World, disk: Resource, state: str) -> Resource:
    disk.properties["diskState"] = state
    disk.properties["LastOwnershipUpdateTime"] = stamp(world.now)
    return world.save(disk)
