"""Network interfaces and public addresses of a node."""

import asyncio
from typing import Any, Final

from azure.mgmt.network import models as n

from activities.azure.clients import Azure
from activities.azure.ensure import ensure, found
from activities.azure.errors import answering
from activities.ports import Ports, headers, is_ours, journalled
from activities.vm_body import tags_of
from activities.vm_read import with_addresses
from shared.contracts.base import Refused, StillRunning, Work
from shared.contracts.nic import EnsureNics, NicsReady
from shared.model.network import Named, Network, NetworkInterface
from shared.model.node import NodeDocument
from shared.model.run import NicRef
from shared.model.wire import from_stored
from shared.names import nic_name, public_ip_name, resource_id, stem

NETWORK: Final = "Microsoft.Network"
ALL_ZONES: Final = ("1", "2", "3")


@answering
async def ensure_nics(request: EnsureNics, *, ports: Ports) -> NicsReady | Refused | StillRunning:
    """Make the document's NICs and public IPs, in parallel; return them with their addresses.

    Idempotent: names come from node, place in the list and generation. What is there under a
    name and is not the node's is refused, never taken.
    """
    record = await ports.stores.nodes.get(request.work.key)
    if record is None:
        return Refused(code="NodeGone", message="the node was deleted")
    document = from_stored(record.document)
    network = document.compute.launch_specification.network
    azure = await ports.azure_of(request.work)
    ordered = sorted(network.network_interfaces, key=lambda nic: not nic.is_primary)
    tasks = [_ensure_nic(azure, request, document, index, ports) for index in range(len(ordered))]
    made = await asyncio.gather(*tasks)
    nics: list[NicRef] = []
    for one in made:
        if not isinstance(one, NicRef):
            return one
        nics.append(one)
    return NicsReady(nics=await with_addresses(azure, tuple(nics)))


async def _ensure_nic(
    azure: Azure, request: EnsureNics, document: NodeDocument, index: int, ports: Ports
) -> NicRef | Refused | StillRunning:
    work = request.work
    network = document.compute.launch_specification.network
    spec = sorted(network.network_interfaces, key=lambda nic: not nic.is_primary)[index]
    public_ip: str | None = None
    if spec.assign_public_ip:
        address = await _public_ip(azure, request, document, index, ports)
        if not isinstance(address, str):
            return address
        public_ip = address
    name = nic_name(stem(work.key), index, request.generation)
    nic_id = resource_id(
        work.subscription_id, work.resource_group, f"{NETWORK}/networkInterfaces", name
    )
    tags = tags_of(document, work, request.generation)
    private = await _free_private_address(azure, network, spec)
    body = _nic_body(document, spec, work, tags, (private, public_ip))
    operations = azure.network.network_interfaces
    async with journalled(ports, work, f"create_nic{index}", nic_id):
        made = await ensure(
            lambda: operations.get(work.resource_group, name),
            lambda polling, token: operations.begin_create_or_update(
                work.resource_group,
                name,
                body,
                polling=polling,
                continuation_token=token,
                headers=headers(work),
            ),
            ports.clock,
        )
    if isinstance(made, StillRunning):
        return made
    if not is_ours(made.tags, work):
        return Refused(code="NotOurs", message=f"{nic_id} exists and is not this node's")
    return NicRef(id=nic_id, name=name, is_primary=spec.is_primary)


async def _free_private_address(
    azure: Azure, network: Network, spec: NetworkInterface
) -> str | None:
    """Return the first address of the pool that Azure calls free; None: a dynamic one."""
    for address in spec.private_ip_addresses or ():
        answer = await azure.network.virtual_networks.check_ip_address_availability(
            network.resource_group_name, network.virtual_network_name, ip_address=address
        )
        if answer.available:
            return address
    return None


