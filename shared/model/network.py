"""Network interfaces and load balancers of a node."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from shared.model.fields import (
    Also,
    EmptyIsNull,
    Flag,
    IpAddress,
    Part,
    ResourceGroupName,
    ResourceName,
    Word,
)


def _capitalized(value: Any) -> Any:
    return value.capitalize() if isinstance(value, str) else value


PublicIpSku = Annotated[Literal["Standard", "Basic"], BeforeValidator(_capitalized)]
"""Clients also write STANDARD and BASIC."""


class Named(Part):
    """An Azure resource of the node's subscription, by name."""

    name: ResourceName
    resource_group_name: ResourceGroupName


class AdditionalIpConfiguration(Part):
    """One more private address on a NIC."""

    name: ResourceName
    private_ip_address_version: Annotated[
        Literal["IPv4", "IPv6"], Also("privateIPAddressVersion")
    ] = "IPv4"


class NetworkInterface(Part):
    """One NIC."""

    is_primary: Flag
    subnet_name: ResourceName
    assign_public_ip: Flag | None = None
    public_ip_sku: Annotated[PublicIpSku | None, EmptyIsNull()] = None
    network_security_group: Named | None = None
    application_security_groups: tuple[Named, ...] | None = None
    enable_ip_forwarding: Flag | None = None
    private_ip_addresses: tuple[IpAddress, ...] | None = None
    """Pool: a free one is taken; none free means a dynamic address."""
    public_ips: tuple[Named, ...] | None = None
    """Pool: as above, with a new public IP at the end."""
    additional_ip_configurations: tuple[AdditionalIpConfiguration, ...] | None = None

    @property
    def address_sku(self) -> str:
        """The SKU of a public address of ours."""
        return self.public_ip_sku or "Standard"


class Network(Part):
    """Where the node's NICs are."""

    resource_group_name: ResourceGroupName
    virtual_network_name: ResourceName
    network_interfaces: tuple[NetworkInterface, ...]


class LoadBalancer(Part):
    """A load balancer or application gateway whose backend pools the VM joins."""

    type: Literal["loadBalancer", "applicationGateway"]
    resource_group_name: ResourceGroupName
    name: ResourceName
    backend_pool_names: tuple[ResourceName, ...]
    load_balancer_sku: Word | None = None


class LoadBalancersConfig(Part):
    """Backend pools that the node's VM joins."""

    load_balancers: tuple[LoadBalancer, ...] | None = None
