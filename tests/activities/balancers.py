"""A load balancer and an application gateway for nodes to be behind."""

from typing import Any

from tests.activities.stage import NETWORK, Stage

BALANCER = f"{NETWORK}/loadBalancers/front"
GATEWAY = f"{NETWORK}/applicationGateways/gate"
WEB = f"{BALANCER}/backendAddressPools/web"
ADMIN = f"{BALANCER}/backendAddressPools/admin"
SITE = f"{GATEWAY}/backendAddressPools/site"
SUBNETS = f"{NETWORK}/virtualNetworks/vnet/subnets"
BUILT_S = 3_600.0
"""Longer than Azure takes to build a gateway."""

CONFIG: dict[str, Any] = {
    "loadBalancers": [
        {
            "type": "loadBalancer",
            "resourceGroupName": "fleet",
            "name": "front",
            "backendPoolNames": ["web"],
            "loadBalancerSku": "Standard",
        },
        {
            "type": "applicationGateway",
            "resourceGroupName": "fleet",
            "name": "gate",
            "backendPoolNames": ["site"],
            "loadBalancerSku": "Standard_v2",
        },
    ]
}
"""What a document says of them."""


def balancer(sku: str = "Standard") -> dict[str, Any]:
    """Return the body of a load balancer with two pools."""
    front = {"name": "f", "properties": {"subnet": {"id": f"{SUBNETS}/default"}}}
    pools = [{"name": "web"}, {"name": "admin"}]
    properties = {"frontendIPConfigurations": [front], "backendAddressPools": pools}
    return {"location": "eastus", "sku": {"name": sku}, "properties": properties}


def gateway() -> dict[str, Any]:
    """Return the body of a gateway with one pool."""
    inside = {"subnet": {"id": f"{SUBNETS}/gateways"}}
    properties = {
        "sku": {"name": "Standard_v2", "tier": "Standard_v2", "capacity": 1},
        "gatewayIPConfigurations": [{"name": "g", "properties": inside}],
        "frontendIPConfigurations": [{"name": "f", "properties": inside}],
        "backendAddressPools": [{"name": "site"}],
    }
    return {"location": "eastus", "properties": properties}


async def build(stage: Stage) -> None:
    """Make them, and wait until Azure has built them."""
    subnet = {"properties": {"addressPrefix": "10.0.9.0/24"}}
    await stage.arm("PUT", f"{SUBNETS}/gateways", subnet)
    await stage.ports.clock.sleep(60)
    await stage.arm("PUT", BALANCER, balancer())
    await stage.arm("PUT", GATEWAY, gateway())
    await stage.ports.clock.sleep(BUILT_S)


def pools_of(stage: Stage, nic_id: str) -> set[str]:
    """Return the pools that a NIC is in, as Azure has it."""
    properties = stage.find(nic_id).properties["ipConfigurations"][0]["properties"]
    held = [
        *properties.get("loadBalancerBackendAddressPools", []),
        *properties.get("applicationGatewayBackendAddressPools", []),
    ]
    return {one["id"] for one in held}
