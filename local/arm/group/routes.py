from local.arm import latency
from local.arm.group import errors, state, wire
from local.arm.operations import Plan, begin
from local.arm.routing import GROUP, SUBSCRIPTION, route
from local.arm.wire import Json, Reply, Request
from local.arm.world import Resource, World

RETRY_AFTER_S = 15
"""As recorded for the deletion of a group."""


def _id(request: Request) -> str:
    return f"/subscriptions/{request['subscription']}/resourceGroups/{request['group']}"


def _find(world: World, request: Request) -> Resource:
    group = world.find(_id(request))
    if group is None:
        raise errors.not_found(request["group"])
    return group


@route("PUT", GROUP)
def put_group(world: World, request: Request) -> Reply:
    """Create or replace a group."""
    document = request.body or {}
    location = str(document.get("location", "")).replace(" ", "").lower()
    group, new = state.put(world, _id(request), location, wire.parse(document))
    return Reply(201 if new else 200, group.body)


@route("PATCH", GROUP)
def patch_group(world: World, request: Request) -> Reply:
    """Change a group's tags."""
    group = _find(world, request)
    state.refuse_if_going(group)
    group.body |= wire.parse(request.body or {})
    return Reply(200, world.save(group).body)


@route("GET", GROUP)
def get_group(world: World, request: Request) -> Reply:
    """Read a group."""
    return Reply(200, _find(world, request).body)


@route("HEAD", GROUP)
def head_group(world: World, request: Request) -> Reply:
    """Tell whether a group exists."""
    return Reply(204 if world.find(_id(request)) else 404)


@route("GET", SUBSCRIPTION + "/resourceGroups")
def list_groups(world: World, request: Request) -> Reply:
    """List the groups, perhaps by tag."""
    groups = world.of_type(wire.TYPE, f"/subscriptions/{request['subscription']}")
    odata_filter = request.query.get("$filter", "")
    return Reply(200, {"value": [g.body for g in groups if wire.fits(g, odata_filter)]})


@route("GET", GROUP + "/resources")
def list_contents(world: World, request: Request) -> Reply:
    """List what is in a group, without properties."""
    group = _find(world, request)
    return Reply(200, {"value": _listed(state.contents(world, group.id), request)})


@route("GET", SUBSCRIPTION + "/resources")
def list_resources(world: World, request: Request) -> Reply:
    """List what is in a subscription, perhaps by group, type or tag, without properties."""
    under = f"/subscriptions/{request['subscription']}"
    groups = list(world.of_type(wire.TYPE, under))
    found = [one for group in groups for one in state.contents(world, group.id)]
    return Reply(200, {"value": _listed(found, request)})


def _listed(found: list[Resource], request: Request) -> list[Json]:
    odata_filter = request.query.get("$filter", "")
    return [
        wire.summary(one)
        for one in found
        if one.type.count("/") == 1 and wire.fits(one, odata_filter)
    ]


@route("DELETE", GROUP)
def delete_group(world: World, request: Request) -> Reply:
    """Delete a group with all that is in it; takes a while."""
    group = _find(world, request)
    state.refuse_if_going(group)
    group.properties["provisioningState"] = "Deleting"
    plan = Plan(latency.draw(world, "group.delete"), "group.deleted", {"id": group.id}, group)
    operation_id = begin(world, request, "Microsoft.Resources", plan).rsplit("/", 1)[-1]
    return Reply(202, None, _follow(request, operation_id))


def _follow(request: Request, operation_id: str) -> dict[str, str]:
    version = request.query["api-version"]
    path = f"/subscriptions/{request['subscription']}/operationresults/{operation_id}"
    return {
        "Location": f"{request.origin}{path}?api-version={version}",
        "Retry-After": str(RETRY_AFTER_S),
    }


@route("GET", SUBSCRIPTION + "/operationresults/{operation}")
def get_operation_result(world: World, request: Request) -> Reply:
    """Follow the deletion of a group: 202 until it is gone."""
    operation = world.shelf("operations").get(request["operation"])
    if operation and operation["status"] == "InProgress":
        return Reply(202, None, _follow(request, request["operation"]))
    if operation and operation["failure"]:
        return Reply(409, {"error": operation["failure"]})
    return Reply(200)
