"""Paths of application gateways."""

from local.arm import latency, operations
from local.arm.appgateway import health, state, wire
from local.arm.network import crud
from local.arm.network.kind import Kind
from local.arm.routing import NETWORK, route
from local.arm.wire import Reply, Request
from local.arm.world import World, effect

HEALTH_RETRY_AFTER_S = 5
GATEWAY = crud.serve(
    Kind(
        segment="applicationGateways",
        noun="ApplicationGateway",
        lists=wire.LISTS,
        accept=state.accept,
        links=state.links,
        retry_after_s=10,
        latency="gateway",
        kept=state.kept,
        dropped=state.dropped,
    )
)


@route("POST", NETWORK + "/applicationGateways/{name}/backendhealth")
def get_backend_health(world: World, request: Request) -> Reply:
    """Begin to tell how the servers are: 202 with `Location`, there 202 until it answers 200."""
    gateway = crud.read(world, request, GATEWAY)
    expand = "backendaddresspool" in request.query.get("$expand", "").lower()
    plan = operations.Plan(
        latency.draw(world, "gateway.health"),
        "gateway.probed",
        {},
        output=health.backend_health(world, gateway, expand=expand),
    )
    family = f"Microsoft.Network/locations/{gateway.location}/operations"
    path = operations.begin(world, request, family, plan)
    headers = operations.follow_headers(
        request, path, location=True, retry_after_s=HEALTH_RETRY_AFTER_S
    )
    location = headers.pop("Azure-AsyncOperation").replace("/operations/", "/operationResults/")
    return Reply(202, None, headers | {"Location": location})


@effect("gateway.probed")
def probed(_world: World, _args: dict[str, object]) -> None:
    """End the question: its answer was found when it was asked."""
