"""What a document names in Azure, put there before its node is made; nothing that it does not."""

from collections.abc import Iterator
from typing import Any, Final

from local.worlds.ground import GROUP, NETWORK, REGION
from local.worlds.inprocess import InProcess
from tests.fuzz.features import DUAL, TAKEN, launch_of

Json = dict[str, Any]
Layer = list[tuple[str, Json]]
"""Resources that are made at once: path and body."""

COMPUTE: Final = f"{GROUP}/providers/Microsoft.Compute"
SUBNETS: Final = f"{NETWORK}/virtualNetworks/mooring-vnet/subnets"
BALANCER: Final = f"{NETWORK}/loadBalancers/front"
GATEWAY: Final = f"{NETWORK}/applicationGateways/gate"
GALLERY: Final = f"{COMPUTE}/galleries/ours"
SOURCE: Final = f"{COMPUTE}/disks/golden-source"
SETTINGS: Final[Json] = {"latency_of": {"gateway.create": 0.01, "gallery.version": 0.05}}
"""No life waits the minutes that Azure builds a gateway or an image version."""
SETTLED_S: Final = 1_200.0


VCPUS_MAX: Final = 4
"""Of the sizes that documents of lives name; attributes are met by others among them."""


def settings(document: Json) -> Json:
    """Return how the simulated Azure differs from the usual one.

    Lists of sizes and prices are short in all lives: each host that starts reads them anew.
    """
    launch = document["compute"].get("launchSpecification") or {}
    has: Json = {"vcpus_max": VCPUS_MAX}
    if launch.get("loadBalancersConfig") or "gallery" in (launch.get("image") or {}):
        has |= SETTINGS
    if (launch.get("security") or {}).get("encryptionAtHost"):
        has["features"] = ["Microsoft.Compute/EncryptionAtHost"]
    return has


async def lay(world: InProcess, document: Json) -> None:
    """Put into Azure, as a person, what a document names."""
    for layer in layers(document):
        await put(world, layer)


async def put(world: InProcess, layer: Layer) -> None:
    """Make the resources of a layer as a person, and wait until they are there."""
    for path, body in layer:
        await world.azure.ask("PUT", path, {"location": REGION, **body})

    async def settled() -> bool:
        shown = [await world.azure.ask("GET", path) for path, _ in layer]
        return all(one["properties"]["provisioningState"] == "Succeeded" for one in shown)

    await world.run_until(settled, SETTLED_S)


def layers(document: Json) -> Iterator[Layer]:
    """Yield what there is to be made, each layer on those before it."""
    launch = launch_of(document)
    nics = (launch.get("network") or {}).get("networkInterfaces") or []
    image, fronts = launch.get("image") or {}, balancers(_kinds(launch))
    parts = [
        [*_networks(launch, nics, fronts), *_places(launch), *_source(image)],
        [*_taken(launch, nics), *_made_of(image), *fronts],
        *_versions(image),
    ]
    yield from (layer for layer in parts if layer)


def _networks(launch: Json, nics: list[Json], fronts: Layer) -> Iterator[tuple[str, Json]]:
    if (launch.get("network") or {}).get("virtualNetworkName") == DUAL:
        prefixes = ["10.60.0.0/20", "fd00:60::/64"]
        space = {"addressPrefixes": ["10.60.0.0/16", "fd00:60::/48"]}
        subnet = {"name": "default", "properties": {"addressPrefixes": prefixes}}
        properties = {"addressSpace": space, "subnets": [subnet]}
        yield f"{NETWORK}/virtualNetworks/{DUAL}", {"properties": properties}
    if any(path == GATEWAY for path, _ in fronts):
        yield f"{SUBNETS}/gateways", {"properties": {"addressPrefix": "10.60.32.0/24"}}
    groups = {one["name"] for nic in nics for one in nic.get("applicationSecurityGroups") or ()}
    for name in sorted(groups):
        yield f"{NETWORK}/applicationSecurityGroups/{name}", {"properties": {}}
    for name in sorted(_public(nics)):
        body: Json = {"properties": {"publicIPAllocationMethod": "Static"}}
        zones = {"zones": [name[-1]]} if "zone" in name else {}
        yield f"{NETWORK}/publicIPAddresses/{name}", body | {"sku": {"name": "Standard"}} | zones


