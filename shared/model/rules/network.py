"""Rules of NICs, addresses and load balancers."""

import ipaddress
import re
from collections.abc import Iterator
from typing import Any, Final

from shared.model.problems import Code, Loc, Problem
from shared.model.rules.facts import Facts, conflict, repeated, required

NETWORK: Final = "compute.launchSpecification.network"
NICS: Final = f"{NETWORK}.networkInterfaces"
BALANCERS: Final = "compute.launchSpecification.loadBalancersConfig.loadBalancers"
FIRST_CONFIGURATION: Final = "primary"
"""Name that the NIC's own IP configuration has."""
POOLS_MAX: Final = 25
"""Backend pools of one node: far more than Azure lets one NIC join, and what a tag can name."""
_NAME: Final = re.compile(r"[A-Za-z0-9]([\w.-]{0,78}\w)?", re.ASCII)
"""Source: Azure docs, resource-name-rules, Microsoft.Network."""
_SKUS: Final = {
    "loadBalancer": ("Standard", "Basic"),
    "applicationGateway": (
        "Standard_Large",
        "Standard_Medium",
        "Standard_Small",
        "Standard_v2",
        "WAF_Large",
        "WAF_Medium",
        "WAF_v2",
    ),
}


def interfaces(facts: Facts) -> Iterator[Problem]:
    """At least one NIC, exactly one of them primary."""
    nics = facts.at(NICS)
    if nics is None:
        return
    if not nics:
        yield required(NICS, "must list at least one network interface")
        return
    primary = [nic.get("isPrimary") if isinstance(nic, dict) else None for nic in nics]
    if None not in primary and primary.count(True) != 1:
        yield conflict(NICS, "must have exactly one with isPrimary true")


def public_ip_sku(facts: Facts) -> Iterator[Problem]:
    """One SKU for all public addresses of the node, named before one is assigned."""
    nics = list(facts.each(NICS))
    for loc, nic in nics:
        if nic.get("assignPublicIp") and not nic.get("publicIpSku"):
            yield required((*loc, "publicIpSku"), "is required while assignPublicIp is true")
    named = [(loc, str(nic["publicIpSku"])) for loc, nic in nics if nic.get("publicIpSku")]
    for loc, sku in named[1:]:
        if sku.lower() != named[0][1].lower():
            yield conflict((*loc, "publicIpSku"), "must be the same on all network interfaces")
    for loc, sku in named[:1]:
        if sku == "Basic" and facts.at("compute.zones"):
            yield conflict((*loc, "publicIpSku"), "Basic addresses serve no VM in a zone")


def addresses(facts: Facts) -> Iterator[Problem]:
    """Each address and each further configuration once."""
    private: list[tuple[Loc, Any]] = []
    public: list[tuple[Loc, Any]] = []
    for loc, nic in facts.each(NICS):
        private += [
            ((*loc, "privateIpAddresses", i), ipaddress.ip_address(one))
            for i, one in enumerate(nic.get("privateIpAddresses") or ())
            if one is not None
        ]
        public += [
            ((*loc, "publicIps", i), f"{one.get('resourceGroupName')}/{one.get('name')}")
            for i, one in enumerate(nic.get("publicIps") or ())
            if isinstance(one, dict)
        ]
        yield from _configurations(loc, nic)
    yield from repeated(private, "is listed twice")
    yield from repeated(public, "is listed twice")


def _configurations(loc: Loc, nic: dict[str, Any]) -> Iterator[Problem]:
    """Names that Azure takes, each once; and a configuration for each address of the pool."""
    more = [one for one in nic.get("additionalIpConfigurations") or () if isinstance(one, dict)]
    names: list[tuple[Loc, Any]] = [
        ((*loc, "additionalIpConfigurations", i, "name"), one.get("name"))
        for i, one in enumerate(nic.get("additionalIpConfigurations") or ())
        if isinstance(one, dict)
    ]
    yield from repeated(names, "is used twice")
    for where, name in names:
        if name and str(name).lower() == FIRST_CONFIGURATION:
            yield conflict(where, "is the name of the first IP configuration")
        elif name and not _NAME.fullmatch(str(name)):
            message = "must be 1 to 80 letters, digits, _ . -, beginning with a letter or digit"
            yield Problem(where, Code.VALUE, message)
    has_six = any(one.get("privateIpAddressVersion") == "IPv6" for one in more)
    for i, address in enumerate(nic.get("privateIpAddresses") or ()):
        if address is not None and ipaddress.ip_address(address).version != 4 and not has_six:  # noqa: PLR2004
            text = "is of IPv6, and no additional IP configuration is"
            yield conflict((*loc, "privateIpAddresses", i), text)


def load_balancer_skus(facts: Facts) -> Iterator[Problem]:
    """Azure joins load balancers and public addresses of one SKU only."""
    sku = next((nic["publicIpSku"] for _, nic in facts.each(NICS) if nic.get("publicIpSku")), None)
    for loc, one in facts.each(BALANCERS):
        has = one.get("loadBalancerSku") if one.get("type") == "loadBalancer" else None
        if sku and has in _SKUS["loadBalancer"] and str(has).lower() != str(sku).lower():
            yield conflict((*loc, "loadBalancerSku"), f"must be {sku}, as publicIpSku is")


def load_balancers(facts: Facts) -> Iterator[Problem]:
    """A SKU of this type of load balancer, and a pool to join."""
    for loc, one in facts.each(BALANCERS):
        if one.get("backendPoolNames") == []:
            yield required((*loc, "backendPoolNames"), "must list at least one backend pool")
        kind, sku = one.get("type"), one.get("loadBalancerSku")
        if kind and sku and sku not in _SKUS[kind]:
            message = f"for {kind} must be one of {', '.join(_SKUS[kind])}"
            yield Problem((*loc, "loadBalancerSku"), Code.VALUE, message)
    keys = [
        (
            (*loc, "name"),
            (
                one.get("type"),
                one.get("resourceGroupName"),
                one.get("name"),
                str(one.get("backendPoolNames")),
            ),
        )
        for loc, one in facts.each(BALANCERS)
    ]
    yield from repeated(keys, "is listed twice with the same pools")
    pools = sum(len(one.get("backendPoolNames") or ()) for _, one in facts.each(BALANCERS))
    if pools > POOLS_MAX:
        message = f"must name {POOLS_MAX} backend pools at most"
        yield Problem(tuple(BALANCERS.split(".")), Code.RANGE, message)
