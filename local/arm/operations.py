"""Long-running operations: started now, finished by the agenda, followed by clients.

Statuses and headers are those of recorded traffic: a PUT answers with `Azure-AsyncOperation`, a
POST or DELETE with `Location` (`monitor=true`) besides; bodies carry startTime, endTime, status,
name, and `properties.output` or `error`.
"""

from dataclasses import dataclass

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
    failure: Json | None = None
    """An ARM error: the operation ends Failed with it, after the effect."""


def begin(world: World, request: Request, family: str, plan: Plan) -> str:
    """Start an operation; return its path.

    `family` is the URL's middle, with the region in it:
    `Microsoft.Compute/locations/eastus/operations` (`.../DiskOperations` for disks).
    """
    operation_id = world.new_uuid()
    path = f"/subscriptions/{request['subscription']}/providers/{family}/{operation_id}"
    operations: Json = world.facts.setdefault("operations", {})
    operations[operation_id] = {
        "startTime": stamp(world.now),
        "status": "InProgress",
        "name": operation_id,
        "resource": plan.resource.id if plan.resource else None,
        "effect": plan.effect,
        "args": plan.args,
        "failure": plan.failure,
    }
    if plan.resource:
        plan.resource.sim["operation"] = operation_id
        world.save(plan.resource)
    world.plan(plan.seconds, "operation.end", {"id": operation_id})
    return path


@effect("operation.end")
def end(world: World, args: Json) -> None:
    """Finish an operation: unlock its resource, run its effect, note how it ended."""
    operation = world.facts["operations"].get(args["id"])
    if operation is None or operation["status"] != "InProgress":
        return
    resource = world.find(operation["resource"]) if operation["resource"] else None
    if resource and resource.sim.get("operation") == args["id"]:
        del resource.sim["operation"]
        world.save(resource)
    operation["endTime"] = stamp(world.now)
    operation["status"] = "Succeeded"
    try:
        EFFECTS[operation["effect"]](world, operation["args"])
    except ArmProblem as problem:
        operation["failure"] = problem.error
    if operation["failure"]:
        operation["status"] = "Failed"
    world.plan(KEEP_S, "operation.forget", {"id": args["id"]})


@effect("operation.forget")
def forget(world: World, args: Json) -> None:
    """Drop an operation that nobody asks for any more."""
    world.facts["operations"].pop(args["id"], None)


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
    operation = world.facts.get("operations", {}).get(request["operation"])
    if operation is None:
        raise ArmProblem(404, "NotFound", "The entity was not found in this Azure location.")
    running = operation["status"] == "InProgress"
    headers = {"Retry-After": str(retry_after_s)} if running else {}
    if request.query.get("monitor") == "true":
        return Reply(202 if running else 200, None, headers)
    keys = ("startTime", "endTime", "status", "name")
    body: Json = {key: operation[key] for key in keys if key in operation}
    if operation["failure"] and not running:
        body["error"] = operation["failure"]
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
    """Tell how a network operation stands."""
    return _answer(world, request, 1)
