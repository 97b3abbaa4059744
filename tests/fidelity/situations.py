"""What an error that was taken out of its trace needs, to happen again here."""

import re
from collections.abc import Callable
from datetime import timedelta

from local.arm.nic import state as nics
from tests.fidelity.recordings import REGION, Exchange, Json
from tests.fidelity.replay import Replay

_ID = re.compile(r"/subscriptions/[^\s,]*[^\s,.]")
_VERSION = {"api-version": "2024-05-01"}


def missing(exchange: Exchange) -> str | None:
    """Return why the situation of an error cannot be made, or None."""
    code = str((exchange.error or {}).get("code"))
    nobody_is_there = exchange.status == 404 and code != "NotFound"
    if (nobody_is_there and "/extensions/" not in exchange.path) or _maker(exchange):
        return None
    return "its situation is not in the recording"


def make(replay: Replay, exchange: Exchange) -> None:
    """Make what the error needs; nothing for what is absent."""
    maker = _maker(exchange)
    if maker:
        maker(replay, exchange)


def _maker(exchange: Exchange) -> Callable[[Replay, Exchange], None] | None:
    code = str((exchange.error or {}).get("code"))
    return _MAKERS.get((exchange.method, code))


def _put(replay: Replay, path: str, properties: Json) -> None:
    group = "/".join(path.split("/")[:5])
    for target, body in ((group, {}), (path, {"properties": properties})):
        replay.ask("PUT", target, _VERSION, {"location": REGION, **body})
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


_MAKERS: dict[tuple[str, str], Callable[[Replay, Exchange], None]] = {
    ("DELETE", "NicInUse"): _of_a_vm,
    ("DELETE", "PublicIPAddressCannotBeDeleted"): _bound,
    ("DELETE", "InUseSubnetCannotBeDeleted"): _bound,
    ("DELETE", "InUseNetworkSecurityGroupCannotBeDeleted"): _bound,
    ("GET", "PrivateIPAddressNotInAnySubnet"): _empty_network,
}
"""By the method and code of the error."""
