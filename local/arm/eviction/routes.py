from local.arm.eviction import state, wire
from local.arm.routing import COMPUTE, route
from local.arm.vm.state import id_of, require
from local.arm.wire import Json, Reply, Request
from local.arm.world import Resource, World

METADATA = "/_world/vms/{subscription}/{group}/{name}/metadata/scheduledevents"


@route("POST", COMPUTE + "/virtualMachines/{name}/simulateEviction")
def simulate_eviction(world: World, request: Request) -> Reply:
    """Evict a Spot VM: 204 at once, deallocated a good minute later."""
    state.simulate(world, require(world, id_of(request)))
    return Reply(204)


def _guest(world: World, request: Request) -> Resource | Reply:
    if request.headers.get("metadata", "").lower() != "true":
        return Reply(400, {"error": "Bad request. Required metadata header not specified"})
    return require(world, id_of(request))


@route("GET", METADATA)
def get_scheduled_events(world: World, request: Request) -> Reply:
    """Read the VM's Scheduled Events, as its guest does from the metadata service."""
    vm = _guest(world, request)
    return vm if isinstance(vm, Reply) else Reply(200, wire.document(vm))


@route("POST", METADATA)
def approve_events(world: World, request: Request) -> Reply:
    """Let announced events start early."""
    vm = _guest(world, request)
    if isinstance(vm, Reply):
        return vm
    asked: list[Json] = (request.body or {}).get("StartRequests") or []
    known = [state.approve(world, vm, str(one.get("EventId"))) for one in asked]
    if not asked or not all(known):
        return Reply(400, {"error": "Bad request. StartRequests names no scheduled event"})
    return Reply(200)
