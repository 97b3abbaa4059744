"""Paths of load balancers and their parts."""

from local.arm.loadbalancer import state, wire
from local.arm.network import children, crud
from local.arm.network.kind import Kind, always
from local.arm.routing import NETWORK, route
from local.arm.wire import Reply, Request
from local.arm.world import World

BALANCER = crud.serve(
    Kind(
        segment="loadBalancers",
        noun="LoadBalancer",
        lists=wire.LISTS,
        accept=state.accept,
        links=state.links,
        retry_after_s=0,
        instant=always,
        kept=state.kept,
        dropped=state.dropped,
        dress=wire.dress,
    )
)
for _segment, _noun in (
    ("backendAddressPools", "LoadBalancerBackendAddressPool"),
    ("inboundNatRules", "InboundNatRule"),
):
    children.serve(
        children.Children(BALANCER, _segment, _noun, refuse_delete=state.refuse_delete_part)
    )
for _segment in ("frontendIPConfigurations", "loadBalancingRules", "probes", "outboundRules"):
    children.serve(children.Children(BALANCER, _segment))


@route("GET", NETWORK + "/loadBalancers/{name}/networkInterfaces")
def list_network_interfaces(world: World, request: Request) -> Reply:
    """List the NICs that joined the load balancer."""
    balancer = crud.read(world, request, BALANCER)
    nics = state.users_of(world, balancer)
    return Reply(200, {"value": [crud.show(nic, request) for nic in nics]})
