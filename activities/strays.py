"""What is left of a VM that was asked for and never seen."""

from datetime import datetime
from typing import Any

from activities.azure.clients import Azure
from activities.azure.ensure import all_of
from activities.azure.words import word
from activities.disk_read import get_disk
from activities.ports import Ports, is_ours
from activities.vm_plan import Blueprint
from activities.vm_read import surely, with_addresses
from activities.vm_storage import fresh_disks, storage_profile
from shared.contracts.base import Changed, StillRunning
from shared.contracts.vm import VmUp
from shared.model.run import DiskRef, Vm
from shared.names import parts_of, resource_id, same_id

DISKS = "Microsoft.Compute/disks"


async def left_by_lost_vm(
    azure: Azure, plan: Blueprint, vm_id: str, ports: Ports
) -> Changed | StillRunning | None:
    """Tell what a VM has left under whose disk names another is to be made; None: nothing.

    Its disks are told as strays: shared/policy/strays.py says why they are neither deleted nor
    used. Only disks with the node's tag that this VM does not have are; and only once the VM is
    not there at two more looks, for a read of it may lag behind. StillRunning: it is there.
    Reads only.
    """
    ids = ids_of_fresh_disks(plan)
    disks = await all_of(get_disk(azure, one) for one in ids)
    left = tuple(one for one, disk in zip(ids, disks, strict=True) if _is_stray(disk, plan, vm_id))
    if not left:
        return None
    if await surely(azure, vm_id, ports.clock) is not None:
        return StillRunning(token="")
    message = f"{parts_of(vm_id)[2]} was asked for and is not there; {len(left)} disks are"
    return Changed(code="VmLost", message=message, strays=left)


async def gone_after_run(azure: Azure, plan: Blueprint, vm_id: str, since: datetime) -> VmUp | None:
    """Return a VM that Azure says it has made and that is gone, as one that was taken at once.

    Its disks have booted, so they are the node's and the next VM has them. None: the OS disk is
    gone, too. Reads only.
    """
    request, profile = plan.request, storage_profile(plan)
    fresh = dict(zip(fresh_disks(plan), ids_of_fresh_disks(plan), strict=True))
    luns = {str(one.name): one.lun for one in profile.data_disks or ()}
    found = await all_of(get_disk(azure, one) for one in fresh.values())
    refs = [
        _ref(disk, luns.get(str(disk.name)))
        for disk in found
        if disk is not None and is_ours(disk.tags, request.work)
    ]
    os_disk = request.os_disk or next((one for one in refs if one.lun is None), None)
    if os_disk is None:
        return None
    market = request.market
    vm = Vm(
        id=vm_id,
        name=request.name,
        size=market.size,
        zone=market.zone,
        lifecycle=market.lifecycle,
        launched_at=since,
    )
    data = (*request.data_disks, *(one for one in refs if one.lun is not None))
    nics = await with_addresses(azure, request.nics)
    return VmUp(vm=vm, os_disk=os_disk, data_disks=data, nics=nics, taken=True)


def _ref(disk: Any, lun: int | None) -> DiskRef:
    return DiskRef(
        id=disk.id,
        name=disk.name,
        lun=lun,
        sku=word(disk.sku.name) if disk.sku else None,
        size_gib=disk.properties.disk_size_gb,
        zone=disk.zones[0] if disk.zones and len(disk.zones) == 1 else None,
    )


def ids_of_fresh_disks(plan: Blueprint) -> list[str]:
    """Return the ARM ids of the disks that a create of the VM makes."""
    work = plan.request.work
    return [
        resource_id(work.subscription_id, work.resource_group, DISKS, name)
        for name in fresh_disks(plan)
    ]


def _is_stray(disk: Any, plan: Blueprint, vm_id: str) -> bool:
    if disk is None or not is_ours(disk.tags, plan.request.work):
        return False
    return not (disk.managed_by and same_id(disk.managed_by, vm_id))
