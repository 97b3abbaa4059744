"""What tests of NICs start from: a network of two versions, addresses of a pool, a document."""

from typing import Any

from shared.contracts.nic import ENSURE_NICS, EnsureNics
from tests.activities.acts import LAUNCH, NOW
from tests.activities.stage import KEY, NETWORK, Stage

VNET = f"{NETWORK}/virtualNetworks/vnet"
SUBNET = f"{VNET}/subnets/dual"
FIRST = {"isPrimary": True, "subnetName": "dual"}
PUBLIC = {**FIRST, "assignPublicIp": True, "publicIpSku": "Standard"}


def named(*names: str) -> list[dict[str, str]]:
    """Return references of the document to resources of the group."""
    return [{"name": name, "resourceGroupName": "fleet"} for name in names]


def interfaces(*wanted: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a document's changes: its NICs, in zones by default."""
    changes: dict[str, Any] = {f"{LAUNCH}__network__networkInterfaces": list(wanted)}
    return {"compute__zones": ["1", "2"], **changes, **more}


async def dual(stage: Stage) -> None:
    """Make the network one of IPv4 and IPv6, with three subnets."""
    space = {"addressPrefixes": ["10.0.0.0/16", "fd00::/16"]}
    prefixes = {
        "default": ["10.0.0.0/24"],
        "dual": ["10.0.1.0/24", "fd00:1::/64"],
        "back": ["10.0.2.0/24"],
    }
    subnets = [
        {"name": name, "properties": {"addressPrefixes": held}} for name, held in prefixes.items()
    ]
    body = {"location": "eastus", "properties": {"addressSpace": space, "subnets": subnets}}
    await stage.arm("PUT", VNET, body)
    await stage.ports.clock.sleep(10)


async def put_address(stage: Stage, name: str, sku: str = "Standard", *zones: str) -> str:
    """Make a public address of the user's; return its id."""
    properties = {"publicIPAllocationMethod": "Static"}
    body: dict[str, Any] = {"location": "eastus", "sku": {"name": sku}, "properties": properties}
    body |= {"zones": list(zones)} if zones else {}
    address_id = f"{NETWORK}/publicIPAddresses/{name}"
    await stage.arm("PUT", address_id, body)
    await stage.ports.clock.sleep(10)
    return address_id


async def put_nic(stage: Stage, name: str, **configuration: Any) -> str:
    """Make a NIC of the user's; return its id."""
    properties = {"subnet": {"id": SUBNET}, **configuration}
    held = [{"name": "c", "properties": properties}]
    body = {"location": "eastus", "properties": {"ipConfigurations": held}}
    nic_id = f"{NETWORK}/networkInterfaces/{name}"
    await stage.arm("PUT", nic_id, body)
    await stage.ports.clock.sleep(10)
    return nic_id


def held(address: str) -> dict[str, Any]:
    """Return an IP configuration with a private address of its own."""
    return {"privateIPAllocationMethod": "Static", "privateIPAddress": address}


async def ask(stage: Stage, **more: Any) -> Any:
    """Ask for the NICs of generation 1, in zone 1 unless told."""
    wanted: dict[str, Any] = {"generation": 1, "zone": "1", **more}
    return await stage.ask(ENSURE_NICS, EnsureNics(work=stage.work("nics", NOW), **wanted))


def shown(stage: Stage, index: int = 0, generation: int = 1) -> dict[str, Any]:
    """Return the properties of a NIC of the node, as Azure has them."""
    name = f"mooring-{KEY.node_id[4:]}-nic{index}-g{generation}"
    properties: dict[str, Any] = stage.find(f"{NETWORK}/networkInterfaces/{name}").properties
    return properties


def configurations(stage: Stage, index: int = 0, generation: int = 1) -> dict[str, dict[str, Any]]:
    """Return its IP configurations by name."""
    listed = shown(stage, index, generation)["ipConfigurations"]
    return {one["name"]: one["properties"] for one in listed}


async def told(stage: Stage) -> list[str]:
    """Return the warnings of the node's log."""
    start = stage.ports.clock.now().replace(year=2000)
    lines = await stage.ports.stores.log.read(KEY, start, stage.ports.clock.now(), 100, "WARN")
    return [line.message for line in lines]


def ip_of(answer: Any) -> str:
    """Return the private address of the first NIC."""
    assert answer.kind == "nics_ready", answer
    return str(answer.nics[0].private_ip)
