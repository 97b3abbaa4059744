"""Read what a node has in Azure, to be shown: reads only, nothing waits for anything."""

import asyncio
from collections.abc import Awaitable, Iterable
from datetime import datetime
from typing import Any, Final, TypeVar

from azure.core.exceptions import AzureError

from activities.azure.clients import Azure
from activities.azure.ensure import found
from activities.azure.words import word
from activities.disk_read import read_disk
from shared.model.disk_facts import DiskFacts
from shared.model.resources import (
    IpConfigurationShown,
    NicShown,
    PublicIpShown,
    Shown,
    SubnetShown,
)
from shared.model.row import Row
from shared.model.run import NicRef
from shared.names import parts_of

T = TypeVar("T")
NETWORK_PART: Final = 7
"""Where the network's name is in the ARM id of its subnet, split at slashes."""
WHOLE: Final = 100.0


class SnapshotFacts(Row):
    """A snapshot that can be restored."""

    id: str
    disk_id: str
    taken_at: datetime


async def nics_shown(azure: Azure, nics: Iterable[NicRef]) -> tuple[NicShown, ...]:
    """Return NICs as Azure tells them; one that it does not tell, as our rows know it."""
    return tuple(await asyncio.gather(*(_nic(azure, nic) for nic in nics)))


async def disks_read(azure: Azure, disk_ids: Iterable[str]) -> dict[str, DiskFacts]:
    """Return disks by lower-case id; those that Azure does not tell are left out."""
    read = await asyncio.gather(*(_told(read_disk(azure, one)) for one in disk_ids))
    return {disk.id.lower(): disk for disk in read if disk}


async def snapshots_read(azure: Azure, ids: Iterable[str]) -> tuple[SnapshotFacts, ...]:
    """Return the snapshots that are complete; those that Azure does not tell are left out."""
    read = await asyncio.gather(*(_told(_snapshot(azure, one)) for one in ids))
    return tuple(one for one in read if one)


async def _told(asked: Awaitable[T | None]) -> T | None:
    try:
        return await asked
    except AzureError:
        return None


async def _snapshot(azure: Azure, snapshot_id: str) -> SnapshotFacts | None:
    group, _, name = parts_of(snapshot_id)
    snapshot: Any = await found(azure.compute.snapshots.get(group, name))
    if snapshot is None or word(snapshot.properties.provisioning_state) != "Succeeded":
        return None
    p = snapshot.properties
    if p.completion_percent is not None and p.completion_percent < WHOLE:
        return None
    source = p.creation_data.source_resource_id or ""
    return SnapshotFacts(id=snapshot.id, disk_id=source, taken_at=p.time_created)


async def _nic(azure: Azure, ref: NicRef) -> NicShown:
    group, _, name = parts_of(ref.id)
    nic: Any = await _told(found(azure.network.network_interfaces.get(group, name)))
    if nic is None:
        return _as_known(ref)
    p = nic.properties
    shown = [_configuration(azure, one) for one in p.ip_configurations or ()]
    return NicShown(
        name=name,
        resource_group_name=group,
        is_primary=ref.is_primary,
        network_security_group=_shown(p.network_security_group),
        ip_configurations=tuple(await asyncio.gather(*shown)),
        enable_accelerated_networking=bool(p.enable_accelerated_networking),
        enable_ip_forwarding=bool(p.enable_ip_forwarding),
        mac_address=p.mac_address,
    )


def _as_known(ref: NicRef) -> NicShown:
    group, _, name = parts_of(ref.id)
    public = None
    if ref.public_ip_id:
        ip_group, _, ip_name = parts_of(ref.public_ip_id)
        public = PublicIpShown(name=ip_name, resource_group_name=ip_group, ip_address=ref.public_ip)
    address = IpConfigurationShown(
        name="primary",
        is_primary=True,
        primary=True,
        public_ip=public,
        private_ip_address=ref.private_ip,
    )
    return NicShown(
        name=name,
        resource_group_name=group,
        is_primary=ref.is_primary,
        ip_configurations=(address,),
    )


async def _configuration(azure: Azure, configuration: Any) -> IpConfigurationShown:
    p = configuration.properties
    subnet, public = await asyncio.gather(
        _subnet(azure, p.subnet), _public_ip(azure, p.public_ip_address)
    )
    groups = [_shown(one) for one in p.application_security_groups or ()]
    return IpConfigurationShown(
        name=configuration.name,
        is_primary=bool(p.primary),
        primary=bool(p.primary),
        subnet=subnet,
        public_ip=public,
        private_ip_address=p.private_ip_address,
        private_ip_address_version=word(p.private_ip_address_version) or None,
        private_ip_allocation_method=word(p.private_ip_allocation_method) or None,
        application_security_groups=tuple(one for one in groups if one),
    )


def _shown(resource: Any) -> Shown | None:
    if resource is None or not resource.id:
        return None
    group, _, name = parts_of(resource.id)
    return Shown(name=name, resource_group_name=group)


async def _subnet(azure: Azure, subnet: Any) -> SubnetShown | None:
    if subnet is None or not subnet.id:
        return None
    group, _, name = parts_of(subnet.id)
    network = subnet.id.strip("/").split("/")[NETWORK_PART]
    read: Any = await _told(found(azure.network.subnets.get(group, network, name)))
    prefix = None
    if read is not None:
        p = read.properties
        prefix = p.address_prefix or next(iter(p.address_prefixes or ()), None)
    return SubnetShown(name=name, resource_group_name=group, address_prefix=prefix)


async def _public_ip(azure: Azure, address: Any) -> PublicIpShown | None:
    if address is None or not address.id:
        return None
    group, _, name = parts_of(address.id)
    read: Any = await _told(found(azure.network.public_ip_addresses.get(group, name)))
    if read is None:
        return PublicIpShown(name=name, resource_group_name=group)
    return PublicIpShown(
        name=name,
        resource_group_name=group,
        ip_address=read.properties.ip_address,
        sku_name=word(read.sku.name) if read.sku else None,
    )
