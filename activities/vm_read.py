"""Read a VM back: what Azure says of it, and whether it is the one we mean."""

import asyncio
from datetime import datetime
from typing import Any, Final

from azure.mgmt.compute import models as m

from activities.azure.clients import Azure
from activities.azure.ensure import found
from activities.azure.looks import Looks
from shared.clock import Clock
from shared.contracts.vm import VmFacts
from shared.model.run import DiskRef, Lifecycle, NicRef, Vm
from shared.names import TAG_POOLS, parts_of

EAGER_S: Final = 1.5
"""Between two reads of a VM that is about to change, while `READS` allows it."""
CALM_S: Final = 5.0
"""Between two reads at other times: 12 a minute, what Azure refills."""
READS: Final = Looks(burst=36, refill_per_s=12 / 60, eager_part=0.4)
"""Reads of one VM: two steps may each use their part before Azure has refilled any, and still four
fifths of the burst are not passed. Source: Azure docs, compute-throttling-limits."""


SECOND_LOOK_S: Final = 5.0
"""Before a read is believed that contradicts what was just done: reads may lag behind writes."""
UP: Final = frozenset({"running", "starting"})
"""Power states of a VM that need not be started."""


def pause_after_read_s(vm_resource_id: str, clock: Clock) -> float:
    """Return the seconds to wait after a read of a VM that is waited for."""
    return EAGER_S if READS.is_eager(vm_resource_id.lower(), clock.now()) else CALM_S


async def get_vm(azure: Azure, vm_resource_id: str, clock: Clock) -> m.VirtualMachine | None:
    """Return a VM with its instance view, or None."""
    READS.spend(vm_resource_id.lower(), clock.now())
    group, _, name = parts_of(vm_resource_id)
    return await found(azure.compute.virtual_machines.get(group, name, expand="instanceView"))


async def surely(azure: Azure, vm_resource_id: str, clock: Clock) -> m.VirtualMachine | None:
    """Return a VM; that it is not there is believed at the second look."""
    vm = await get_vm(azure, vm_resource_id, clock)
    if vm is None:
        await clock.sleep(SECOND_LOOK_S)
        vm = await get_vm(azure, vm_resource_id, clock)
    return vm


async def read_back(azure: Azure, vm_resource_id: str, clock: Clock) -> m.VirtualMachine | None:
    """Return a VM that was just set going; that it does not run is believed at the second look."""
    vm = await get_vm(azure, vm_resource_id, clock)
    if vm is None or power_of(vm) not in UP:
        await clock.sleep(SECOND_LOOK_S)
        vm = await get_vm(azure, vm_resource_id, clock)
    return vm


def power_of(vm: Any) -> str:
    """Return `running`, `deallocated` ...; empty if Azure does not say."""
    view = vm.properties.instance_view
    codes = [status.code or "" for status in (view.statuses if view else None) or ()]
    powers = [code for code in codes if code.startswith("PowerState/")]
    return powers[-1].split("/", 1)[1] if powers else ""


def state_of(vm: Any) -> str:
    """Return Azure's provisioningState."""
    return str(vm.properties.provisioning_state)


def failure_of(vm: Any) -> tuple[str, str]:
    """Return code and message of a failed provisioning: `ProvisioningState/failed/Code`."""
    view = vm.properties.instance_view
    for status in (view.statuses if view else None) or ():
        if (status.code or "").startswith("ProvisioningState/failed"):
            code = (status.code or "").split("/")[-1]
            return code, status.message or ""
    return "VMProvisioningFailed", "the VM's provisioning failed"


def facts_of(vm: m.VirtualMachine | None, clock: Clock) -> VmFacts:
    """Return what a decision needs of a VM."""
    if vm is None:
        return VmFacts(exists=False)
    p: Any = vm.properties
    security = p.security_profile
    power = power_of(vm)
    storage = p.storage_profile
    return VmFacts(
        exists=True,
        power=power,
        provisioning=p.provisioning_state or "",
        id=vm.id or "",
        vm_id=p.vm_id or "",
        size=p.hardware_profile.vm_size or "",
        zone=vm.zones[0] if vm.zones else None,
        spot=p.priority == "Spot",
        reservation=_group_id(p.capacity_reservation),
        security_type=(security.security_type if security else None) or "Standard",
        controller=(storage.disk_controller_type if storage else None) or "SCSI",
        os_disk_id=_disk_id(storage.os_disk) if storage else "",
        data_disk_ids=tuple(_disk_id(disk) for disk in storage.data_disks or ()),
        nic_ids=tuple(nic.id for nic in p.network_profile.network_interfaces or ()),
        deallocated_seen_at=clock.now() if power == "deallocated" else None,
    )


