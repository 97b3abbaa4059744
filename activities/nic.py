"""Network interfaces and public addresses of a node."""

from typing import Any, Final

from azure.mgmt.network import models as n

from activities.azure.clients import Azure
from activities.azure.ensure import all_of, ensure, found, make, settled
from activities.azure.errors import Refusal, answering
from activities.ports import Ports, headers, is_ours, journalled
from activities.vm_body import tags_of
from activities.vm_read import with_addresses
from shared.contracts.base import Changed, Refused, StillRunning, Work
from shared.contracts.nic import EnsureNics, NicsReady
from shared.model.network import Named, Network, NetworkInterface
from shared.model.node import NodeDocument
from shared.model.run import NicRef
from shared.model.wire import from_stored
from shared.names import nic_name, public_ip_name, resource_id, stem

NETWORK: Final = "Microsoft.Network"
ALL_ZONES: Final = ("1", "2", "3")


@answering
async def ensure_nics(
    request: EnsureNics, *, ports: Ports
) -> NicsReady | Refused | Changed | StillRunning | Refusal:
    """Make the document's NICs and public IPs, in parallel; return them with their addresses.

    Idempotent: names come from node, place in the list and generation. What is there under a
    name and is not the node's is refused, never taken. A refusal of one tells what may have been
    made of all.
    """
    record = await ports.stores.nodes.get(request.work.key)
    if record is None:
        return Refused(code="NodeGone", message="the node was deleted")
    document = from_stored(record.document)
    azure = await ports.azure_of(request.work)
    count = len(_ordered(document))
    tasks = [_ensure_nic(azure, request, document, index, ports) for index in range(count)]
    nics: list[NicRef] = []
    for one in await all_of(tasks):
        if isinstance(one, Refused | Changed):
            return one.model_copy(update={"made": _ids(request, count)})
        if not isinstance(one, NicRef):
            return one
        nics.append(one)
    return NicsReady(nics=await with_addresses(azure, tuple(nics)))


def _ids(request: EnsureNics, count: int) -> tuple[str, ...]:
    """Return the ids of all that this step makes, users of others first."""
    work, generation = request.work, request.generation
    root = stem(work.key)
    names = [("networkInterfaces", nic_name(root, index, generation)) for index in range(count)]
    names += [
        ("publicIPAddresses", public_ip_name(root, index, generation)) for index in range(count)
    ]
    return tuple(
        resource_id(work.subscription_id, work.resource_group, f"{NETWORK}/{kind}", name)
        for kind, name in names
    )


@answering
async def _ensure_nic(
    azure: Azure, request: EnsureNics, document: NodeDocument, index: int, ports: Ports
) -> NicRef | Refused | StillRunning:
    """Find the NIC, or make it; nothing is made for one that is there."""
    work = request.work
    spec = _ordered(document)[index]
    name = nic_name(stem(work.key), index, request.generation)
    nic_id = resource_id(
        work.subscription_id, work.resource_group, f"{NETWORK}/networkInterfaces", name
    )
    operations = azure.network.network_interfaces
    nic = await settled(lambda: operations.get(work.resource_group, name), ports.clock)
    if nic is None:
        public_ip = await _public_ip(azure, request, document, index, ports)
        if isinstance(public_ip, Refused | StillRunning):
            return public_ip
        network = document.compute.launch_specification.network
        private = await _free_private_address(azure, network, spec)
        tags = tags_of(document, work, request.generation)
        body = _nic_body(document, spec, work, tags, (private, public_ip))
        async with journalled(ports, work, f"create_nic{index}", nic_id):
            nic = await make(
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
    if isinstance(nic, StillRunning):
        return nic
    if not is_ours(nic.tags, work):
        return Refused(code="NotOurs", message=f"{nic_id} exists and is not this node's")
    return NicRef(id=nic_id, name=name, is_primary=spec.is_primary)


def _ordered(document: NodeDocument) -> list[NetworkInterface]:
    """Return the document's interfaces, the primary one first."""
    interfaces = document.compute.launch_specification.network.network_interfaces
    return sorted(interfaces, key=lambda nic: not nic.is_primary)


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
) -> str | Refused | StillRunning | None:
    """Return the ARM id of a free address of the pool, or of one made for this NIC, if wanted."""
    work, spec = request.work, _ordered(document)[index]
    if not spec.assign_public_ip:
        return None
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
    if isinstance(made, StillRunning):
        return made
    if not is_ours(made.tags, work):
        return Refused(code="NotOurs", message=f"{ip_id} exists and is not this node's")
    return ip_id
