"""What Azure tells of the network resources that a document names.

In each map None means: surely not there. A name that is not in the map at all: Azure did not tell.
"""

from dataclasses import dataclass, field

from shared.model.network import Named

Key = tuple[str, str]
"""Resource group and name, without case."""


def key_of(named: Named) -> Key:
    """Return how a resource is found in a map."""
    return named.resource_group_name.lower(), named.name.lower()


@dataclass(frozen=True)
class VnetFacts:
    """A virtual network."""

    region: str
    subnets: dict[str, tuple[str, ...]]
    """Address prefixes by the subnet's name, without case."""


@dataclass(frozen=True)
class AddressFacts:
    """A public address."""

    region: str
    sku: str
    version: str
    """`IPv4` or `IPv6`."""


@dataclass(frozen=True)
class BalancerFacts:
    """A load balancer or an application gateway."""

    region: str
    sku: str
    pools: frozenset[str]
    """Names of its backend pools, without case."""


@dataclass(frozen=True)
class NetworkFacts:
    """All of it."""

    vnets: dict[Key, VnetFacts | None] = field(default_factory=dict)
    guards: dict[Key, str | None] = field(default_factory=dict)
    """Regions of network security groups."""
    groups: dict[Key, str | None] = field(default_factory=dict)
    """Regions of application security groups."""
    addresses: dict[Key, AddressFacts | None] = field(default_factory=dict)
    balancers: dict[Key, BalancerFacts | None] = field(default_factory=dict)
    gateways: dict[Key, BalancerFacts | None] = field(default_factory=dict)
    has_group: bool = True
    """The node's own resource group is there, or nobody knows."""
    silent: str = ""
    """Why something could not be looked up; empty: all was."""