def _group_id(reserved: Any) -> str:
    group = reserved.capacity_reservation_group if reserved else None
    return str(group.id or "") if group else ""


def _disk_id(disk: Any) -> str:
    return str(disk.managed_disk.id or "") if disk.managed_disk else ""


def body_of(vm: m.VirtualMachine, launched_at: datetime) -> Vm:
    """Return the VM as the run row keeps it."""
    p: Any = vm.properties
    return Vm(
        id=vm.id or "",
        name=vm.name or "",
        vm_id=p.vm_id,
        size=p.hardware_profile.vm_size,
        zone=vm.zones[0] if vm.zones else None,
        lifecycle=Lifecycle.SPOT if p.priority == "Spot" else Lifecycle.OD,
        launched_at=launched_at,
    )


def disks_of(vm: m.VirtualMachine) -> tuple[DiskRef, tuple[DiskRef, ...]]:
    """Return the OS disk and the data disks of a running VM."""
    storage: Any = vm.properties.storage_profile  # type: ignore[union-attr]
    zone = vm.zones[0] if vm.zones else None
    data = tuple(_disk(disk, zone, disk.lun) for disk in storage.data_disks or ())
    return _disk(storage.os_disk, zone, None), data


def _disk(disk: Any, vm_zone: str | None, lun: int | None) -> DiskRef:
    sku = disk.managed_disk.storage_account_type
    return DiskRef(
        id=disk.managed_disk.id,
        name=disk.name,
        lun=lun,
        sku=sku,
        size_gib=disk.disk_size_gb,
        zone=None if sku and str(sku).endswith("ZRS") else vm_zone,
        caching=disk.caching,
    )


def image_of(vm: m.VirtualMachine) -> str:
    """Return the image that a VM was made from; empty for a VM on a disk that existed.

    `publisher:offer:sku:version`, with the version that `latest` became, or an id.
    """
    storage: Any = vm.properties.storage_profile if vm.properties else None
    told = storage.image_reference if storage else None
    if told is None:
        return ""
    version = told.exact_version or told.version
    if told.id:
        return f"{told.id}/versions/{version}" if _definition(told.id) and version else str(told.id)
    return ":".join(str(one or "") for one in (told.publisher, told.offer, told.sku, version))


def _definition(image_id: str) -> bool:
    """Tell whether an id is of a gallery's image, without a version."""
    path = image_id.lower()
    return "/galleries/" in path and "/versions/" not in path


async def with_addresses(azure: Azure, nics: tuple[NicRef, ...]) -> tuple[NicRef, ...]:
    """Return the NICs with the addresses they have now."""
    return tuple(await asyncio.gather(*(_addressed(azure, nic) for nic in nics)))


async def _addressed(azure: Azure, nic: NicRef) -> NicRef:
    group, _, name = parts_of(nic.id)
    got: Any = await azure.network.network_interfaces.get(group, name)
    primary = next(
        (one for one in got.properties.ip_configurations or () if one.properties.primary),
        (got.properties.ip_configurations or [None])[0],
    )
    if primary is None:
        return nic
    private, public = primary.properties.private_ip_address, None
    zones: list[str] = []
    public_id = primary.properties.public_ip_address and primary.properties.public_ip_address.id
    if public_id:
        public_group, _, public_name = parts_of(public_id)
        address: Any = await azure.network.public_ip_addresses.get(public_group, public_name)
        public, zones = address.properties.ip_address, address.zones or []
    changes = {
        "private_ip": private,
        "public_ip": public,
        "public_ip_id": public_id,
        "public_ip_zone": zones[0] if len(zones) == 1 else None,
        "accelerated": bool(got.properties.enable_accelerated_networking),
        "pool_marks": (got.tags or {}).get(TAG_POOLS, ""),
    }
    return nic.model_copy(update=changes)
