"""The world API on what is behind load balancers: how probes find a server."""

from local.arm.routing import route
from local.arm.wire import Reply, Request
from local.arm.world import World


@route("PUT", "/_world/backends")
def put_backend(world: World, request: Request) -> Reply:
    """Say how gateways find the server behind a NIC: `{"nic": id, "health": word}`.

    Words of the second generation (`Healthy`, `Unhealthy`, `Unknown`, `Draining`); null leaves it
    to whether the VM runs. 404 if there is no such NIC.
    """
    given = request.body or {}
    nic = world.find(str(given.get("nic") or ""))
    if nic is None:
        return Reply(404, {"error": "no such NIC"})
    if given.get("health"):
        nic.sim["backend_health"] = str(given["health"])
    else:
        nic.sim.pop("backend_health", None)
    world.save(nic)
    return Reply(200, given)
