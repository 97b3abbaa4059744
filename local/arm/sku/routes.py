"""Resource SKUs."""

from local.arm.routing import SUBSCRIPTION, route
from local.arm.sku import wire
from local.arm.sku.state import REGIONS, catalogue
from local.arm.wire import Json, Reply, Request
from local.arm.world import World


@route("GET", SUBSCRIPTION + "/providers/Microsoft.Compute/skus")
def list_skus(world: World, request: Request) -> Reply:
    """List what the subscription can have, everywhere or in the region of `$filter`."""
    wanted = wire.location_of(request.query.get("$filter"))
    regions = [region for region in REGIONS if wanted in (None, region)]
    rows: list[Json] = [row for region in regions for row in wire.rows(world, region)]
    return Reply(200, {"value": rows})


@route("GET", SUBSCRIPTION + "/providers/Microsoft.Compute/locations/{location}/vmSizes")
def list_vm_sizes(_world: World, request: Request) -> Reply:
    """List the sizes of a region in the older, shorter form."""
    offered = (size for size in catalogue().values() if size.offered(request["location"]))
    return Reply(200, {"value": [wire.vm_size(size) for size in offered]})
