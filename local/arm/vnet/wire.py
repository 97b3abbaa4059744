"""Virtual networks and subnets on the wire: what is read, what is filled in, what is shown."""

from local.arm.wire import Json

_NETWORK_OPTIONAL = ("bgpCommunities", "ddosProtectionPlan", "encryption", "flowTimeoutInMinutes")
_SUBNET_OPTIONAL = (
    "defaultOutboundAccess",
    "ipAllocations",
    "natGateway",
    "networkSecurityGroup",
    "routeTable",
    "serviceEndpointPolicies",
    "sharingScope",
)
_POLICIES = ("privateEndpointNetworkPolicies", "privateLinkServiceNetworkPolicies")
_POLICIES_SINCE = "2019-04-01"
"""Recorded answers of 2018-01-01 do not show them, those of 2019-11-01 do."""


def network_properties(given: Json) -> Json:
    """Return the properties that a client may set, with Azure's defaults for the others."""
    kept = {name: given[name] for name in _NETWORK_OPTIONAL if given.get(name) is not None}
    if given.get("dhcpOptions") is not None:
        kept["dhcpOptions"] = {"dnsServers": list(given["dhcpOptions"].get("dnsServers") or [])}
    return kept | {
        "addressSpace": {
            "addressPrefixes": list((given.get("addressSpace") or {}).get("addressPrefixes") or [])
        },
        "virtualNetworkPeerings": [],
        "enableDdosProtection": bool(given.get("enableDdosProtection", False)),
        "enableVmProtection": bool(given.get("enableVmProtection", False)),
    }


def prefixes(subnet: Json) -> list[str]:
    """Return the address prefixes of a subnet, however it writes them."""
    properties = subnet.get("properties") or {}
    several = properties.get("addressPrefixes") or []
    one = properties.get("addressPrefix")
    return [str(prefix) for prefix in several] or ([str(one)] if one else [])


def subnet(given: Json, region: str) -> Json:
    """Return a subnet as it is kept."""
    properties = given["properties"]
    kept = {name: properties[name] for name in _SUBNET_OPTIONAL if properties.get(name) is not None}
    found = prefixes(given)
    listed = bool(properties.get("addressPrefixes"))
    kept |= {"addressPrefixes": found} if listed else {"addressPrefix": found[0] if found else ""}
    endpoints = [
        {
            "provisioningState": "Succeeded",
            "service": endpoint.get("service"),
            "locations": endpoint.get("locations") or [region],
        }
        for endpoint in properties.get("serviceEndpoints") or []
    ]
    kept |= {"serviceEndpoints": endpoints} if endpoints else {}
    delegations = [
        {"name": one.get("name"), "properties": one.get("properties") or {}}
        for one in properties.get("delegations") or []
    ]
    kept |= {name: properties.get(name) or "Enabled" for name in _POLICIES}
    return {"name": given["name"], "properties": kept | {"delegations": delegations}}


def dress(shown: Json, api_version: str) -> Json:
    """Leave out what older api-versions do not know."""
    if api_version < _POLICIES_SINCE:
        for one in shown["properties"]["subnets"]:
            for name in ("delegations", *_POLICIES):
                one["properties"].pop(name, None)
    return shown


def usage(subnet_id: str, used: int, limit: int) -> Json:
    """Return how full a subnet is."""
    return {
        "id": subnet_id,
        "currentValue": float(used),
        "limit": float(limit),
        "name": {"localizedValue": "Subnet size and usage", "value": "SubnetSpace"},
        "unit": "Count",
    }
