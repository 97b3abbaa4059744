"""Read a managed disk."""

from typing import Any, Final

from azure.core.exceptions import ResourceNotFoundError

from activities.azure.clients import Azure
from activities.azure.ensure import found
from activities.azure.words import word
from activities.os_facts import security_of
from shared.model.disk_facts import DiskFacts
from shared.names import TAG_NODE, parts_of

FREE: Final = frozenset({"", "Unattached"})
"""States of a disk that nobody uses. Source: azure-mgmt-compute, DiskState."""


NO_GROUP: Final = "ResourceGroupNotFound"


class GroupNotFoundError(Exception):
    """There is no such resource group."""


async def get_disk(azure: Azure, disk_id: str) -> Any:
    """Return a disk as the SDK reads it, or None."""
    group, _, name = parts_of(disk_id)
    return await found(azure.compute.disks.get(group, name))


async def read_disk(azure: Azure, disk_id: str) -> DiskFacts | None:
    """Return what a disk is, or None. One read; raises AzureError where Azure does not answer."""
    disk = await get_disk(azure, disk_id)
    return None if disk is None else disk_facts(disk)


async def look_up_disk(azure: Azure, disk_id: str) -> DiskFacts | None:
    """Return what a disk is, or None. Raises GroupNotFoundError where its group is not there."""
    group, _, name = parts_of(disk_id)
    try:
        return disk_facts(await azure.compute.disks.get(group, name))
    except ResourceNotFoundError as missing:
        if getattr(missing.error, "code", "") == NO_GROUP:
            raise GroupNotFoundError(group) from missing
        return None


def disk_facts(disk: Any) -> DiskFacts:
    """Return what a disk is."""
    p = disk.properties
    zones = [*(disk.zones or ())]
    can = p.supported_capabilities
    return DiskFacts(
        id=disk.id,
        name=disk.name,
        region=disk.location,
        zone=zones[0] if len(zones) == 1 else None,
        sku=word(disk.sku.name) if disk.sku else "",
        size_gib=p.disk_size_gb,
        os_type=word(p.os_type),
        generation=word(p.hyper_v_generation),
        architecture=word(can.architecture if can else None) or "x64",
        security_type=security_of(disk),
        user=disk.managed_by or "",
        made_from=(p.creation_data.source_resource_id if p.creation_data else None) or "",
        is_free=not disk.managed_by and word(p.disk_state) in FREE,
        node_id=(disk.tags or {}).get(TAG_NODE, ""),
    )
