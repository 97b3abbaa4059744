"""The world API on zones that go down."""

from local.arm import capacity, outage
from local.arm.eviction import state as evictions
from local.arm.routing import route
from local.arm.wire import Reply, Request
from local.arm.world import World


@route("PUT", "/_world/outages")
def put_outage(world: World, request: Request) -> Reply:
    """Let a zone go down (`down`: true) or come up: `{"location", "zone", "down"}`.

    While it is down there is room for no VM there, its Spot VMs are evicted, and disks that are
    stored there alone cannot be copied.
    """
    given = request.body or {}
    location, zone, down = str(given["location"]), str(given["zone"]), bool(given["down"])
    outage.set_down(world, location, zone, down=down)
    place = {"location": location, "zone": zone}
    if down:
        evictions.set_capacity(world, place | {"room": 0, "evict": True})
    else:
        capacity.set_rule(world, place | {"room": None})
    return Reply(200, {"outages": world.facts[outage.FACT]})
