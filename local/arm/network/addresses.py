"""Arithmetic on address prefixes, with what Azure keeps to itself in each.

Azure reserves the first four addresses of a subnet and the last one. Source: Azure docs,
virtual-networks-faq.
"""

from collections.abc import Collection, Iterator
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

RESERVED_FIRST = 4
"""Network, gateway and two name servers."""
RESERVED = RESERVED_FIRST + 1
"""And the broadcast address."""


def network(prefix: str) -> Network:
    """Read a prefix in CIDR notation; ValueError if it is none or has host bits."""
    if "/" not in prefix:
        raise ValueError(prefix)
    return ip_network(prefix)


def corrected(prefix: str) -> str | None:
    """Return the prefix without its host bits, or None if that cannot help."""
    try:
        return str(ip_network(prefix, strict=False)) if "/" in prefix else None
    except ValueError:
        return None


def address(text: str) -> Address | None:
    """Read an address, or return None."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def is_version(prefix: Network, version: str) -> bool:
    """Tell whether a prefix is of the version that Azure calls `IPv4` or `IPv6`."""
    return version == f"IPv{prefix.version}"


def contains(outer: Network, inner: Network) -> bool:
    """Tell whether one prefix lies within another."""
    return (
        outer.version == inner.version
        and int(outer.network_address) <= int(inner.network_address)
        and int(outer.broadcast_address) >= int(inner.broadcast_address)
    )


def is_reserved(prefix: Network, wanted: Address) -> bool:
    """Tell whether Azure keeps this address of the prefix to itself."""
    return offset(prefix, str(wanted)) < RESERVED_FIRST or wanted == prefix.broadcast_address


def free(prefix: Network, taken: Collection[str], first: int = RESERVED_FIRST) -> Iterator[str]:
    """Yield the addresses that can still be given out, lowest first, from offset `first` on."""
    for number in range(first, prefix.num_addresses - 1):
        candidate = str(prefix[number])
        if candidate not in taken:
            yield candidate


def offset(prefix: Network, text: str) -> int:
    """Return how many addresses of the prefix lie below this one."""
    return int(ip_address(text)) - int(prefix.network_address)


def usable(prefix: Network) -> int:
    """Return how many addresses a prefix has for its users."""
    return max(0, prefix.num_addresses - RESERVED)
