"""What a NIC is to be: its body, and whether one that is there is so."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from typing import Any, Final

from azure.mgmt.network import models as n

from activities.azure.words import word
from activities.nic_read import primary_configuration
from activities.vm_body import tags_of
from shared.contracts.base import Work
from shared.model.network import Named, NetworkInterface
from shared.model.node import NodeDocument
from shared.names import nic_name, public_ip_name, resource_id, stem

NETWORK: Final = "Microsoft.Network"
PRIMARY: Final = "primary"
"""Name of the first IP configuration."""


@dataclass(frozen=True)
class Plan:
    """One NIC of the document, for one generation."""

    work: Work
    document: NodeDocument
    spec: NetworkInterface
    index: int
    generation: int
    zone: str | None
    """Where the VM is to land: an address of another zone does not serve it."""
    accelerated: bool | None
    """Whether the size of that VM has accelerated networking; None: not known."""

    @cached_property
    def name(self) -> str:
        """The NIC's name."""
        return nic_name(stem(self.work.key), self.index, self.generation)

    @cached_property
    def id(self) -> str:
        """The NIC's ARM id."""
        return self._own("networkInterfaces", self.name)

    @cached_property
    def address_name(self) -> str:
        """The name of the public address that is made for this NIC if the pool has none."""
        return public_ip_name(stem(self.work.key), self.index, self.generation)

    @cached_property
    def address_id(self) -> str:
        """The ARM id of that address."""
        return self._own("publicIPAddresses", self.address_name)

    @property
    def pool(self) -> dict[str, tuple[str, ...]]:
        """The private addresses to choose from, by the IP configuration that they are for.

        Those of IPv4 are for the primary one, those of IPv6 for the first of that version.
        """
        given = [ip_address(one) for one in self.spec.private_ip_addresses or ()]
        more = self.spec.additional_ip_configurations or ()
        six = next((one.name for one in more if one.private_ip_address_version == "IPv6"), None)
        names = {4: PRIMARY, 6: six}
        pools = {
            name: tuple(str(one) for one in given if one.version == version)
            for version, name in names.items()
            if name
        }
        return {name: pool for name, pool in pools.items() if pool}

    def id_of(self, named: Named, kind: str) -> str:
        """Return the ARM id of a network resource that the document names."""
        group = named.resource_group_name
        return resource_id(self.work.subscription_id, group, f"{NETWORK}/{kind}", named.name)

    def _own(self, kind: str, name: str) -> str:
        work = self.work
        return resource_id(work.subscription_id, work.resource_group, f"{NETWORK}/{kind}", name)


def plans_of(
    document: NodeDocument, work: Work, generation: int, market: tuple[str | None, bool | None]
) -> tuple[Plan, ...]:
    """Return a plan for each NIC of the document, the primary one first.

    `market`: the zone, and whether the size there has accelerated networking.
    """
    interfaces = document.compute.launch_specification.network.network_interfaces
    ordered = sorted(interfaces, key=lambda nic: not nic.is_primary)
    return tuple(
        Plan(work, document, spec, index, generation, *market) for index, spec in enumerate(ordered)
    )


def nic_body(plan: Plan, private: Mapping[str, str], public_id: str | None) -> n.NetworkInterface:
    """Return the whole NIC; `private` are its static addresses by configuration."""
    spec, network = plan.spec, plan.document.compute.launch_specification.network
    vnet = Named(name=network.virtual_network_name, resource_group_name=network.resource_group_name)
    subnet_id = f"{plan.id_of(vnet, 'virtualNetworks')}/subnets/{spec.subnet_name}"
    versions = {PRIMARY: "IPv4"} | {
        one.name: str(one.private_ip_address_version)
        for one in spec.additional_ip_configurations or ()
    }
    guard = spec.network_security_group
    nsg_id = plan.id_of(guard, "networkSecurityGroups") if guard else None
    properties = n.NetworkInterfacePropertiesFormat(
        ip_configurations=[
            _configuration(plan, name, version, subnet_id, (private.get(name), public_id))
            for name, version in versions.items()
        ],
        network_security_group=n.NetworkSecurityGroup(id=nsg_id) if nsg_id else None,
        enable_ip_forwarding=bool(spec.enable_ip_forwarding),
        enable_accelerated_networking=bool(plan.accelerated),
    )
    tags = tags_of(plan.document, plan.work, plan.generation)
    return n.NetworkInterface(location=plan.document.region, tags=tags, properties=properties)


def _configuration(
    plan: Plan, name: str, version: str, subnet_id: str, addresses: tuple[str | None, str | None]
) -> n.NetworkInterfaceIPConfiguration:
    """Return one IP configuration.

    The groups are on each: Azure wants the same ones on all that are of IPv4, and the rules of IPv6
    would not know the NIC otherwise.
    """
    private, public_id = addresses
    first = name == PRIMARY
    groups = [
        n.ApplicationSecurityGroup(id=plan.id_of(one, "applicationSecurityGroups"))
        for one in plan.spec.application_security_groups or ()
    ]
    properties = n.NetworkInterfaceIPConfigurationPropertiesFormat(
        primary=first,
        subnet=n.Subnet(id=subnet_id),
        private_ip_address_version=version,
        private_ip_allocation_method="Static" if private else "Dynamic",
        private_ip_address=private,
        public_ip_address=n.PublicIPAddress(id=public_id) if first and public_id else None,
        application_security_groups=groups or None,
    )
    return n.NetworkInterfaceIPConfiguration(name=name, properties=properties)


def is_as_planned(nic: Any, plan: Plan) -> bool:
    """Tell whether a NIC is what the document asks for, but for its public address."""
    wanted = nic_body(plan, {}, None)
    return (
        _shape(nic) == _shape(wanted)
        and not off_pool(nic, plan)
        and is_accelerated_as(nic, wanted=plan.accelerated)
    )


def is_accelerated_as(nic: Any, *, wanted: bool | None) -> bool:
    """Tell whether accelerated networking is as the size wants it; None: whatever it is.

    A NIC that a VM has is only slowed down where it must be: the size that it gets may have none.
    """
    is_on = bool(nic.properties.enable_accelerated_networking)
    return wanted in (None, is_on) or (not is_on and nic.properties.virtual_machine is not None)


def off_pool(nic: Any, plan: Plan) -> bool:
    """Tell whether the NIC has a static address that its pool does not name."""
    return any(static_address(nic, name) not in (None, *pool) for name, pool in plan.pool.items())


def static_address(nic: Any, name: str) -> str | None:
    """Return the static address of an IP configuration; None: it has none."""
    for one in nic.properties.ip_configurations or ():
        is_static = word(one.properties.private_ip_allocation_method).lower() == "static"
        if str(one.name).lower() == name.lower() and is_static:
            return str(ip_address(one.properties.private_ip_address))
    return None


def public_id_of(nic: Any) -> str | None:
    """Return the ARM id of the public address of a NIC; None: it has none."""
    public = primary_configuration(nic).properties.public_ip_address
    return str(public.id) if public else None


def _shape(nic: Any) -> Any:
    """Return what an edit of the document can change, comparable: ids without case."""
    properties = nic.properties
    guard = properties.network_security_group
    configurations = {
        str(one.name).lower(): (
            word(one.properties.private_ip_address_version) or "IPv4",
            str(one.properties.subnet.id).lower(),
            frozenset(
                str(group.id).lower() for group in one.properties.application_security_groups or ()
            ),
        )
        for one in properties.ip_configurations or ()
    }
    return (
        configurations,
        str(guard.id).lower() if guard else "",
        bool(properties.enable_ip_forwarding),
    )
