"""Paths of virtual networks and subnets."""

from local.arm.network import children, crud
from local.arm.network.errors import malformed
from local.arm.network.kind import Kind
from local.arm.routing import NETWORK, route
from local.arm.vnet import state, wire
from local.arm.wire import Reply, Request
from local.arm.world import World

VNET = crud.serve(
    Kind(
        segment="virtualNetworks",
        noun="VirtualNetwork",
        lists=("subnets",),
        accept=state.accept,
        links=state.links,
        retry_after_s=3,
        refuse_delete=state.refuse_delete,
        dress=wire.dress,
    )
)
children.serve(
    children.Children(VNET, "subnets", "Subnet", refuse_delete=state.refuse_delete_subnet)
)


@route("GET", NETWORK + "/virtualNetworks/{name}/usages")
def get_usages(world: World, request: Request) -> Reply:
    """Tell how full the subnets are."""
    return Reply(200, {"value": state.usages(crud.read(world, request, VNET))})


@route("GET", NETWORK + "/virtualNetworks/{name}/CheckIPAddressAvailability")
def check_address(world: World, request: Request) -> Reply:
    """Tell whether an address can be given out."""
    vnet = crud.read(world, request, VNET)
    wanted = request.query.get("ipaddress", "")
    if not wanted:
        raise malformed("The query has no ipAddress.")
    return Reply(200, state.availability(vnet, wanted))
