"""Look up the network resources that a document names."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, TypeVar

from azure.core.exceptions import AzureError, ResourceNotFoundError

from activities.azure.clients import Azure
from activities.azure.ensure import found
from activities.azure.words import word
from activities.disk_read import NO_GROUP
from shared.clock import Clock
from shared.model.network import LoadBalancer, Named
from shared.model.network_facts import (
    AddressFacts,
    BalancerFacts,
    Key,
    NetworkFacts,
    VnetFacts,
    key_of,
)
from shared.model.node import NodeDocument
from shared.policy.network_fit import vnet_of

LOOK_AGAIN_S: Final = 2.0
"""Before it is believed that something is not there: what was made a moment ago may not be told
yet, and a client waits for the answer."""

NOTHING: Final = "mooring-nothing"
"""Name of a NIC that nobody makes: Azure says whether it misses the NIC or its group."""

T = TypeVar("T")
Get = Callable[[str, str], Awaitable[Any]]
"""An SDK's `get` by resource group and name."""


async def read_network(azure: Azure, document: NodeDocument, clock: Clock) -> NetworkFacts:
    """Return what Azure tells of all network resources of a document, asked side by side.

    What it does not tell is left out, and why is in `silent`; nothing is raised.
    """
    n, launch = azure.network, document.compute.launch_specification
    nics = launch.network.network_interfaces
    config = launch.load_balancers_config
    balancers = (config.load_balancers if config else None) or ()
    look = _Look(clock)
    of_its_own = look.has_group(document.resource_group_name, n.network_interfaces.get)
    named = asyncio.gather(
        look.at([vnet_of(document)], n.virtual_networks.get, _vnet),
        look.at(
            [nic.network_security_group for nic in nics if nic.network_security_group],
            n.network_security_groups.get,
            _region,
        ),
        look.at(
            [one for nic in nics for one in nic.application_security_groups or ()],
            n.application_security_groups.get,
            _region,
        ),
        look.at(
            [one for nic in nics for one in nic.public_ips or ()],
            n.public_ip_addresses.get,
            _address,
        ),
        look.at(_of_type(balancers, "loadBalancer"), n.load_balancers.get, _balancer),
        look.at(_of_type(balancers, "applicationGateway"), n.application_gateways.get, _gateway),
    )
    facts, has_group = await asyncio.gather(named, of_its_own)
    return NetworkFacts(*facts, has_group=has_group, silent=look.silent)


def _of_type(balancers: Iterable[LoadBalancer], kind: str) -> list[Named]:
    return [
        Named(name=one.name, resource_group_name=one.resource_group_name)
        for one in balancers
        if one.type == kind
    ]


class _Look:
    """Looks things up, and remembers what Azure would not tell."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.silent = ""

    async def at(
        self, wanted: Iterable[Named], get: Get, read: Callable[[Any], T]
    ) -> dict[Key, T | None]:
        """Return what each resource is; None for one that two looks did not find."""
        named = list({key_of(one): one for one in wanted}.values())
        told = await asyncio.gather(*(self._one(one, get, read) for one in named))
        return {
            key_of(one): facts for one, (facts, known) in zip(named, told, strict=True) if known
        }

    async def has_group(self, group: str, get: Get) -> bool:
        """Tell whether a resource group is there; False once two looks did not find it."""
        try:
            if await _is_missing(group, get):
                await self._clock.sleep(LOOK_AGAIN_S)
                return not await _is_missing(group, get)
        except AzureError as error:
            self.silent = self.silent or type(error).__name__
        return True

    async def _one(self, named: Named, get: Get, read: Callable[[Any], T]) -> tuple[T | None, bool]:
        try:
            there = await found(get(named.resource_group_name, named.name))
            if there is None:
                await self._clock.sleep(LOOK_AGAIN_S)
                there = await found(get(named.resource_group_name, named.name))
        except AzureError as error:
            self.silent = self.silent or type(error).__name__
            return None, False
        return (None if there is None else read(there)), True


async def _is_missing(group: str, get: Get) -> bool:
    try:
        await get(group, NOTHING)
    except ResourceNotFoundError as missing:
        return getattr(missing.error, "code", "") == NO_GROUP
    return False


def _region(resource: Any) -> str:
    return str(resource.location or "")


def _vnet(vnet: Any) -> VnetFacts:
    subnets = {}
    for one in vnet.properties.subnets or ():
        several = one.properties.address_prefixes or ()
        single = one.properties.address_prefix
        subnets[str(one.name).lower()] = tuple(several) or ((single,) if single else ())
    return VnetFacts(_region(vnet), subnets)


def _address(address: Any) -> AddressFacts:
    sku = word(address.sku.name) if address.sku else "Basic"
    version = word(address.properties.public_ip_address_version) or "IPv4"
    return AddressFacts(_region(address), sku, version)


def _balancer(balancer: Any) -> BalancerFacts:
    sku = word(balancer.sku.name) if balancer.sku else "Basic"
    return BalancerFacts(_region(balancer), sku, _pools(balancer))


def _gateway(gateway: Any) -> BalancerFacts:
    sku = gateway.properties.sku
    return BalancerFacts(_region(gateway), word(sku.name) if sku else "", _pools(gateway))


def _pools(balancer: Any) -> frozenset[str]:
    return frozenset(
        str(one.name).lower() for one in balancer.properties.backend_address_pools or ()
    )
