"""Network interfaces on the wire."""

from typing import Any

from local.arm.wire import Json

_OPTIONAL = ("auxiliaryMode", "auxiliarySku", "disableTcpStateTracking", "workloadType")
_LISTS = (
    "applicationGatewayBackendAddressPools",
    "applicationSecurityGroups",
    "loadBalancerBackendAddressPools",
    "loadBalancerInboundNatRules",
)
_SINCE: tuple[tuple[str, str, Any], ...] = (
    ("2019-11-01", "hostedWorkloads", []),
    ("2019-11-01", "tapConfigurations", []),
    ("2020-07-01", "nicType", "Standard"),
    ("2021-08-01", "vnetEncryptionSupported", False),
    ("2022-07-01", "disableTcpStateTracking", False),
    ("2022-07-01", "auxiliaryMode", "None"),
    ("2023-06-01", "auxiliarySku", "None"),
)
"""What answers show from which api-version on, with the value of an ordinary NIC. Sources: the
first three, recordings of 2018-2020; the others, the models of the client library."""


def configuration(given: Json) -> Json:
    """Return an IP configuration as it is kept, not yet resolved."""
    properties = given["properties"]
    kept: Json = {
        "privateIPAllocationMethod": _method(properties),
        "privateIPAddressVersion": properties.get("privateIPAddressVersion") or "IPv4",
        "primary": bool(properties.get("primary", False)),
    }
    for name in ("subnet", "publicIPAddress"):
        if (properties.get(name) or {}).get("id"):
            kept[name] = {"id": properties[name]["id"]}
    option = _delete_option(properties.get("publicIPAddress") or {})
    if option and "publicIPAddress" in kept:
        kept["publicIPAddress"]["properties"] = {"deleteOption": option}
    for name in _LISTS:
        targets = [{"id": one["id"]} for one in properties.get(name) or [] if one.get("id")]
        kept |= {name: targets} if targets else {}
    if kept["privateIPAllocationMethod"] == "Static" and properties.get("privateIPAddress"):
        kept["privateIPAddress"] = properties["privateIPAddress"]
    return {"name": given["name"], "properties": kept}


def _method(properties: Json) -> str:
    return str(properties.get("privateIPAllocationMethod") or "Dynamic").capitalize()


def _delete_option(public: Json) -> str | None:
    return (public.get("properties") or {}).get("deleteOption") or public.get("deleteOption")


def properties(given: Json, configurations: list[Json], domain: str) -> Json:
    """Return the properties of an interface with Azure's defaults for what is not given."""
    dns = given.get("dnsSettings") or {}
    label = dns.get("internalDnsNameLabel")
    shown_dns: Json = {
        "dnsServers": list(dns.get("dnsServers") or []),
        "appliedDnsServers": [],
        "internalDomainNameSuffix": domain,
    }
    if label:
        shown_dns |= {"internalDnsNameLabel": label, "internalFqdn": f"{label}.{domain}"}
    kept = {name: given[name] for name in _OPTIONAL if given.get(name) is not None}
    if (given.get("networkSecurityGroup") or {}).get("id"):
        kept["networkSecurityGroup"] = {"id": given["networkSecurityGroup"]["id"]}
    return kept | {
        "ipConfigurations": configurations,
        "dnsSettings": shown_dns,
        "enableAcceleratedNetworking": bool(given.get("enableAcceleratedNetworking", False)),
        "enableIPForwarding": bool(given.get("enableIPForwarding", False)),
    }


def dress(shown: Json, api_version: str) -> Json:
    """Add what answers of this api-version show of every NIC."""
    for since, name, value in _SINCE:
        if api_version >= since:
            shown["properties"].setdefault(name, value)
    return shown
