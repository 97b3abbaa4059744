"""Galleries, their image definitions, and the definitions' versions: one pattern for all three."""

from local.arm import latency
from local.arm.disk.wire import listed
from local.arm.gallery import state, wire
from local.arm.image.wire import started
from local.arm.operations import Plan, get_compute_operation, refuse_if_busy
from local.arm.routing import COMPUTE, SUBSCRIPTION, route
from local.arm.wire import Json, Reply, Request
from local.arm.world import World

GALLERIES = COMPUTE + "/galleries"
GALLERY = GALLERIES + "/{gallery}"
DEFINITIONS = GALLERY + "/images"
DEFINITION = DEFINITIONS + "/{definition}"
VERSIONS = DEFINITION + "/versions"
VERSION = VERSIONS + "/{version}"
FAMILY = "capsOperations"
"""Galleries have operations of their own."""

route(
    "GET",
    SUBSCRIPTION + "/providers/Microsoft.Compute/locations/{location}/capsOperations/{operation}",
)(get_compute_operation)


def _at(request: Request) -> tuple[str, str]:
    """Return the id and the type of what a request is about."""
    path = (
        f"/subscriptions/{request['subscription']}/resourceGroups/{request['group']}"
        f"/providers/{state.GALLERY}/{request['gallery']}"
    )
    if "definition" not in request.params:
        return path, state.GALLERY
    path += f"/images/{request['definition']}"
    if "version" not in request.params:
        return path, state.DEFINITION
    return path + f"/versions/{request['version']}", state.VERSION


@route("PUT", GALLERY)
@route("PUT", DEFINITION)
@route("PUT", VERSION)
def put(world: World, request: Request) -> Reply:
    """Create or replace."""
    return _write(world, request, request.body or {})


@route("PATCH", GALLERY)
@route("PATCH", DEFINITION)
@route("PATCH", VERSION)
def patch(world: World, request: Request) -> Reply:
    """Change what is given: tags, and the first level of properties."""
    resource_id, type_ = _at(request)
    before = state.require(world, resource_id, type_)
    given = request.body or {}
    merged: Json = {
        "location": before.location,
        "tags": given.get("tags", before.body.get("tags")),
        "properties": {**before.properties, **(given.get("properties") or {})},
    }
    return _write(world, request, merged)


def _write(world: World, request: Request, body: Json) -> Reply:
    resource_id, type_ = _at(request)
    before = world.find(resource_id)
    if before is not None:
        refuse_if_busy(before)
    resource = state.put(world, resource_id, type_, body)
    kind = "gallery.version" if type_ == state.VERSION else "gallery.write"
    plan = Plan(latency.draw(world, kind), "gallery.ready", {"id": resource.id}, resource)
    return started(world, request, plan, status=200 if before else 201, family=FAMILY)


@route("GET", GALLERY)
@route("GET", DEFINITION)
@route("GET", VERSION)
def get(world: World, request: Request) -> Reply:
    """Show one."""
    return wire.reply(request, state.require(world, *_at(request)))


@route("GET", DEFINITIONS)
@route("GET", VERSIONS)
def list_children(world: World, request: Request) -> Reply:
    """List the definitions of a gallery, or the versions of a definition."""
    parent = state.require(world, *_at(request))
    return listed(child.body for child in state.children(world, parent))


@route("GET", GALLERIES)
def list_galleries_of_group(world: World, request: Request) -> Reply:
    """List the galleries of a resource group."""
    under = f"/subscriptions/{request['subscription']}/resourceGroups/{request['group']}"
    return listed(gallery.body for gallery in world.of_type(state.GALLERY, under))


@route("GET", SUBSCRIPTION + "/providers/Microsoft.Compute/galleries")
def list_galleries(world: World, request: Request) -> Reply:
    """List the galleries of a subscription."""
    under = f"/subscriptions/{request['subscription']}"
    return listed(gallery.body for gallery in world.of_type(state.GALLERY, under))


@route("DELETE", GALLERY)
@route("DELETE", DEFINITION)
@route("DELETE", VERSION)
def delete(world: World, request: Request) -> Reply:
    """Delete one that has nothing below it; 204 if there is none."""
    resource_id, _ = _at(request)
    resource = world.find(resource_id)
    if resource is None:
        return Reply(204)
    refuse_if_busy(resource)
    state.refuse_unless_empty(world, resource)
    args = {"id": resource.id}
    plan = Plan(latency.draw(world, "gallery.write"), "gallery.delete", args, resource)
    return started(world, request, plan, status=202, family=FAMILY)
