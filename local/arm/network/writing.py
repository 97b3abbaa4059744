"""Writing and deleting network resources: conditions, locks, drafts, and the operations.

Statuses and headers are those of recorded traffic.
"""

import copy
import math

from local.arm import latency, operations, refusals
from local.arm.network import errors, parts
from local.arm.network.kind import Kind, kind_of
from local.arm.wire import Json, Reply, Request, name_of, same_location
from local.arm.world import Resource, World, effect

DELETE_RETRY_AFTER_S = 10
"""What the provider asks clients to wait for a delete. Source: recorded polls, 10 s apart."""


def refuse_unless_current(resource: Resource | None, request: Request) -> None:
    """Raise 412 if the request carries a condition that does not hold."""
    given = request.headers.get("if-match")
    if given and resource is None:
        raise errors.etag_mismatch(request.path, given, "of nothing")
    if given and resource and given not in {"*", parts.etag(resource)}:
        raise errors.etag_mismatch(resource.id, given, parts.etag(resource))
    if request.headers.get("if-none-match") == "*" and resource:
        raise errors.etag_mismatch(resource.id, "*", parts.etag(resource))


def refuse_if_busy(world: World, resource: Resource | None) -> None:
    """Raise 429 while another write of the resource runs."""
    running = resource.sim.get("operation") if resource else None
    if resource is None or running is None:
        return
    ends = [due.at for due in world.agenda if due.args.get("id") == running]
    left_s = max([1, *(math.ceil((end - world.now).total_seconds()) for end in ends)])
    operation = resource.sim.get("write", "InternalOperation")
    raise errors.busy(resource.id, operation, running, left_s)


def draft(request: Request, kind: Kind, wanted: str, found: Resource | None) -> Resource:
    """Return the resource that a PUT asks for, not kept yet."""
    body = request.body
    if not isinstance(body, dict) or not isinstance(body.get("properties", {}), dict):
        raise errors.malformed("The request body is not a resource.")
    location = str(body.get("location") or "").replace(" ", "").lower()
    if not location:
        raise refusals.location_required()
    if found and not same_location(found.location, location):
        raise errors.other_location(found.id, found.location, location)
    kept: Json = {
        key: body[key] for key in ("tags", "sku", "zones", "extendedLocation") if key in body
    }
    new: Json = {"location": location, **kept, "properties": body.get("properties") or {}}
    sim = copy.deepcopy(found.sim) if found else {}
    known = found.id if found else wanted
    identity = {"name": name_of(known), "id": known, "type": kind.type}
    return Resource(known, kind.type, identity | copy.deepcopy(new), sim)


def tidy_lists(new: Resource, kind: Kind) -> None:
    """Refuse children that have no name or share one; keep of each what a client may set."""
    for name in kind.lists:
        held = new.properties.get(name)
        if held is None:
            continue
        seen: set[str] = set()
        clean: list[Json] = []
        for child in held:
            label = str(child.get("name") or "")
            if not label:
                raise errors.malformed(f"A child of {name} has no name.")
            if label.lower() in seen:
                raise errors.duplicate_name(f"{new.id}/{name}", label)
            seen.add(label.lower())
            properties = {k: v for k, v in (child.get("properties") or {}).items() if v is not None}
            extra = {"zones": child["zones"]} if child.get("zones") else {}
            clean.append({"name": label, "properties": properties, **extra})
        new.properties[name] = clean


def keep(
    world: World, new: Resource, found: Resource | None, only: tuple[str, str] | None = None
) -> None:
    """Check a draft and put it in the place of what it replaces.

    `only` is the list and name of the single child that is written; otherwise all of it is.
    """
    kind = kind_of(new)
    new.sim["lists"] = list(kind.lists)
    kind.accept(world, new, found)
    known = found.properties.get("resourceGuid") if found else None
    new.properties["resourceGuid"] = known or world.new_uuid()
    mark(new, "Succeeded" if kind.instant(new) else "Updating", only)
    parts.save(world, new)
    parts.relink(world, kind.links(found) if found else set(), kind.links(new))
    kind.kept(world, new, found)


def mark(resource: Resource, state: str, only: tuple[str, str] | None = None) -> None:
    """Set the provisioning state of a resource and all its children, or of one of them."""
    resource.properties["provisioningState"] = state
    for segment, child in parts.children(resource):
        written = only is None or (segment, child["name"].lower()) == only
        properties = child.setdefault("properties", {})
        properties["provisioningState"] = state if written else "Succeeded"


def follow(
    world: World, request: Request, resource: Resource, write: str, *, new: bool
) -> dict[str, str]:
    """Begin the operation of a PUT; return its headers."""
    kind = kind_of(resource)
    resource.sim["write"] = write
    plan = operations.Plan(
        latency.draw(world, f"{kind.latency}.{'create' if new else 'update'}"),
        "network.settle",
        {"id": resource.id},
        None if kind.instant(resource) else resource,
    )
    family = f"Microsoft.Network/locations/{resource.location}/operations"
    path = operations.begin(world, request, family, plan)
    headers = operations.follow_headers(
        request, path, location=False, retry_after_s=kind.retry_after_s
    )
    return headers | {"Azure-AsyncNotification": "Enabled"}


@effect("network.settle")
def settle(world: World, args: Json) -> None:
    """End a write: everything of the resource is provisioned."""
    resource = world.find(args["id"])
    if resource and resource.properties["provisioningState"] == "Updating":
        mark(resource, "Succeeded")
        kind_of(resource).settled(world, resource)
        parts.save(world, resource)


@effect("network.settle.failed")
@effect("network.delete.failed")
@effect("network.delete_child.failed")
def fail(world: World, args: Json) -> None:
    """End an operation that failed: the resource stays, in state Failed."""
    resource = world.find(args["id"])
    if resource:
        mark(resource, "Failed")
        parts.save(world, resource)


def follow_delete(
    world: World, request: Request, resource: Resource, plan_effect: str, args: Json
) -> Reply:
    """Begin the operation of a DELETE; return its answer: 202 with both headers."""
    seconds = latency.draw(world, f"{kind_of(resource).latency}.delete")
    plan = operations.Plan(seconds, plan_effect, args, resource)
    family = f"Microsoft.Network/locations/{resource.location}/operations"
    path = operations.begin(world, request, family, plan)
    headers = operations.follow_headers(
        request, path, location=True, retry_after_s=DELETE_RETRY_AFTER_S
    )
    url = headers["Azure-AsyncOperation"].replace("/operations/", "/operationResults/")
    return Reply(202, None, headers | {"Location": url, "Azure-AsyncNotification": "Enabled"})


@effect("network.delete")
def delete(world: World, args: Json) -> None:
    """End a delete."""
    resource = world.find(args["id"])
    if resource:
        forget(world, resource)


def forget(world: World, resource: Resource) -> None:
    """Drop a network resource at once, and every trace of it in what it referred to."""
    let_go(world, resource)
    world.drop(resource)


def let_go(world: World, resource: Resource) -> None:
    """Take the traces of a resource out of all that it refers to."""
    parts.relink(world, kind_of(resource).links(resource), set())
    kind_of(resource).dropped(world, resource)
