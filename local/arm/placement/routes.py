from functools import partial

from local.arm import refusals
from local.arm.placement import state, wire
from local.arm.placement.wire import KINDS, Kind
from local.arm.reservation import group as reservations
from local.arm.routing import COMPUTE, SUBSCRIPTION, route
from local.arm.wire import Reply, Request, resource_not_found
from local.arm.world import Resource, World


def _id(kind: Kind, request: Request) -> str:
    base = f"/subscriptions/{request['subscription']}/resourceGroups/{request['group']}"
    return f"{base}/providers/{kind.type}/{request['name']}"


def put_group(kind: Kind, world: World, request: Request) -> Reply:
    """Create or replace a group that VMs are placed in."""
    body = request.body or {}
    if not body.get("location"):
        raise refusals.missing("location")
    status = 200 if world.find(_id(kind, request)) else kind.created
    model = wire.model(kind, _id(kind, request), body)
    return Reply(status, world.save(Resource(model["id"], kind.type, model)).body)


def get_group(kind: Kind, world: World, request: Request) -> Reply:
    """Read a group."""
    group = world.find(_id(kind, request))
    if group is None:
        raise resource_not_found(_id(kind, request))
    if kind.segment == "capacityReservationGroups":
        return Reply(200, reservations.shown(world, group, request.query.get("$expand", "")))
    return Reply(200, group.body)


def delete_group(kind: Kind, world: World, request: Request) -> Reply:
    """Delete a group that no VM names; 204 if there is none."""
    group = world.find(_id(kind, request))
    if group is None:
        return Reply(204)
    state.delete(world, kind, group)
    return Reply(200)


def list_groups(kind: Kind, world: World, request: Request) -> Reply:
    """List the groups of a resource group or of a subscription."""
    under = f"/subscriptions/{request['subscription']}"
    if "group" in request.params:
        under += f"/resourceGroups/{request['group']}"
    return Reply(200, {"value": [group.body for group in world.of_type(kind.type, under)]})


for _kind in KINDS:
    _all = f"{COMPUTE}/{_kind.segment}"
    route("PUT", _all + "/{name}")(partial(put_group, _kind))
    route("GET", _all + "/{name}")(partial(get_group, _kind))
    route("DELETE", _all + "/{name}")(partial(delete_group, _kind))
    route("GET", _all)(partial(list_groups, _kind))
    route("GET", f"{SUBSCRIPTION}/providers/{_kind.type}")(partial(list_groups, _kind))
