"""Resource groups: everything else lives in one and dies with it."""

from local.arm import refusals
from local.arm.group import errors
from local.arm.group.wire import TYPE
from local.arm.routing import RELEASE_ORDER
from local.arm.wire import Json, key_of, name_of
from local.arm.world import Resource, World, effect


def put(world: World, group_id: str, location: str, kept: Json) -> tuple[Resource, bool]:
    """Create or replace a group; return it, and whether it is new."""
    group = world.find(group_id)
    if group is None:
        if not location:
            raise refusals.location_required()
        body = {"id": group_id, "name": name_of(group_id), "type": TYPE, "location": location}
        group = Resource(group_id, TYPE, body)
        group.properties["provisioningState"] = "Succeeded"
        group.body |= kept
        return world.save(group), True
    refuse_if_going(group)
    if location and location.lower() != group.location.lower():
        raise errors.other_location(group.location, location)
    group.body |= kept
    return world.save(group), False


def refuse_if_going(group: Resource) -> None:
    """Raise 409 if the group is being deleted."""
    if group.properties["provisioningState"] == "Deleting":
        raise errors.being_deleted(group.body["name"])


def contents(world: World, group_id: str) -> list[Resource]:
    """Return all resources in a group, in id order."""
    prefix = key_of(group_id) + "/providers/"
    return [world.resources[key] for key in sorted(world.resources) if key.startswith(prefix)]


@effect("group.deleted")
def delete(world: World, args: Json) -> None:
    """Remove a group and all that is in it: VMs first, for they hold the rest."""
    for type_, release in RELEASE_ORDER:
        for resource in contents(world, args["id"]):
            if resource.type == type_ and world.find(resource.id):
                release(world, resource)
    for resource in contents(world, args["id"]):
        world.drop(resource)
    group = world.find(args["id"])
    if group:
        world.drop(group)
