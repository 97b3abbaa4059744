"""Read the network interfaces of a VM that somebody wants to import."""

from typing import Any, Final

from activities.azure.clients import Azure
from activities.azure.ensure import found
from activities.azure.words import word
from shared.contracts.source import NicPools
from shared.model.source import SourceConfiguration, SourceNic, SourcePlace, SourcePool
from shared.names import parts_of

GATEWAYS: Final = "microsoft.network/applicationgateways"
_POOL_STEPS: Final = 2
"""`/backendAddressPools/NAME` at the end of a pool's id: the rest is its owner's."""


async def read_nic(azure: Azure, nic_id: str, *, is_primary: bool) -> SourceNic | None:
    """Return a NIC as it is now, or None. Raises azure.core's AzureError."""
    group, _, name = parts_of(nic_id)
    nic: Any = await found(azure.network.network_interfaces.get(group, name))
    if nic is None:
        return None
    p = nic.properties
    first, more = _in_order(p.ip_configurations or ())
    subnet = first.properties.subnet.id
    guard = p.network_security_group
    public = first.properties.public_ip_address
    sku, zone = await _address(azure, public.id) if public else ("", None)
    return SourceNic(
        id=nic.id,
        name=nic.name,
        is_primary=is_primary,
        network=place(subnet.rsplit("/", _POOL_STEPS)[0]),
        subnet=subnet.rsplit("/", 1)[-1],
        public_ip_sku=sku,
        public_ip_zone=zone,
        security_group=place(guard.id) if guard else None,
        application_groups=tuple(
            place(one.id) for one in first.properties.application_security_groups or ()
        ),
        forwarding=bool(p.enable_ip_forwarding),
        configurations=tuple(
            SourceConfiguration(
                name=one.name,
                version=word(one.properties.private_ip_address_version) or "IPv4",
            )
            for one in more
        ),
        pools=_pools(p.ip_configurations or ()),
    )


def _in_order(configurations: Any) -> tuple[Any, list[Any]]:
    """Return the primary IP configuration, and the others."""
    first = next((one for one in configurations if one.properties.primary), configurations[0])
    return first, [one for one in configurations if one is not first]


async def _address(azure: Azure, public_ip_id: str) -> tuple[str, str | None]:
    """Return the SKU of a public address, and its zone if it serves one alone."""
    group, _, name = parts_of(public_ip_id)
    address: Any = await found(azure.network.public_ip_addresses.get(group, name))
    zones = list(address.zones or ()) if address else []
    sku = word(address.sku.name) if address and address.sku else ""
    return sku or "Standard", zones[0] if len(zones) == 1 else None


def _pools(configurations: Any) -> tuple[SourcePool, ...]:
    pools: dict[SourcePool, None] = {}
    for one in configurations:
        p = one.properties
        listed = [
            *(p.load_balancer_backend_address_pools or ()),
            *(p.application_gateway_backend_address_pools or ()),
        ]
        for pool in listed:
            owner = pool.id.rsplit("/", _POOL_STEPS)[0]
            pools[
                SourcePool(
                    balancer=place(owner),
                    name=pool.id.rsplit("/", 1)[-1],
                    gateway=parts_of(owner)[1] == GATEWAYS,
                )
            ] = None
    return tuple(pools)


async def pools_of_nic(azure: Azure, nic_id: str) -> tuple[NicPools, ...]:
    """Return the configurations of a NIC that are in backend pools. Raises AzureError."""
    group, _, name = parts_of(nic_id)
    nic: Any = await azure.network.network_interfaces.get(group, name)
    told = [
        NicPools(
            nic_id=nic_id,
            configuration=one.name,
            balancer_pool_ids=tuple(
                pool.id for pool in one.properties.load_balancer_backend_address_pools or ()
            ),
            gateway_pool_ids=tuple(
                pool.id for pool in one.properties.application_gateway_backend_address_pools or ()
            ),
        )
        for one in nic.properties.ip_configurations or ()
    ]
    return tuple(one for one in told if one.balancer_pool_ids or one.gateway_pool_ids)


def place(arm_id: str) -> SourcePlace:
    """Return the name, group and subscription in an ARM id."""
    group, _, name = parts_of(arm_id)
    return SourcePlace(name=name, group=group, subscription_id=arm_id.strip("/").split("/")[1])
