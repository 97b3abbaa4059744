"""Load balancers on the wire: their lists of parts, and what Azure fills in."""

from typing import Any

from local.arm.wire import Json

LISTS = (
    "frontendIPConfigurations",
    "backendAddressPools",
    "loadBalancingRules",
    "probes",
    "inboundNatRules",
    "outboundRules",
    "inboundNatPools",
)

_Defaults = dict[str, Any]
_FRONT_END: _Defaults = {
    "privateIPAddressVersion": "IPv4",
    "privateIPAllocationMethod": "Dynamic",
    "privateIPAddress": None,
    "publicIPAddress": None,
    "publicIPPrefix": None,
    "subnet": None,
}
_POOL: _Defaults = {
    "loadBalancerBackendAddresses": None,
    "location": None,
    "drainPeriodInSeconds": None,
    "syncMode": None,
    "virtualNetwork": None,
}
_PROBE: _Defaults = {
    "protocol": "Tcp",
    "port": 80,
    "requestPath": None,
    "intervalInSeconds": 15,
    "numberOfProbes": 2,
    "probeThreshold": None,
}
_FLOW: _Defaults = {
    "frontendIPConfiguration": None,
    "frontendPort": 0,
    "backendPort": 0,
    "enableFloatingIP": False,
    "idleTimeoutInMinutes": 4,
    "protocol": "Tcp",
    "enableDestinationServiceEndpoint": False,
    "enableTcpReset": False,
    "allowBackendPortConflict": False,
}
_RULE: _Defaults = _FLOW | {
    "loadDistribution": "Default",
    "disableOutboundSnat": False,
    "backendAddressPool": None,
    "backendAddressPools": None,
    "probe": None,
}
_NAT_RULE: _Defaults = _FLOW | {
    "frontendPortRangeStart": None,
    "frontendPortRangeEnd": None,
    "backendAddressPool": None,
}
_OUTBOUND: _Defaults = {
    "allocatedOutboundPorts": 0,
    "protocol": "All",
    "enableTcpReset": False,
    "idleTimeoutInMinutes": 4,
    "backendAddressPool": None,
    "frontendIPConfigurations": None,
}
_NAT_POOL: _Defaults = {
    "frontendPortRangeStart": 1,
    "frontendPortRangeEnd": 1,
    "backendPort": 1,
    "protocol": "Tcp",
    "idleTimeoutInMinutes": 4,
    "enableFloatingIP": False,
    "enableTcpReset": False,
    "frontendIPConfiguration": None,
}
_DEFAULTS = dict(
    zip(LISTS, (_FRONT_END, _POOL, _RULE, _PROBE, _NAT_RULE, _OUTBOUND, _NAT_POOL), strict=True)
)
"""What may be set in each part; None: shown only if set."""

INTERNAL = {
    "frontendIPConfiguration": "frontendIPConfigurations",
    "frontendIPConfigurations": "frontendIPConfigurations",
    "backendAddressPool": "backendAddressPools",
    "backendAddressPools": "backendAddressPools",
    "probe": "probes",
}
"""Properties of rules that refer to parts of the same load balancer."""


def part(segment: str, given: Json) -> Json:
    """Return one part as it is kept."""
    properties = given["properties"]
    kept = {
        name: properties.get(name, default)
        for name, default in _DEFAULTS[segment].items()
        if properties.get(name, default) is not None
    }
    for name in (*INTERNAL, "subnet", "publicIPAddress", "virtualNetwork"):
        if name in kept:
            held = kept[name]
            several = isinstance(held, list)
            kept[name] = [{"id": one["id"]} for one in held] if several else {"id": held["id"]}
    zones = {"zones": given["zones"]} if given.get("zones") else {}
    return {"name": given["name"], "properties": kept, **zones}


def dress(shown: Json, api_version: str) -> Json:
    """Show of parts who in the load balancer uses them, as answers do."""
    properties = shown["properties"]
    parts = {one["id"].lower(): one for name in LISTS for one in properties[name]}
    for segment in ("loadBalancingRules", "inboundNatRules", "outboundRules", "inboundNatPools"):
        for rule in properties[segment]:
            for name in INTERNAL:
                held = rule["properties"].get(name) or []
                for target in held if isinstance(held, list) else [held]:
                    used = parts[target["id"].lower()]["properties"].setdefault(segment, [])
                    if {"id": rule["id"]} not in used:
                        used.append({"id": rule["id"]})
    if not properties["outboundRules"] and api_version < _OUTBOUND_SHOWN_SINCE:
        del properties["outboundRules"]
    if api_version < _TIER_SINCE:
        shown["sku"] = {"name": shown["sku"]["name"]}
    return shown


_OUTBOUND_SHOWN_SINCE = "2021-01-01"
_TIER_SINCE = "2020-07-01"
"""Recorded answers of 2020-07-01 show `sku.tier` and no empty `outboundRules`."""
