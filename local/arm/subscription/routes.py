from local.arm.routing import SUBSCRIPTION, route
from local.arm.subscription import state, wire
from local.arm.subscription.errors import not_found
from local.arm.wire import Reply, Request
from local.arm.world import World


@route("GET", "/subscriptions")
def list_subscriptions(world: World, _request: Request) -> Reply:
    """List the subscriptions."""
    value = [wire.render(name, state.find(world, name) or {}) for name in state.every(world)]
    return Reply(200, {"value": value, "count": {"type": "Total", "value": len(value)}})


@route("GET", SUBSCRIPTION)
def get_subscription(world: World, request: Request) -> Reply:
    """Read one subscription."""
    known = state.find(world, request["subscription"])
    if known is None:
        raise not_found(request["subscription"])
    return Reply(200, wire.render(request["subscription"], known))


@route("GET", SUBSCRIPTION + "/locations")
def list_locations(_world: World, request: Request) -> Reply:
    """List the regions."""
    names = sorted(wire.REGIONS)
    return Reply(
        200, {"value": [wire.render_location(request["subscription"], name) for name in names]}
    )
