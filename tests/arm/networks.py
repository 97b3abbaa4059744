"""Network resources that several tests start from."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.simulator import SUBSCRIPTION, Azure, start

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
NETWORK = f"{GROUP}/providers/Microsoft.Network"
VNET = f"{NETWORK}/virtualNetworks/v1"
SUBNET = f"{VNET}/subnets/s1"
VM = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/vm1"

Json = dict[str, Any]


@asynccontextmanager
async def slow() -> AsyncIterator[Azure]:
    """Run a simulator whose operations last long enough to be met under way."""
    async with start(settings={"latency": "median", "latency_scale": 60}) as azure:
        await azure.arm("PUT", GROUP, {"location": "eastus"})
        yield azure


def located(properties: Json, **more: Any) -> Json:
    return {"location": "eastus", "properties": properties, **more}


def network(*prefixes: str) -> Json:
    subnets = [
        {"name": f"s{number}", "properties": {"addressPrefix": prefix}}
        for number, prefix in enumerate(prefixes or ("10.0.0.0/24",), 1)
    ]
    return located({"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": subnets})


def interface(*configurations: Json, **properties: Any) -> Json:
    given = configurations or ({},)
    held = [
        {"name": f"ip{number}", "properties": {"subnet": {"id": SUBNET}, **one}}
        for number, one in enumerate(given, 1)
    ]
    return located({"ipConfigurations": held, **properties})


def static(address: str) -> Json:
    return {"privateIPAllocationMethod": "Static", "privateIPAddress": address}


async def put_network(azure: Azure) -> Json:
    return await azure.put(VNET, network())


async def put_interface(azure: Azure, name: str = "n1", *configurations: Json) -> Json:
    return await azure.put(f"{NETWORK}/networkInterfaces/{name}", interface(*configurations))


async def put_address(azure: Azure, name: str = "p1", sku: str = "Standard") -> Json:
    method = "Dynamic" if sku == "Basic" else "Static"
    body = located({"publicIPAllocationMethod": method}, sku={"name": sku})
    return await azure.put(f"{NETWORK}/publicIPAddresses/{name}", body)


async def refused(azure: Azure, method: str, path: str, body: Any = None) -> tuple[int, str, str]:
    """Send a request that is to be refused; return status, code and words."""
    status, answer, _ = await azure.arm(method, path, body)
    return status, answer["error"]["code"], answer["error"]["message"]
