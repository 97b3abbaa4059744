"""The routes that all kinds of network resources have: write, read, list, tag and delete."""

from local.arm.network import parts, writing
from local.arm.network.kind import KINDS, Kind, kind_of
from local.arm.routing import NETWORK, SUBSCRIPTION, releases, route
from local.arm.wire import ArmProblem, Json, Reply, Request, resource_not_found
from local.arm.world import Resource, World


def resource_id(request: Request, kind: Kind) -> str:
    """Return the id that a request names."""
    group = f"/subscriptions/{request['subscription']}/resourceGroups/{request['group']}"
    return f"{group}/providers/{kind.type}/{request['name']}"


def api_version(request: Request) -> str:
    """Return the request's api-version, the newest if it names none."""
    return request.query.get("api-version") or "9999-12-31"


def read(world: World, request: Request, kind: Kind) -> Resource:
    """Return the resource that a request names; raise 404 if there is none."""
    wanted = resource_id(request, kind)
    resource = world.find(wanted)
    if resource is None:
        raise resource_not_found(wanted)
    return resource


def show(resource: Resource, request: Request) -> Json:
    """Return a resource as this request's api-version shows it."""
    return kind_of(resource).dress(parts.show(resource), api_version(request))


@route(
    "GET",
    f"{SUBSCRIPTION}/providers/Microsoft.Network/locations/{{location}}/operationResults/{{operation}}",
)
def get_operation_result(world: World, request: Request) -> Reply:
    """Follow an operation by its `Location`: 202 until it is over, then its answer, or 204."""
    operation = world.shelf("operations").get(request["operation"])
    if operation is None:
        raise ArmProblem(404, "NotFound", "The entity was not found in this Azure location.")
    if operation["status"] == "InProgress":
        again = {"Location": request.origin + request.path + f"?api-version={api_version(request)}"}
        return Reply(202, None, again | {"Retry-After": str(writing.DELETE_RETRY_AFTER_S)})
    return Reply(200, operation["output"]) if operation["output"] is not None else Reply(204)


def serve(kind: Kind) -> Kind:
    """Register the routes of a kind; return it."""
    KINDS[kind.type.lower()] = kind
    releases(kind.type)(writing.let_go)
    one = f"{NETWORK}/{kind.segment}/{{name}}"

    @route("PUT", one)
    def put(world: World, request: Request) -> Reply:
        wanted = resource_id(request, kind)
        found = world.find(wanted)
        writing.refuse_unless_current(found, request)
        new = writing.draft(request, kind, wanted, found)
        writing.refuse_if_busy(world, found)
        writing.tidy_lists(new, kind)
        writing.keep(world, new, found)
        headers = writing.follow(world, request, new, f"Put{kind.noun}Operation", new=not found)
        return Reply(200 if found else 201, show(new, request), headers)

    @route("GET", one)
    def get(world: World, request: Request) -> Reply:
        resource = read(world, request, kind)
        return Reply(200, show(resource, request), {"ETag": parts.etag(resource)})

    @route("PATCH", one)
    def patch(world: World, request: Request) -> Reply:
        resource = read(world, request, kind)
        writing.refuse_unless_current(resource, request)
        writing.refuse_if_busy(world, resource)
        resource.body["tags"] = dict((request.body or {}).get("tags") or {})
        parts.save(world, resource)
        return Reply(200, show(resource, request))

    @route("DELETE", one)
    def remove(world: World, request: Request) -> Reply:
        resource = world.find(resource_id(request, kind))
        if resource is None:
            return Reply(204)
        writing.refuse_unless_current(resource, request)
        writing.refuse_if_busy(world, resource)
        kind.refuse_delete(world, resource)
        resource.sim["write"] = f"Delete{kind.noun}Operation"
        writing.mark(resource, "Deleting")
        parts.save(world, resource)
        return writing.follow_delete(
            world, request, resource, "network.delete", {"id": resource.id}
        )

    @route("GET", f"{NETWORK}/{kind.segment}")
    def list_in_group(world: World, request: Request) -> Reply:
        group = f"/subscriptions/{request['subscription']}/resourceGroups/{request['group']}"
        found = world.of_type(kind.type, group)
        return Reply(200, {"value": [show(resource, request) for resource in found]})

    @route("GET", f"{SUBSCRIPTION}/providers/Microsoft.Network/{kind.segment}")
    def list_all(world: World, request: Request) -> Reply:
        found = world.of_type(kind.type, f"/subscriptions/{request['subscription']}")
        return Reply(200, {"value": [show(resource, request) for resource in found]})

    return kind