def _public(nics: list[Json]) -> set[str]:
    return {one["name"] for nic in nics for one in nic.get("publicIps") or ()}


def _places(launch: Json) -> Iterator[tuple[str, Json]]:
    for one in launch.get("proximityPlacementGroups") or ():
        yield f"{COMPUTE}/proximityPlacementGroups/{one['name']}", {"properties": {}}


def _taken(launch: Json, nics: list[Json]) -> Iterator[tuple[str, Json]]:
    """NICs of somebody else's, which have addresses of the pools."""
    network = str((launch.get("network") or {}).get("virtualNetworkName"))
    names = {one for nic in nics for one in nic.get("privateIpAddresses") or () if one in TAKEN}
    for name in sorted(names):
        taken = {"privateIPAllocationMethod": "Static", "privateIPAddress": name}
        yield _nic(network, f"other-{name.replace('.', '-')}", taken)
    for name in sorted(one for one in _public(nics) if one.startswith("taken")):
        address = {"id": f"{NETWORK}/publicIPAddresses/{name}"}
        yield _nic(network, f"other-{name}", {"publicIPAddress": address})


def _nic(network: str, name: str, more: Json) -> tuple[str, Json]:
    subnet = {"id": f"{NETWORK}/virtualNetworks/{network}/subnets/default"}
    configuration = {"primary": True, "subnet": subnet, **more}
    properties = {"ipConfigurations": [{"name": "primary", "properties": configuration}]}
    return f"{NETWORK}/networkInterfaces/{name}", {"properties": properties}


def _kinds(launch: Json) -> set[str]:
    named = (launch.get("loadBalancersConfig") or {}).get("loadBalancers") or ()
    return {one["type"] for one in named}


def balancers(kinds: set[str]) -> Layer:
    """Return the load balancer and the application gateway, of these the kinds that are wanted."""
    front = {"name": "f", "properties": {"subnet": {"id": f"{SUBNETS}/default"}}}
    pools = [{"name": name} for name in ("web", "api")]
    inside = {"subnet": {"id": f"{SUBNETS}/gateways"}}
    balancer = {"frontendIPConfigurations": [front], "backendAddressPools": pools}
    gateway = {
        "sku": {"name": "Standard_v2", "tier": "Standard_v2", "capacity": 1},
        "gatewayIPConfigurations": [{"name": "g", "properties": inside}],
        "frontendIPConfigurations": [{"name": "f", "properties": inside}],
        "backendAddressPools": [{"name": "site"}],
    }
    made: dict[str, tuple[str, Json]] = {
        "loadBalancer": (BALANCER, {"sku": {"name": "Standard"}, "properties": balancer}),
        "applicationGateway": (GATEWAY, {"properties": gateway}),
    }
    return [one for kind, one in made.items() if kind in kinds]


def _source(image: Json) -> Iterator[tuple[str, Json]]:
    if not {"custom", "gallery"} & {*image}:
        return
    creation = {"diskSizeGB": 32, "creationData": {"createOption": "Empty"}}
    yield SOURCE, {"properties": creation | {"osType": "Linux", "hyperVGeneration": "V2"}}


def _made_of(image: Json) -> Iterator[tuple[str, Json]]:
    if "custom" in image:
        os_disk = {"osType": "Linux", "osState": "Generalized", "managedDisk": {"id": SOURCE}}
        properties = {"hyperVGeneration": "V2", "storageProfile": {"osDisk": os_disk}}
        yield f"{COMPUTE}/images/golden", {"properties": properties}
    if "gallery" in image:
        yield GALLERY, {"properties": {}}


def _versions(image: Json) -> Iterator[Layer]:
    if "gallery" not in image:
        return
    name = image["gallery"]["imageName"]
    about = {
        "osType": "Linux",
        "osState": "Specialized" if name == "special" else "Generalized",
        "hyperVGeneration": "V2",
        "identifier": {"publisher": "p", "offer": "o", "sku": name},
    }
    yield [(f"{GALLERY}/images/{name}", {"properties": about})]
    properties = {"storageProfile": {"osDiskImage": {"source": {"id": SOURCE}}}}
    versions = [f"{GALLERY}/images/{name}/versions/{one}" for one in ("1.0.0", "1.1.0")]
    yield [(path, {"properties": properties}) for path in versions]