def _nic_body(
    document: NodeDocument,
    spec: NetworkInterface,
    work: Work,
    tags: dict[str, str],
    addresses: tuple[str | None, str | None],
) -> n.NetworkInterface:
    private, public_ip = addresses
    network = document.compute.launch_specification.network
    vnet = _id(
        work,
        Named(name=network.virtual_network_name, resource_group_name=network.resource_group_name),
        "virtualNetworks",
    )
    subnet = n.Subnet(id=f"{vnet}/subnets/{spec.subnet_name}")
    groups = [
        n.ApplicationSecurityGroup(id=_id(work, one, "applicationSecurityGroups"))
        for one in spec.application_security_groups or ()
    ]
    first = n.NetworkInterfaceIPConfigurationPropertiesFormat(
        primary=True,
        subnet=subnet,
        private_ip_allocation_method="Static" if private else "Dynamic",
        private_ip_address=private,
        public_ip_address=n.PublicIPAddress(id=public_ip) if public_ip else None,
        application_security_groups=groups or None,
    )
    configurations = [n.NetworkInterfaceIPConfiguration(name="primary", properties=first)]
    for more in spec.additional_ip_configurations or ():
        properties = n.NetworkInterfaceIPConfigurationPropertiesFormat(
            primary=False, subnet=subnet, private_ip_address_version=more.private_ip_address_version
        )
        configurations.append(
            n.NetworkInterfaceIPConfiguration(name=more.name, properties=properties)
        )
    guard = spec.network_security_group
    nsg = n.NetworkSecurityGroup(id=_id(work, guard, "networkSecurityGroups")) if guard else None
    properties_ = n.NetworkInterfacePropertiesFormat(
        ip_configurations=configurations,
        network_security_group=nsg,
        enable_ip_forwarding=bool(spec.enable_ip_forwarding),
    )
    return n.NetworkInterface(location=document.region, tags=tags, properties=properties_)


def _id(work: Work, named: Named, kind: str) -> str:
    return resource_id(
        work.subscription_id, named.resource_group_name, f"{NETWORK}/{kind}", named.name
    )


async def _public_ip(
    azure: Azure, request: EnsureNics, document: NodeDocument, index: int, ports: Ports
) -> str | Refused | StillRunning:
    """Return the ARM id of a free address of the pool, or of one made for this NIC."""
    work = request.work
    network = document.compute.launch_specification.network
    spec = sorted(network.network_interfaces, key=lambda nic: not nic.is_primary)[index]
    for pooled in spec.public_ips or ():
        there = await found(
            azure.network.public_ip_addresses.get(pooled.resource_group_name, pooled.name)
        )
        if there is None:
            missing = f"public IP {pooled.name} is not in {pooled.resource_group_name}"
            return Refused(code="PublicIpNotFound", message=missing)
        if there.properties is None or there.properties.ip_configuration is None:
            return str(there.id)
    name = public_ip_name(stem(work.key), index, request.generation)
    ip_id = resource_id(
        work.subscription_id, work.resource_group, f"{NETWORK}/publicIPAddresses", name
    )
    sku = spec.public_ip_sku or "Standard"
    body = n.PublicIPAddress(
        location=document.region,
        tags=tags_of(document, work, request.generation),
        sku=n.PublicIPAddressSku(name=sku),
        # In all zones: the address must serve a VM of whichever zone has room.
        zones=list(ALL_ZONES) if sku == "Standard" and document.compute.zones else None,
        properties=n.PublicIPAddressPropertiesFormat(public_ip_allocation_method="Static"),
    )
    operations = azure.network.public_ip_addresses
    async with journalled(ports, work, f"create_ip{index}", ip_id):
        made: Any = await ensure(
            lambda: operations.get(work.resource_group, name),
            lambda polling, token: operations.begin_create_or_update(
                work.resource_group,
                name,
                body,
                polling=polling,
                continuation_token=token,
                headers=headers(work),
            ),
            ports.clock,
        )
    return made if isinstance(made, StillRunning) else ip_id
