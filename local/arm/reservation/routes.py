"""Capacity reservations; their groups are `local.arm.placement`'s."""

from local.arm.reservation import state, wire
from local.arm.routing import COMPUTE, route
from local.arm.wire import Json, Reply, Request, resource_not_found
from local.arm.world import Resource, World

OF_GROUP = COMPUTE + "/capacityReservationGroups/{group_name}/capacityReservations"
ONE = OF_GROUP + "/{name}"


def _group_id(request: Request) -> str:
    base = f"/subscriptions/{request['subscription']}/resourceGroups/{request['group']}"
    return f"{base}/providers/{wire.GROUP}/{request['group_name']}"


def _id(request: Request) -> str:
    return f"{_group_id(request)}/capacityReservations/{request['name']}"


@route("PUT", ONE)
def put_reservation(world: World, request: Request) -> Reply:
    """Make a reservation, or change its capacity: over with this answer."""
    group = state.require_group(world, _group_id(request))
    before = world.find(_id(request))
    made = state.put(world, group, _id(request), request.body or {})
    return Reply(200 if before else 201, _shown(world, made))


@route("GET", ONE)
def get_reservation(world: World, request: Request) -> Reply:
    """Read a reservation; `$expand=instanceView` tells what of it is in use."""
    found = world.find(_id(request))
    if found is None:
        raise resource_not_found(_id(request))
    return Reply(200, _shown(world, found, expand=request.query.get("$expand", "")))


@route("GET", OF_GROUP)
def list_reservations(world: World, request: Request) -> Reply:
    """List the reservations of a group."""
    group = state.require_group(world, _group_id(request))
    return Reply(200, {"value": [_shown(world, one) for one in state.of_group(world, group.id)]})


@route("DELETE", ONE)
def delete_reservation(world: World, request: Request) -> Reply:
    """Delete a reservation that no VM is associated with; 204 if there is none."""
    found = world.find(_id(request))
    if found is None:
        return Reply(204)
    state.delete(world, found)
    return Reply(200)


def _shown(world: World, reservation: Resource, expand: str = "") -> Json:
    body = reservation.body
    associated = [{"id": vm.id} for vm in state.members(world, reservation)]
    properties = {
        **body["properties"],
        **({"virtualMachinesAssociated": associated} if associated else {}),
    }
    if expand.lower() == "instanceview":
        view = wire.instance_view(body["sku"]["capacity"], state.allocated(world, reservation))
        properties["instanceView"] = view
    return {**body, "properties": properties}
