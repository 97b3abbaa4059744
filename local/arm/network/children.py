"""Children that clients can also address by themselves: read, list, and where Azure allows, write.

Writing a child is writing its parent with that child replaced: the same rules hold, and the parent
is locked meanwhile.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass

from local.arm.network import crud, errors, parts, writing
from local.arm.network.kind import Kind, kind_of
from local.arm.routing import NETWORK, route
from local.arm.wire import Json, Reply, Request
from local.arm.world import Resource, World, effect


@dataclass(frozen=True)
class Children:
    """One list of a kind's children."""

    kind: Kind
    segment: str
    """`subnets`: the list in the body and the segment of the path."""
    noun: str = ""
    """As operations are called: `Subnet`; empty if children cannot be written by themselves."""
    refuse_delete: Callable[[World, Resource, Json], None] = lambda _w, _r, _c: None
    """Raise if the child is in use."""


def _parent(world: World, request: Request, kind: Kind) -> Resource | None:
    return world.find(crud.resource_id(request, kind))


def _held(resource: Resource, segment: str) -> list[Json]:
    held: list[Json] = resource.properties.get(segment) or []
    return held


def _named(resource: Resource, segment: str, name: str) -> Json | None:
    return next((c for c in _held(resource, segment) if c["name"].lower() == name.lower()), None)


def _show(resource: Resource, request: Request, segment: str, name: str) -> Json:
    shown = crud.show(resource, request)["properties"].get(segment, [])
    found: Json = next(child for child in shown if child["name"].lower() == name.lower())
    return found


def serve(children: Children) -> None:
    """Register the routes of a kind's children."""
    kind, segment = children.kind, children.segment
    path = f"{NETWORK}/{kind.segment}/{{name}}/{segment}"

    @route("GET", path)
    def list_children(world: World, request: Request) -> Reply:
        resource = crud.read(world, request, kind)
        return Reply(200, {"value": crud.show(resource, request)["properties"].get(segment, [])})

    @route("GET", path + "/{child}")
    def get_child(world: World, request: Request) -> Reply:
        resource = crud.read(world, request, kind)
        if _named(resource, segment, request["child"]) is None:
            raise errors.part_not_found(f"{resource.id}/{segment}/{request['child']}")
        shown = _show(resource, request, segment, request["child"])
        return Reply(200, shown, {"ETag": shown["etag"]})

    if children.noun:
        _serve_writes(children, path + "/{child}")


def _serve_writes(children: Children, path: str) -> None:
    @route("PUT", path)
    def put_child(world: World, request: Request) -> Reply:
        return _put(world, request, children)

    @route("DELETE", path)
    def delete_child(world: World, request: Request) -> Reply:
        return _delete(world, request, children)


def _put(world: World, request: Request, children: Children) -> Reply:
    kind, segment, name = children.kind, children.segment, request["child"]
    found = _parent(world, request, kind)
    if found is None:
        raise errors.parent_not_found(crud.resource_id(request, kind))
    if not isinstance(request.body, dict):
        raise errors.malformed("The request body is not a resource.")
    writing.refuse_unless_current(found, request)
    writing.refuse_if_busy(world, found)
    old = _named(found, segment, name)
    new = Resource(found.id, found.type, copy.deepcopy(found.body), copy.deepcopy(found.sim))
    held = [child for child in _held(new, segment) if child["name"].lower() != name.lower()]
    written = {**request.body, "name": old["name"] if old else name}
    place = _held(found, segment).index(old) if old else len(held)
    new.properties[segment] = [*held[:place], written, *held[place:]]
    writing.tidy_lists(new, kind)
    writing.keep(world, new, found, only=(segment, name.lower()))
    headers = writing.follow(world, request, new, f"Put{children.noun}Operation", new=old is None)
    return Reply(200 if old else 201, _show(new, request, segment, name), headers)


def _delete(world: World, request: Request, children: Children) -> Reply:
    kind, segment = children.kind, children.segment
    found = _parent(world, request, kind)
    child = _named(found, segment, request["child"]) if found else None
    if found is None or child is None:
        return Reply(204)
    writing.refuse_unless_current(found, request)
    writing.refuse_if_busy(world, found)
    children.refuse_delete(world, found, child)
    found.sim["write"] = f"Delete{children.noun}Operation"
    child["properties"]["provisioningState"] = "Deleting"
    parts.save(world, found)
    args = {"id": found.id, "segment": segment, "name": child["name"]}
    return writing.follow_delete(world, request, found, "network.delete_child", args)


@effect("network.delete_child")
def delete_child_at_end(world: World, args: Json) -> None:
    """End the delete of a child."""
    resource = world.find(args["id"])
    if resource is None:
        return
    kind, segment = kind_of(resource), args["segment"]
    before = Resource(resource.id, resource.type, copy.deepcopy(resource.body), resource.sim)
    held = _held(resource, segment)
    resource.properties[segment] = [one for one in held if one["name"] != args["name"]]
    parts.save(world, resource)
    parts.relink(world, kind.links(before), kind.links(resource))
    kind.kept(world, resource, before)
