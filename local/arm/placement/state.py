"""Availability sets, proximity placement groups and capacity reservation groups.

They can be made, named by VMs and deleted when no VM names them. Fault domains and nearness have no
effect here; reserved room is `local.arm.reservation`'s.
"""

from local.arm.placement import errors
from local.arm.placement.wire import KINDS, Kind
from local.arm.reservation import errors as reservation_errors
from local.arm.reservation import state as reservations
from local.arm.vm.wire import TYPE as VIRTUAL_MACHINES
from local.arm.vm.wire import is_spot
from local.arm.wire import Json, key_of, subscription_of
from local.arm.world import Resource, World


def members(world: World, kind: Kind, group: Resource) -> list[str]:
    """Return the ids of the VMs that name a group."""
    under = f"/subscriptions/{subscription_of(group.id)}"
    return [
        vm.id
        for vm in world.of_type(VIRTUAL_MACHINES, under)
        if key_of(kind.referred(vm.properties) or "") == key_of(group.id)
    ]


def delete(world: World, kind: Kind, group: Resource) -> None:
    """Drop a group; raise if a VM names it."""
    users = members(world, kind, group)
    if users:
        raise errors.in_use(kind.words, group.body["name"], users)
    if kind.segment == "capacityReservationGroups" and reservations.of_group(world, group.id):
        raise reservation_errors.group_not_empty(group.body["name"])
    world.drop(group)


def check(world: World, properties: Json, zone: str | None) -> None:
    """Raise if a VM names a group that is not there, or that it cannot be in."""
    for kind in KINDS:
        group_id = kind.referred(properties)
        if not group_id:
            continue
        group = world.find(group_id)
        if group is None or group.type != kind.type:
            raise errors.not_found(kind.words, group_id)
        zones = group.body.get("zones") or [zone]
        if zone and zone not in zones:
            raise errors.other_zone(group.body["name"], zones[0])
        if kind.segment == "capacityReservationGroups" and is_spot(properties):
            raise errors.reservation_with_spot()
