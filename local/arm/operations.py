"""Long-running operations: started now, finished by the agenda, followed by clients.

Statuses and headers are those of recorded traffic: a PUT answers with `Azure-AsyncOperation`, a
POST or DELETE with `Location` (`monitor=true`) besides; bodies carry startTime, endTime, status,
name, and `properties.output` or `error`.
"""

import copy
from dataclasses import dataclass

from local.arm import audit
from local.arm.routing import SUBSCRIPTION, route
from local.arm.wire import ArmProblem, Json, Reply, Request
from local.arm.world import EFFECTS, Resource, World, effect, stamp

KEEP_S = 86_400
"""Seconds that a finished operation can still be asked for: a day, longer than any client waits."""


@dataclass(frozen=True)
class Plan:
    """What a request sets in motion."""

    seconds: float
    """From acceptance to the end."""
    effect: str
    """Registered effect, run at the end with `args`; may raise ArmProblem: the operation fails."""
    args: Json
    resource: Resource | None = None
    """Locked meanwhile: a second write meets 409."""
    output: Json | None = None
    """Answered as `properties.output`, and by `Location` at the end; without it, operations on
    disks and snapshots answer the resource as it is then."""
    failure: Json | None = None
    """An ARM error: the operation ends Failed with it, and `<effect>.failed` runs, if registered,
    in place of the effect; otherwise the resource is left in provisioningState Failed."""


def begin(world: World, request: Request, family: str, plan: Plan) -> str:
    """Start an operation; return its path.

    `family` is the URL's middle, with the region in it:
    `Microsoft.Compute/locations/eastus/operations` (`.../DiskOperations` for disks).
    """
    operation_id = world.new_uuid()
    path = f"/subscriptions/{request['subscription']}/providers/{family}/{operation_id}"
    operation: Json = {
        "startTime": stamp(world.now),
        "status": "InProgress",
        "name": operation_id,
        "resource": plan.resource.id if plan.resource else None,
        "effect": plan.effect,
        "args": plan.args,
        "failure": plan.failure or request.fail_with,
        "output": plan.output,
        "tells_resource": plan.output is None and family.endswith("DiskOperations"),
        "call": audit.call_of(request),
    }
    world.shelf("operations").put(operation_id, operation)
    if plan.resource:
        plan.resource.sim["operation"] = operation_id
        world.save(plan.resource)
    world.plan(plan.seconds, "operation.end", {"id": operation_id})
    return path


@effect("operation.end")
def end(world: World, args: Json) -> None:
    """Finish an operation: unlock its resource, run its effect, note how it ended."""
    operations = world.shelf("operations")
    operation = operations.get(args["id"])
    if operation is None or operation["status"] != "InProgress":
        return
    resource = world.find(operation["resource"]) if operation["resource"] else None
    if resource and resource.sim.get("operation") == args["id"]:
        del resource.sim["operation"]
        world.save(resource)
    operation["endTime"] = stamp(world.now)
    try:
        _take_effect(world, operation, resource)
    except ArmProblem as problem:
        operation["failure"] = problem.error
    operation["status"] = "Failed" if operation["failure"] else "Succeeded"
    if operation["tells_resource"] and not operation["failure"] and resource:
        left = world.find(resource.id)
        operation["output"] = copy.deepcopy(left.body) if left else None
    operations.put(args["id"], operation)
    audit.note(world, operation["call"], "Failure" if operation["failure"] else "Success")
    world.plan(KEEP_S, "operation.forget", {"id": args["id"]})


def _take_effect(world: World, operation: Json, resource: Resource | None) -> None:
    if not operation["failure"]:
        EFFECTS[operation["effect"]](world, operation["args"])
        return
    undo = EFFECTS.get(operation["effect"] + ".failed")
    if undo:
        undo(world, operation["args"] | {"failure": operation["failure"]})
    elif resource and world.find(resource.id):
        resource.properties["provisioningState"] = "Failed"
        world.save(resource)


@effect("operation.forget")
def forget(world: World, args: Json) -> None:
    """Drop an operation that nobody asks for any more."""
    world.shelf("operations").drop(args["id"])


def follow_headers(
    request: Request, path: str, *, location: bool, retry_after_s: int
) -> dict[str, str]:
    """Return the headers by which a client follows an operation; no Retry-After if it is 0."""
    version = request.query.get("api-version", "")
    url = f"{request.origin}{path}"
    headers = {"Azure-AsyncOperation": f"{url}?api-version={version}"}
    if location:
        headers["Location"] = f"{url}?monitor=true&api-version={version}"
    if retry_after_s:
        headers["Retry-After"] = str(retry_after_s)
    return headers


def refuse_if_busy(resource: Resource) -> None:
    """Raise Azure's 409 if another operation runs on the resource."""
    if resource.sim.get("operation"):
        raise ArmProblem(
            409,
            "Conflict",
            f"The request failed due to conflict with a concurrent request on resource "
            f"'{resource.id}'.",
        )


def _answer(world: World, request: Request, retry_after_s: int) -> Reply:
    operation = world.shelf("operations").get(request["operation"])
    if operation is None:
        raise ArmProblem(404, "NotFound", "The entity was not found in this Azure location.")
    running = operation["status"] == "InProgress"
    headers = {"Retry-After": str(retry_after_s)} if running else {}
    if request.query.get("monitor") == "true":
        return Reply(202 if running else 200, None if running else operation["output"], headers)
    keys = ("startTime", "endTime", "status", "name")
    body: Json = {key: operation[key] for key in keys if key in operation}
    if operation["failure"] and not running:
        body["error"] = operation["failure"]
    if operation["output"] and not running:
        body["properties"] = {"output": operation["output"]}
    return Reply(200, body, headers)


@route(
    "GET", SUBSCRIPTION + "/providers/Microsoft.Compute/locations/{location}/operations/{operation}"
)
def get_compute_operation(world: World, request: Request) -> Reply:
    """Tell how a compute operation stands."""
    return _answer(world, request, 10)


@route(
    "GET",
    SUBSCRIPTION + "/providers/Microsoft.Compute/locations/{location}/DiskOperations/{operation}",
)
def get_disk_operation(world: World, request: Request) -> Reply:
    """Tell how a disk or snapshot operation stands."""
    return _answer(world, request, 2)


@route(
    "GET", SUBSCRIPTION + "/providers/Microsoft.Network/locations/{location}/operations/{operation}"
)
def get_network_operation(world: World, request: Request) -> Reply:
    """Tell how a network operation stands: its status and error alone, as recorded."""
    reply = _answer(world, request, 10)
    if isinstance(reply.body, dict):
        told = ("status", "error")
        reply.body = {key: reply.body[key] for key in told if key in reply.body}
    return reply
