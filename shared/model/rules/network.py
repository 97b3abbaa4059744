"""Rules of NICs, addresses and load balancers."""

import ipaddress
from collections.abc import Iterator
from typing import Any, Final

from shared.model.problems import Code, Loc, Problem
from shared.model.rules.facts import Facts, conflict, repeated, required

NETWORK: Final = "compute.launchSpecification.network"
NICS: Final = f"{NETWORK}.networkInterfaces"
BALANCERS: Final = "compute.launchSpecification.loadBalancersConfig.loadBalancers"
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
        names = [
            ((*loc, "additionalIpConfigurations", i, "name"), one.get("name"))
            for i, one in enumerate(nic.get("additionalIpConfigurations") or ())
            if isinstance(one, dict)
        ]
        yield from repeated(names, "is used twice")
    yield from repeated(private, "is listed twice")
    yield from repeated(public, "is listed twice")


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
