from collections import Counter

from local.arm.routing import route
from local.arm.wire import Reply, Request
from local.arm.world import World


@route("GET", "/_world/healthz")
def get_health(_world: World, _request: Request) -> Reply:
    """Tell that the simulator answers."""
    return Reply(200, {"status": "ok"})


@route("GET", "/_world")
def get_world(world: World, _request: Request) -> Reply:
    """Tell the time, what there is and what was asked."""
    types = Counter(resource.type for resource in world.resources.values())
    return Reply(
        200,
        {
            "now": world.now.isoformat(),
            "seed": world.seed,
            "resources": dict(sorted(types.items())),
            "agenda": len(world.agenda),
            "calls": world.calls.serial,
            "unknown": dict(world.calls.unknown),
        },
    )


@route("GET", "/_world/calls")
def get_calls(world: World, request: Request) -> Reply:
    """Return the calls after `since`, in order, and how many there were of each."""
    calls = world.calls.since(int(request.query.get("since", "0")))
    limit = int(request.query.get("limit", "1000"))
    counts = dict(sorted(world.calls.counts.items()))
    return Reply(200, {"calls": calls[:limit], "last": world.calls.serial, "counts": counts})
