"""What an error that was taken out of its trace needs, to happen again here."""

import re
from collections.abc import Callable
from datetime import timedelta

from local.arm.nic import state as nics
from tests.fidelity.recordings import PASSWORD, REGION, Exchange, Json
from tests.fidelity.replay import Replay

Maker = Callable[[Replay, Exchange], Json | None]

_IDS_OF_DISKS = re.compile(r"/disks/([^/]+)$")
_ID = re.compile(r"/subscriptions/[^\s,]*[^\s,.]")
_VM_VERSION = {"api-version": "2024-07-01"}
_VERSION = {"api-version": "2024-05-01"}


def missing(exchange: Exchange) -> str | None:
    """Return why the situation of an error cannot be made, or None."""
    code = str((exchange.error or {}).get("code"))
    nobody_is_there = exchange.status == 404 and code != "NotFound"
    if (nobody_is_there and "/extensions/" not in exchange.path) or _maker(exchange):
        return None
    return "its situation is not in the recording"


def make(replay: Replay, exchange: Exchange) -> Json | None:
    """Make what the error needs, nothing for what is absent; return the body of the request.

    Bodies of PATCH requests were not recorded: these ask for what the error refuses.
    """
    maker = _maker(exchange)
    return maker(replay, exchange) if maker else None


def _maker(exchange: Exchange) -> Maker | None:
    code = str((exchange.error or {}).get("code"))
    for (op, code_of_op, words), maker in _MAKERS.items():
        is_it = exchange.op.startswith(op) and code == code_of_op
        if is_it and words in str((exchange.error or {}).get("message")):
            return maker
    return None


def _put(replay: Replay, path: str, properties: Json) -> None:
    group = "/".join(path.split("/")[:5])
    for target, body in ((group, {}), (path, {"properties": properties})):
        reply = replay.ask("PUT", target, _VERSION, {"location": REGION, **body})
        if reply.status >= 300:
            raise AssertionError(reply.body)
        replay.clock.time += timedelta(hours=1)
        replay.world.settle()


def _ids(exchange: Exchange) -> list[str]:
    return _ID.findall(str((exchange.error or {}).get("message")))


def _network_around(replay: Replay, exchange: Exchange, nic_config: str) -> None:
    """Make the NIC of a configuration id, bound to what the request wants to delete."""
    nic, _, config = nic_config.partition("/ipConfigurations/")
    group, name = nic.split("/providers/")[0], nic.rsplit("/", 1)[-1]
    network = f"{group}/providers/Microsoft.Network"
    here = exchange.path.rsplit("/", 1)[-1]
    vnet = here if "/virtualNetworks/" in exchange.path else f"{name}-vnet"
    words = str((exchange.error or {}).get("message")).split()
    subnet = words[1] if words[0] == "Subnet" else "default"
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    subnets = [{"name": subnet, "properties": {"addressPrefix": "10.0.0.0/24"}}]
    _put(replay, f"{network}/virtualNetworks/{vnet}", {**space, "subnets": subnets})
    properties: Json = {"subnet": {"id": f"{network}/virtualNetworks/{vnet}/subnets/{subnet}"}}
    wanted: Json = {"ipConfigurations": [{"name": config or "ipconfig1", "properties": properties}]}
    if "/publicIPAddresses/" in exchange.path:
        _put(replay, exchange.path, {"publicIPAllocationMethod": "Static"})
        properties["publicIPAddress"] = {"id": exchange.path}
    if "/networkSecurityGroups/" in exchange.path:
        _put(replay, exchange.path, {})
        wanted["networkSecurityGroup"] = {"id": exchange.path}
    _put(replay, nic, wanted)


def _bound(replay: Replay, exchange: Exchange) -> None:
    _network_around(replay, exchange, _ids(exchange)[-1])


def _of_a_vm(replay: Replay, exchange: Exchange) -> None:
    nic, vm = _ids(exchange)
    _network_around(replay, exchange, nic)
    nics.claim(replay.world, nic, vm)


