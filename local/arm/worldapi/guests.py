"""The world API on guests: whether the agent in a VM reports."""

from local.arm.routing import route
from local.arm.vm import view
from local.arm.wire import Reply, Request
from local.arm.world import World


@route("PUT", "/_world/agents")
def put_agent(world: World, request: Request) -> Reply:
    """Say whether the agent of a running VM reports: `{"vm": id, "ready": false}`.

    It is silent until it is told to report again, or until the VM leaves its host. 404 if there is
    no such VM, 409 while it has no host.
    """
    given = request.body or {}
    vm = world.find(str(given.get("vm") or ""))
    if vm is None:
        return Reply(404, {"error": "no such VM"})
    if "agent_at" not in vm.sim:
        return Reply(409, {"error": "the VM has no host"})
    view.silence(vm, silent=not given.get("ready", True))
    world.save(vm)
    return Reply(200, given)
