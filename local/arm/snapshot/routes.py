"""Snapshots: create, read, change, delete, and let somebody read their bytes."""

from local.arm import latency
from local.arm.disk import access
from local.arm.disk import wire as disks
from local.arm.operations import Plan, refuse_if_busy
from local.arm.routing import COMPUTE, SUBSCRIPTION, route
from local.arm.snapshot import state, wire
from local.arm.wire import Json, Reply, Request
from local.arm.world import World

SNAPSHOT = COMPUTE + "/snapshots/{name}"


def _id(request: Request) -> str:
    return (
        f"/subscriptions/{request['subscription']}/resourceGroups/{request['group']}"
        f"/providers/{state.TYPE}/{request['name']}"
    )


@route("PUT", SNAPSHOT)
def put_snapshot(world: World, request: Request) -> Reply:
    """Copy a disk or snapshot, or change a snapshot that exists."""
    body = request.body or {}
    if world.find(_id(request)) is not None:
        return _change(world, request, body)
    snapshot = state.create(world, _id(request), body)
    args = {"id": snapshot.id}
    plan = Plan(latency.draw(world, "snapshot.create"), "snapshot.ready", args, snapshot)
    answer = wire.accepted_body(body, snapshot)
    return disks.accepted(world, request, plan, snapshot.location, answer)


@route("PATCH", SNAPSHOT)
def patch_snapshot(world: World, request: Request) -> Reply:
    """Change a snapshot's size, kind, access rules or tags."""
    return _change(world, request, request.body or {})


def _change(world: World, request: Request, body: Json) -> Reply:
    snapshot = state.require(world, _id(request))
    state.refuse_unless_changeable(snapshot, body)
    snapshot.properties["provisioningState"] = "Updating"
    args = {"id": snapshot.id, "body": body}
    plan = Plan(latency.draw(world, "snapshot.update"), "snapshot.change", args, snapshot)
    answer = wire.accepted_body(body, snapshot)
    return disks.accepted(world, request, plan, snapshot.location, answer)


@route("GET", SNAPSHOT)
def get_snapshot(world: World, request: Request) -> Reply:
    """Show a snapshot."""
    return wire.shown(world, state.require(world, _id(request)))


@route("GET", COMPUTE + "/snapshots")
def list_snapshots_of_group(world: World, request: Request) -> Reply:
    """List the snapshots of a resource group."""
    under = f"/subscriptions/{request['subscription']}/resourceGroups/{request['group']}"
    return disks.listed(wire.body(world, one) for one in world.of_type(state.TYPE, under))


@route("GET", SUBSCRIPTION + "/providers/Microsoft.Compute/snapshots")
def list_snapshots(world: World, request: Request) -> Reply:
    """List the snapshots of a subscription."""
    under = f"/subscriptions/{request['subscription']}"
    return disks.listed(wire.body(world, one) for one in world.of_type(state.TYPE, under))


@route("DELETE", SNAPSHOT)
def delete_snapshot(world: World, request: Request) -> Reply:
    """Delete a snapshot; 204 if there is none."""
    snapshot = world.find(_id(request))
    if snapshot is None:
        return Reply(204)
    state.refuse_unless_deletable(snapshot)
    args = {"id": snapshot.id}
    plan = Plan(latency.draw(world, "snapshot.delete"), "snapshot.delete", args, snapshot)
    return disks.accepted(world, request, plan, snapshot.location)


@route("POST", SNAPSHOT + "/beginGetAccess")
def begin_get_access(world: World, request: Request) -> Reply:
    """Let somebody read the snapshot's bytes for a time."""
    snapshot = state.require(world, _id(request))
    refuse_if_busy(snapshot)
    return access.grant(world, request, snapshot)


@route("POST", SNAPSHOT + "/endGetAccess")
def end_get_access(world: World, request: Request) -> Reply:
    """Revoke the access; a repeat changes nothing."""
    snapshot = state.require(world, _id(request))
    refuse_if_busy(snapshot)
    return access.revoke(world, request, snapshot)
