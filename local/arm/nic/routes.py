"""Paths of network interfaces."""

from local.arm.network import children, crud
from local.arm.network.kind import Kind
from local.arm.nic import state, wire
from local.arm.routing import NETWORK, route
from local.arm.wire import Reply, Request
from local.arm.world import World

NIC = crud.serve(
    Kind(
        segment="networkInterfaces",
        noun="NetworkInterface",
        lists=("ipConfigurations",),
        accept=state.accept,
        links=state.links,
        retry_after_s=0,
        latency="nic",
        instant=state.is_written_at_once,
        kept=state.kept,
        refuse_delete=state.refuse_delete,
        dropped=state.dropped,
        dress=wire.dress,
    )
)
children.serve(children.Children(NIC, "ipConfigurations"))


@route("GET", NETWORK + "/networkInterfaces/{name}/loadBalancers")
def list_load_balancers(world: World, request: Request) -> Reply:
    """List the load balancers that the interface joined."""
    balancers = state.balancers_of(world, crud.read(world, request, NIC))
    return Reply(200, {"value": [crud.show(balancer, request) for balancer in balancers]})
