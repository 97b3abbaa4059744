"""Disks: create, read, change, delete, and let somebody read their bytes."""

from local.arm import latency
from local.arm.disk import access, change, errors, state, wire
from local.arm.operations import Plan, refuse_if_busy
from local.arm.routing import COMPUTE, SUBSCRIPTION, route
from local.arm.wire import Json, Reply, Request
from local.arm.world import World

DISK = COMPUTE + "/disks/{name}"


def _id(request: Request) -> str:
    return (
        f"/subscriptions/{request['subscription']}/resourceGroups/{request['group']}"
        f"/providers/{state.TYPE}/{request['name']}"
    )


@route("PUT", DISK)
def put_disk(world: World, request: Request) -> Reply:
    """Create a disk, or change one that exists."""
    disk = world.find(_id(request))
    body = request.body or {}
    if disk is not None:
        return _change(world, request, body)
    disk = state.create_from_request(world, _id(request), body)
    disk.properties["provisioningState"] = "Updating"
    option = disk.properties["creationData"]["createOption"].lower()
    kind = "disk.create.empty" if option == "empty" else "disk.create.copy"
    plan = Plan(latency.draw(world, kind), "disk.ready", {"id": disk.id}, disk)
    answer = wire.accepted_body(body, disk, named=True)
    return wire.accepted(world, request, plan, disk.location, answer)


@route("PATCH", DISK)
def patch_disk(world: World, request: Request) -> Reply:
    """Change a disk's size, kind, performance, access rules or tags."""
    return _change(world, request, request.body or {})


def _change(world: World, request: Request, body: Json) -> Reply:
    disk = state.require(world, _id(request))
    refuse_if_busy(disk)
    change.refuse_unless_changeable(world, disk, body)
    disk.properties["provisioningState"] = "Updating"
    args = {"id": disk.id, "body": body}
    plan = Plan(latency.draw(world, "disk.update"), "disk.change", args, disk)
    answer = wire.accepted_body(body, disk, named=True)
    return wire.accepted(world, request, plan, disk.location, answer)


@route("GET", DISK)
def get_disk(world: World, request: Request) -> Reply:
    """Show a disk."""
    return wire.shown(state.require(world, _id(request)))


@route("GET", COMPUTE + "/disks")
def list_disks_of_group(world: World, request: Request) -> Reply:
    """List the disks of a resource group."""
    under = f"/subscriptions/{request['subscription']}/resourceGroups/{request['group']}"
    return wire.listed(disk.body for disk in world.of_type(state.TYPE, under))


@route("GET", SUBSCRIPTION + "/providers/Microsoft.Compute/disks")
def list_disks(world: World, request: Request) -> Reply:
    """List the disks of a subscription."""
    under = f"/subscriptions/{request['subscription']}"
    return wire.listed(disk.body for disk in world.of_type(state.TYPE, under))


@route("DELETE", DISK)
def delete_disk(world: World, request: Request) -> Reply:
    """Delete a disk that nobody owns; 204 if there is none."""
    disk = world.find(_id(request))
    if disk is None:
        return Reply(204)
    state.refuse_unless_deletable(disk)
    refuse_if_busy(disk)
    plan = Plan(latency.draw(world, "disk.delete"), "disk.delete", {"id": disk.id}, disk)
    return wire.accepted(world, request, plan, disk.location)


@route("POST", DISK + "/beginGetAccess")
def begin_get_access(world: World, request: Request) -> Reply:
    """Let somebody read the disk's bytes for a time: refused while its VM runs."""
    disk = state.require(world, _id(request))
    refuse_if_busy(disk)
    if disk.properties["diskState"] == "Attached":
        raise errors.access_while_running(request["name"], disk.body["managedBy"])
    return access.grant(world, request, disk)


@route("POST", DISK + "/endGetAccess")
def end_get_access(world: World, request: Request) -> Reply:
    """Revoke the access; a repeat changes nothing."""
    disk = state.require(world, _id(request))
    refuse_if_busy(disk)
    return access.revoke(world, request, disk)