def _empty_network(replay: Replay, exchange: Exchange) -> None:
    vnet = exchange.path.rsplit("/", 1)[0]
    subnets = [{"name": "default", "properties": {"addressPrefix": "192.168.0.0/24"}}]
    space = {"addressSpace": {"addressPrefixes": ["192.168.0.0/16"]}}
    _put(replay, vnet, {**space, "subnets": subnets})


def _vm(replay: Replay, exchange: Exchange, vm: str = "", **properties: object) -> None:
    """Make a running VM: the one that the request is about, if none is named."""
    vm = vm or "/".join(exchange.path.split("/")[:9])
    name = vm.rsplit("/", 1)[-1]
    network = f"{vm.split('/providers/')[0]}/providers/Microsoft.Network"
    _network_around(replay, exchange, f"{network}/networkInterfaces/{name}-nic")
    nic = {"id": f"{network}/networkInterfaces/{name}-nic"}
    image = {"publisher": "Canonical", "offer": "UbuntuServer", "sku": "18.04-LTS"}
    disk = _IDS_OF_DISKS.findall(exchange.path)
    os_disk = {"createOption": "FromImage", **({"name": disk[0]} if disk else {})}
    profile = {"computerName": "vm", "adminUsername": "somebody", "adminPassword": PASSWORD}
    given = {
        "hardwareProfile": {"vmSize": "Standard_D2_v3"},
        "storageProfile": {"imageReference": {**image, "version": "latest"}, "osDisk": os_disk},
        "osProfile": profile,
        "networkProfile": {"networkInterfaces": [nic]},
    }
    _put(replay, vm, {**given, **properties})


def _regular_vm(replay: Replay, exchange: Exchange) -> None:
    _vm(replay, exchange)


def _owner_of_a_disk(replay: Replay, exchange: Exchange) -> None:
    _vm(replay, exchange, _ids(exchange)[-1])


def _evicted_vm(replay: Replay, exchange: Exchange) -> None:
    _vm(replay, exchange, priority="Spot", evictionPolicy="Delete")
    replay.ask("POST", f"{exchange.path}/simulateEviction", _VM_VERSION)
    replay.clock.time += timedelta(minutes=3)


def _other_priority(replay: Replay, exchange: Exchange) -> Json:
    _vm(replay, exchange, priority="Spot")
    return {"properties": {"priority": "Regular"}}


def _other_price(replay: Replay, exchange: Exchange) -> Json:
    _vm(replay, exchange, priority="Spot", billingProfile={"maxPrice": 1000.0})
    return {"properties": {"billingProfile": {"maxPrice": 1500.0}}}


def _other_placement(replay: Replay, exchange: Exchange) -> Json:
    _vm(replay, exchange)
    group = "/".join(exchange.path.split("/")[:5])
    placement = f"{group}/providers/Microsoft.Compute/proximityPlacementGroups/p"
    return {"properties": {"proximityPlacementGroup": {"id": placement}}}


_VMS = "Microsoft.Compute/virtualMachines/{}"
_MAKERS: dict[tuple[str, str, str], Maker] = {
    ("DELETE ", "NicInUse", ""): _of_a_vm,
    ("DELETE ", "PublicIPAddressCannotBeDeleted", ""): _bound,
    ("DELETE ", "InUseSubnetCannotBeDeleted", ""): _bound,
    ("DELETE ", "InUseNetworkSecurityGroupCannotBeDeleted", ""): _bound,
    ("GET ", "PrivateIPAddressNotInAnySubnet", ""): _empty_network,
    ("DELETE Microsoft.Compute/disks", "OperationNotAllowed", "is attached"): _owner_of_a_disk,
    (f"POST {_VMS}/simulateEviction", "OperationNotAllowed", ""): _regular_vm,
    (f"GET {_VMS}/extensions", "ResourceNotFound", ""): _regular_vm,
    (f"GET {_VMS}", "NotFound", ""): _evicted_vm,
    (f"PATCH {_VMS}", "PropertyChangeNotAllowed", "priority"): _other_priority,
    (f"PATCH {_VMS}", "OperationNotAllowed", "Max price"): _other_price,
    (f"PATCH {_VMS}", "OperationNotAllowed", "proximity placement"): _other_placement,
}
"""By the beginning of the operation, and the code and some words of the error."""
