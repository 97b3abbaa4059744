"""What a gateway's probes find: the health of the servers in its pools.

No guest runs here, so a server is healthy while its VM runs and has booted, unless the world says
otherwise of its NIC (`sim["backend_health"]`). Gateways of the first generation say `Up` and
`Down`, those of the second `Healthy` and `Unhealthy`, as public listings of theirs show.
"""

from datetime import datetime

from local.arm.appgateway import wire
from local.arm.network import parts
from local.arm.wire import Json
from local.arm.world import Resource, World

_FIRST = {"Healthy": "Up", "Unhealthy": "Down"}
_LOGS = {
    "Healthy": "Success. Received 200 status code",
    "Unhealthy": "Cannot connect to backend server. Check whether any NSG/UDR/Firewall is blocking "
    "access to the server. Check if application is running on correct port.",
}


def backend_health(world: World, gateway: Resource, *, expand: bool) -> Json:
    """Return the health of every pool that a rule uses."""
    pools: dict[str, Json] = {}
    for pool, settings in wire.settings_of_pools(gateway.properties):
        part = parts.find(world, pool["id"])
        if part is None:
            continue
        shown = _shown(gateway, pool["id"], "backendAddressPools", expand=expand)
        empty: Json = {"backendAddressPool": shown, "backendHttpSettingsCollection": []}
        entry = pools.setdefault(part.id, empty)
        told = _shown(gateway, settings["id"], "backendHttpSettingsCollection", expand=expand)
        servers = _servers(world, gateway, part)
        entry["backendHttpSettingsCollection"].append(
            {"backendHttpSettings": told, "servers": servers}
        )
    return {"backendAddressPools": list(pools.values())}


def _shown(gateway: Resource, part_id: str, segment: str, *, expand: bool) -> Json:
    if not expand:
        return {"id": part_id}
    for child in gateway.properties.get(segment) or []:
        if parts.child_id(gateway, segment, child).lower() == part_id.lower():
            return parts.show_child(gateway, segment, child)
    return {"id": part_id}


def _servers(world: World, gateway: Resource, pool: parts.Part) -> list[Json]:
    second = wire.is_second_generation(gateway.properties["sku"]["name"])
    servers = []
    for user in parts.users(world, pool.id, "backendIPConfigurations"):
        member = parts.find(world, user)
        if member is None:
            continue
        address = member.properties.get("privateIPAddress", "")
        word = _health(world, member.owner)
        servers.append({"address": address, "ipConfiguration": {"id": user}} | _told(word, second))
    for one in pool.properties.get("backendAddresses") or []:
        address = one.get("ipAddress") or one.get("fqdn") or ""
        servers.append({"address": address, "health": "Unknown"})
    return servers


def _told(word: str, second: bool) -> Json:  # noqa: FBT001 - which of two vocabularies
    if not second:
        return {"health": _FIRST.get(word, word)}
    return {"health": word} | ({"healthProbeLog": _LOGS[word]} if word in _LOGS else {})


def _health(world: World, nic: Resource) -> str:
    said = nic.sim.get("backend_health")
    if said:
        return str(said)
    vm = world.find((nic.properties.get("virtualMachine") or {}).get("id", ""))
    booted = vm.sim.get("agent_at") if vm and vm.sim.get("power") == "running" else None
    is_up = booted is not None and datetime.fromisoformat(booted) <= world.now
    return "Healthy" if is_up else "Unhealthy"
