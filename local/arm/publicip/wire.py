"""Public IP addresses on the wire."""

from local.arm.wire import Json

_OPTIONAL = ("ddosSettings", "natGateway", "publicIPPrefix", "deleteOption")
_TIER_SINCE = "2020-07-01"
"""The first api-version of the recordings whose answers show `sku.tier`."""


def properties(given: Json, region: str) -> Json:
    """Return the properties that a client may set, with Azure's defaults for the others."""
    kept = {name: given[name] for name in _OPTIONAL if given.get(name) is not None}
    kept |= {
        "publicIPAddressVersion": given.get("publicIPAddressVersion") or "IPv4",
        "publicIPAllocationMethod": given.get("publicIPAllocationMethod") or "Dynamic",
        "idleTimeoutInMinutes": given.get("idleTimeoutInMinutes") or 4,
        "ipTags": list(given.get("ipTags") or []),
    }
    dns = given.get("dnsSettings") or {}
    if dns.get("domainNameLabel"):
        kept["dnsSettings"] = {
            "domainNameLabel": dns["domainNameLabel"],
            "fqdn": f"{dns['domainNameLabel']}.{region}.cloudapp.azure.com",
        }
        if dns.get("reverseFqdn"):
            kept["dnsSettings"]["reverseFqdn"] = dns["reverseFqdn"]
    return kept


def sku(given: Json | None) -> Json:
    """Return the SKU of an address or load balancer: Basic and Regional if it names none."""
    given = given or {}
    return {"name": given.get("name") or "Basic", "tier": given.get("tier") or "Regional"}


def dress(shown: Json, api_version: str) -> Json:
    """Leave out what older api-versions do not know."""
    if api_version < _TIER_SINCE:
        shown["sku"] = {"name": shown["sku"]["name"]}
    return shown
