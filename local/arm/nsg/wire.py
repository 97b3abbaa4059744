"""Network security groups on the wire: rules as read, and the rules that every group has."""

from local.arm.wire import Json

_LISTS = (
    "sourcePortRanges",
    "destinationPortRanges",
    "sourceAddressPrefixes",
    "destinationAddressPrefixes",
)
_TEXTS = (
    "description",
    "sourcePortRange",
    "destinationPortRange",
    "sourceAddressPrefix",
    "destinationAddressPrefix",
    "sourceApplicationSecurityGroups",
    "destinationApplicationSecurityGroups",
)
_CHOICES = {
    "protocol": ("Tcp", "Udp", "Icmp", "Esp", "Ah", "*"),
    "access": ("Allow", "Deny"),
    "direction": ("Inbound", "Outbound"),
}


def unknown_choice(rule: Json) -> str | None:
    """Return the first property whose value Azure does not know, or None."""
    for name, values in _CHOICES.items():
        given = str(rule["properties"].get(name))
        if given.lower() not in {value.lower() for value in values}:
            return name
    return None


def rule(given: Json) -> Json:
    """Return a rule as it is kept, its choices spelt as Azure spells them."""
    properties = given["properties"]
    kept = {name: properties[name] for name in _TEXTS if properties.get(name) is not None}
    for name, values in _CHOICES.items():
        spelt = {value.lower(): value for value in values}
        kept[name] = spelt[str(properties[name]).lower()]
    kept["priority"] = properties["priority"]
    return {
        "name": given["name"],
        "properties": kept | {name: list(properties.get(name) or []) for name in _LISTS},
    }


def _default(name: str, description: str, ends: tuple[str, str], decided: tuple[str, int]) -> Json:
    source, destination = ends
    access, priority = decided
    properties = {
        "description": description,
        "protocol": "*",
        "sourcePortRange": "*",
        "destinationPortRange": "*",
        "sourceAddressPrefix": source,
        "destinationAddressPrefix": destination,
        "access": access,
        "priority": priority,
        "direction": "Inbound" if name.endswith("InBound") else "Outbound",
    }
    return {"name": name, "properties": properties | {name: [] for name in _LISTS}}


def defaults() -> list[Json]:
    """Return the six rules of every group, as recorded."""
    network, balancer = ("VirtualNetwork", "VirtualNetwork"), ("AzureLoadBalancer", "*")
    return [
        _default(
            "AllowVnetInBound",
            "Allow inbound traffic from all VMs in VNET",
            network,
            ("Allow", 65000),
        ),
        _default(
            "AllowAzureLoadBalancerInBound",
            "Allow inbound traffic from azure load balancer",
            balancer,
            ("Allow", 65001),
        ),
        _default("DenyAllInBound", "Deny all inbound traffic", ("*", "*"), ("Deny", 65500)),
        _default(
            "AllowVnetOutBound",
            "Allow outbound traffic from all VMs to all VMs in VNET",
            network,
            ("Allow", 65000),
        ),
        _default(
            "AllowInternetOutBound",
            "Allow outbound traffic from all VMs to Internet",
            ("*", "Internet"),
            ("Allow", 65001),
        ),
        _default("DenyAllOutBound", "Deny all outbound traffic", ("*", "*"), ("Deny", 65500)),
    ]
