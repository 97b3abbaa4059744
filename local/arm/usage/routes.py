"""Usage of quota."""

from local.arm.routing import SUBSCRIPTION, route
from local.arm.usage import state, wire
from local.arm.wire import Reply, Request
from local.arm.world import World


@route("GET", SUBSCRIPTION + "/providers/Microsoft.Compute/locations/{location}/usages")
def list_usages(world: World, request: Request) -> Reply:
    """List every limit of the subscription in a region, and what of it is used."""
    subscription, location = request["subscription"], request["location"]
    counted = state.used(world, subscription, location)
    rows = [
        wire.row(name, state.limit(world, subscription, location, name), counted[name])
        for name in state.NAMES
    ]
    return Reply(200, {"value": rows})
