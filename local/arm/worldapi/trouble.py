"""The world API on trouble: throttling and faults."""

from local.arm import faults, throttle
from local.arm.routing import route
from local.arm.wire import Reply, Request
from local.arm.world import World

# -- throttling and faults --------------------------------------------------------------------


@route("GET", "/_world/throttle")
def get_throttle(world: World, _request: Request) -> Reply:
    """Return the policies, and what the buckets in use still hold."""
    levels = sorted(world.buckets.levels.items())
    return Reply(
        200,
        {"policies": throttle.table(), "left": {key: level for key, (level, _) in levels}},
    )


@route("PUT", "/_world/throttle")
def put_throttle(world: World, request: Request) -> Reply:
    """Fill or empty buckets: `{"left": {bucket: tokens}}`, names as GET tells them."""
    for bucket, tokens in (request.body or {})["left"].items():
        world.buckets.set_left(bucket, float(tokens), world.now)
    return get_throttle(world, request)


@route("GET", "/_world/faults")
def get_faults(world: World, _request: Request) -> Reply:
    """Return the faults that are armed."""
    return Reply(200, {"faults": world.shelf(faults.SHELF).entries})


@route("POST", "/_world/faults")
def post_fault(world: World, request: Request) -> Reply:
    """Arm a fault."""
    return Reply(201, {"id": faults.add(world, request.body or {})})


@route("DELETE", "/_world/faults")
def delete_faults(world: World, _request: Request) -> Reply:
    """Disarm all faults."""
    for fault_id in list(world.shelf(faults.SHELF).entries):
        world.shelf(faults.SHELF).drop(fault_id)
    return Reply(204)
