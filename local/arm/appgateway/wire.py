"""Application gateways on the wire: their lists of parts, kept as given, and what Azure fills in.

Source: the models of the client library (ApplicationGatewayPropertiesFormat).
"""

import copy
from collections.abc import Iterator

from local.arm.wire import Json

LISTS = (
    "gatewayIPConfigurations",
    "frontendIPConfigurations",
    "frontendPorts",
    "authenticationCertificates",
    "trustedRootCertificates",
    "sslCertificates",
    "probes",
    "backendAddressPools",
    "backendHttpSettingsCollection",
    "httpListeners",
    "urlPathMaps",
    "requestRoutingRules",
    "rewriteRuleSets",
    "redirectConfigurations",
)
FIRST = ("Standard_Small", "Standard_Medium", "Standard_Large", "WAF_Medium", "WAF_Large")
"""SKUs of the first generation, which stand on Basic addresses."""
SECOND = ("Basic", "Standard_v2", "WAF_v2")
"""SKUs of the second, on Standard addresses."""
_OTHERS = (
    *("sslPolicy", "webApplicationFirewallConfiguration", "firewallPolicy", "enableHttp2"),
    *("autoscaleConfiguration", "forceFirewallPolicyAssociation", "customErrorConfigurations"),
)
_MADE_BY_AZURE = ("provisioningState", "backendIPConfigurations")


def properties(given: Json) -> Json:
    """Return the properties of a gateway as they are kept."""
    kept = {name: [_part(one) for one in given.get(name) or []] for name in LISTS}
    others = {name: given[name] for name in _OTHERS if given.get(name) is not None}
    return kept | others | {"sku": sku(given.get("sku") or {}), "operationalState": "Running"}


def sku(given: Json) -> Json:
    """Return the SKU of a gateway as Azure spells it; empty if it names none that there is."""
    spelt = {name.lower(): name for name in (*FIRST, *SECOND)}
    name = spelt.get(str(given.get("name") or "").lower())
    if name is None:
        return {}
    kept = {"name": name, "tier": given.get("tier") or name}
    return kept | ({"capacity": given["capacity"]} if given.get("capacity") else {})


def is_second_generation(sku_name: str) -> bool:
    """Tell whether a SKU stands on Standard addresses, and tells health in its own words."""
    return sku_name in SECOND


def _part(given: Json) -> Json:
    kept = copy.deepcopy(given.get("properties") or {})
    for name in _MADE_BY_AZURE:
        kept.pop(name, None)
    return {"name": given["name"], "properties": kept}


def references(part: Json) -> Iterator[Json]:
    """Yield every reference to a part of the same gateway, at whatever depth."""
    for name, value in part.items():
        held = value if isinstance(value, list) else [value]
        for one in held:
            if not isinstance(one, dict) or name in {"subnet", "publicIPAddress"}:
                continue
            if isinstance(one.get("id"), str):
                yield one
            yield from references(one)


def settings_of_pools(given: Json) -> Iterator[tuple[Json, Json]]:
    """Yield each pool and backend settings that the rules bring together, as references, once."""
    seen: set[tuple[str, str]] = set()
    for rule in [*given.get("requestRoutingRules", ()), *given.get("urlPathMaps", ())]:
        for pool, settings in _pairs(rule["properties"]):
            key = pool["id"].lower(), settings["id"].lower()
            if key not in seen:
                seen.add(key)
                yield pool, settings


def _pairs(rule: Json) -> Iterator[tuple[Json, Json]]:
    for pool, settings in (
        ("backendAddressPool", "backendHttpSettings"),
        ("defaultBackendAddressPool", "defaultBackendHttpSettings"),
    ):
        if rule.get(pool) and rule.get(settings):
            yield rule[pool], rule[settings]
    for path in rule.get("pathRules") or ():
        yield from _pairs(path.get("properties") or {})
