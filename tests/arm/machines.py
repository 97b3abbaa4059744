"""What tests of virtual machines start from: a network, interfaces, bodies."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from local.clock import scaled_clock
from tests.simulator import FAST, SUBSCRIPTION, Azure, start

Json = dict[str, Any]

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
COMPUTE = GROUP + "/providers/Microsoft.Compute"
NETWORK = GROUP + "/providers/Microsoft.Network"
VM = COMPUTE + "/virtualMachines/vm1"
SIZE = "Standard_D2s_v5"


def vm_id(name: str) -> str:
    return f"{COMPUTE}/virtualMachines/{name}"


def nic_id(name: str) -> str:
    return f"{NETWORK}/networkInterfaces/{name}"


def disk_id(name: str) -> str:
    return f"{COMPUTE}/disks/{name}"


@asynccontextmanager
async def world(speed: float = FAST, **settings: Any) -> AsyncIterator[Azure]:
    """A fast simulator with a network and the interfaces nic1, nic2; median durations.

    A test that must look at something before it is over asks for less speed.
    """
    clock = scaled_clock(speed)
    async with start(clock=clock, settings={"latency": "median", **settings}) as azure:
        await furnish(azure)
        yield azure


async def furnish(azure: Azure) -> None:
    await azure.arm("PUT", GROUP, {"location": "eastus"})
    space = {
        "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
        "subnets": [{"name": "s", "properties": {"addressPrefix": "10.0.0.0/24"}}],
    }
    vnet = f"{NETWORK}/virtualNetworks/v"
    await azure.put(vnet, {"location": "eastus", "properties": space})
    for name in ("nic1", "nic2"):
        await make_nic(azure, name)


async def make_nic(azure: Azure, name: str) -> None:
    subnet = {"id": f"{NETWORK}/virtualNetworks/v/subnets/s"}
    configuration = {"name": "c", "properties": {"subnet": subnet}}
    body = {"location": "eastus", "properties": {"ipConfigurations": [configuration]}}
    await azure.put(nic_id(name), body)


def from_image(
    *, size: str = SIZE, spot: bool = True, zone: str | None = "1", nic: str = "nic1", **more: Any
) -> Json:
    """A Linux VM from a marketplace image; `more` goes into its properties."""
    properties: Json = {
        "hardwareProfile": {"vmSize": size},
        "storageProfile": {
            "imageReference": {
                "publisher": "Canonical",
                "offer": "0001-com-ubuntu-server-jammy",
                "sku": "22_04-lts-gen2",
                "version": "latest",
            },
            "osDisk": {"createOption": "FromImage", "name": "os1"},
        },
        "osProfile": {
            "computerName": "host1",
            "adminUsername": "azureuser",
            "adminPassword": "Correct-Horse-7",
        },
        "networkProfile": {"networkInterfaces": [{"id": nic_id(nic)}]},
        **({"priority": "Spot"} if spot else {}),
        **more,
    }
    return {"location": "eastus", "properties": properties, **({"zones": [zone]} if zone else {})}


def attached(disk: str = "os1", **more: Any) -> Json:
    """A VM on an OS disk that exists."""
    body = from_image(**more)
    del body["properties"]["osProfile"]
    os_disk = {
        "createOption": "Attach",
        "osType": "Linux",
        "managedDisk": {"id": disk_id(disk)},
    }
    body["properties"]["storageProfile"] = {"osDisk": os_disk}
    return body


async def act(azure: Azure, action: str, vm: str = VM) -> Json:
    """POST an action and follow it; return its end."""
    status, answer, headers = await azure.arm("POST", f"{vm}/{action}")
    assert status == 202, answer
    return await azure.finish(headers)


async def delete(azure: Azure, resource: str = VM) -> Json:
    status, answer, headers = await azure.arm("DELETE", resource)
    assert status == 202, answer
    return await azure.finish(headers)


async def refused(azure: Azure, method: str, path: str, body: Any = None, **headers: str) -> Json:
    """Send a request that Azure refuses; return its error and its status as `http`."""
    status, answer, _ = await azure.arm(method, path, body, **headers)
    assert status >= 400, answer
    return {"http": status, **answer["error"]}


async def power_of(azure: Azure, vm: str = VM) -> str:
    _, view, _ = await azure.arm("GET", f"{vm}/instanceView")
    codes = [one["code"] for one in view["statuses"]]
    return next((code for code in codes if code.startswith("PowerState/")), "")


async def read(azure: Azure, path: str) -> Json:
    status, answer, _ = await azure.arm("GET", path)
    assert status == 200, answer
    return dict(answer)


async def want(azure: Azure, method: str, path: str, body: Any = None) -> Json:
    """Ask the world API; AssertionError if it refuses."""
    status, answer, _ = await azure.send(method, f"/_world{path}", body)
    assert status < 300, answer
    return dict(answer) if isinstance(answer, dict) else {}


async def fill(azure: Azure, **rule: Any) -> None:
    """Let there be no room where the rule says."""
    await want(azure, "PUT", "/capacity", {"rules": [{"room": 0, **rule}]})
