"""Reserved capacity: who holds a place, who may take one, and what is left.

A VM that is associated holds a place while it is allocated; more may join than there are places,
and those stand on ordinary capacity. Source: Azure docs, capacity-reservation-overview and
capacity-reservation-overallocate.
"""

from local.arm import refusals
from local.arm.reservation import errors, wire
from local.arm.sku.state import size as size_of
from local.arm.wire import Json, key_of, same_location
from local.arm.world import Resource, World


def require_group(world: World, group_id: str) -> Resource:
    """Return a group, or raise the 404 of a write below one that is not there."""
    group = world.find(group_id)
    if group is None or group.type != wire.GROUP:
        raise errors.no_group(group_id)
    return group


def put(world: World, group: Resource, reservation_id: str, body: Json) -> Resource:
    """Make a reservation, or change how much it holds; raise where it cannot be."""
    sku = body.get("sku") or {}
    for parameter, value in (("location", body.get("location")), ("sku.name", sku.get("name"))):
        if not value:
            raise refusals.missing(parameter)
    known = size_of(world, sku["name"])
    if known is None or not known.supports("CapacityReservationSupported"):
        raise errors.unsupported_size(sku["name"])
    zones = [str(zone) for zone in body.get("zones") or []]
    there = {str(zone) for zone in group.body.get("zones") or []}
    if not same_location(body["location"], group.location) or not set(zones) <= there:
        raise errors.other_place(reservation_id.rsplit("/", 1)[-1])
    before = world.find(reservation_id)
    made = before.properties if before else {"reservationId": world.new_uuid()}
    return world.save(Resource(reservation_id, wire.TYPE, wire.model(reservation_id, body, made)))


def delete(world: World, reservation: Resource) -> None:
    """Drop a reservation; raise while a VM is associated with it."""
    users = [vm.id for vm in members(world, reservation)]
    if users:
        raise errors.in_use(reservation.body["name"], users)
    world.drop(reservation)


def of_group(world: World, group_id: str) -> list[Resource]:
    """Return the reservations of a group."""
    return list(world.of_type(wire.TYPE, group_id))


def members(world: World, reservation: Resource) -> list[Resource]:
    """Return the VMs that are associated with a reservation, running or not."""
    group = key_of(reservation.id.rsplit("/", 2)[0])
    return [
        vm
        for vm in world.of_type("Microsoft.Compute/virtualMachines")
        if key_of(group_of(vm.properties)) == group and _is_for(reservation, vm)
    ]


def allocated(world: World, reservation: Resource) -> list[str]:
    """Return the ids of the VMs that hold a place, or stand beside it for want of one."""
    return [vm.id for vm in members(world, reservation) if vm.sim.get("allocated")]


def group_of(properties: Json) -> str:
    """Return the id of the group that a VM's properties name; empty: none."""
    group = (properties.get("capacityReservation") or {}).get("capacityReservationGroup") or {}
    return str(group.get("id") or "")


def check(world: World, vm: Resource, size: str = "") -> None:
    """Raise if a VM names a group that has nothing for it, at its size or another."""
    group_id, properties = group_of(vm.properties), vm.properties
    if not group_id:
        return
    if properties.get("proximityPlacementGroup") or properties.get("availabilitySet"):
        raise errors.unsuitable("a proximity placement group or an availability set")
    if (properties.get("additionalCapabilities") or {}).get("ultraSSDEnabled"):
        raise errors.unsuitable("Ultra disks")
    if not any(_is_for(one, vm, size) for one in of_group(world, group_id)):
        raise errors.no_match(group_id, size or properties["hardwareProfile"]["vmSize"])


def has_place(world: World, vm: Resource, size: str = "") -> bool:
    """Tell whether a VM holds a reserved place, or can take one, at its size or another."""
    group_id = group_of(vm.properties)
    if not group_id:
        return False
    for one in of_group(world, group_id):
        if not _is_for(one, vm, size):
            continue
        others = [held for held in allocated(world, one) if key_of(held) != key_of(vm.id)]
        if len(others) < one.body["sku"]["capacity"]:
            return True
    return False


def _is_for(reservation: Resource, vm: Resource, size: str = "") -> bool:
    wanted = size or vm.properties["hardwareProfile"]["vmSize"]
    reserved = str(reservation.body["sku"]["name"])
    return wanted.lower() == reserved.lower() and reservation.zone == vm.zone
