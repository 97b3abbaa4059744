"""The disks of a VM's body: those at hand are attached, those that are not yet there are made."""

from typing import Final

from azure.mgmt.compute import models as m

from activities.image import image_reference
from activities.vm_plan import Blueprint
from activities.vm_security import disk_security
from shared.model.disks import DataDisk
from shared.model.run import DiskRef
from shared.names import data_disk_name, os_disk_name, stem

CACHING: Final = "ReadWrite"
"""Of an OS disk whose document names none: Azure's own default, said out loud."""


def storage_profile(plan: Blueprint) -> m.StorageProfile:
    """Return where the VM's disks come from.

    With an OS disk that exists there must be no image. Source: Azure docs, troubleshooting shared
    image galleries.
    """
    image = None if plan.attaches else plan.launch.image
    return m.StorageProfile(
        image_reference=image_reference(image, plan.image_subscription) if image else None,
        os_disk=_os_disk(plan),
        data_disks=_data_disks(plan) or None,
    )


def _os_disk(plan: Blueprint) -> m.OSDisk:
    request, spec, kept = plan.request, plan.launch.os_disk, plan.request.os_disk
    managed = m.ManagedDiskParameters(
        id=kept.id if kept else None,
        storage_account_type=spec.type if spec and not kept else None,
        security_profile=None if kept else disk_security(plan.launch),
    )
    return m.OSDisk(
        os_type=plan.document.compute.os if kept else None,
        name=kept.name if kept else os_disk_name(stem(request.work.key), request.generation),
        create_option="Attach" if kept else "FromImage",
        caching=spec.caching if spec and spec.caching else CACHING,
        disk_size_gb=spec.size_gib if spec and not kept else None,
        managed_disk=managed,
        delete_option="Detach",
    )


def _data_disks(plan: Blueprint) -> list[m.DataDisk]:
    """Return kept disks, then those of the document and of the image that do not exist yet."""
    specs = {spec.lun: spec for spec in plan.launch.data_disks or ()}
    disks = {disk.lun or 0: _attached(disk, specs) for disk in plan.request.data_disks}
    for lun, spec in specs.items():
        if lun not in plan.request.without_luns:
            disks.setdefault(lun, _empty(plan, spec))
    for lun in plan.request.image_luns:
        disks.setdefault(lun, _from_image(plan, lun))
    return list(disks.values())


def _attached(disk: DiskRef, specs: dict[int, DataDisk]) -> m.DataDisk:
    spec = specs.get(disk.lun or 0)
    return m.DataDisk(
        lun=disk.lun or 0,
        name=disk.name,
        create_option="Attach",
        caching=spec.caching if spec and spec.caching else disk.caching,
        managed_disk=m.ManagedDiskParameters(id=disk.id),
        delete_option="Detach",
    )


def _empty(plan: Blueprint, spec: DataDisk) -> m.DataDisk:
    return m.DataDisk(
        lun=spec.lun,
        name=_name(plan, spec.lun),
        create_option="Empty",
        disk_size_gb=spec.size_gib,
        caching=spec.caching,
        managed_disk=m.ManagedDiskParameters(storage_account_type=spec.type),
        delete_option="Detach",
    )


def _from_image(plan: Blueprint, lun: int) -> m.DataDisk:
    """Return a data disk that comes with the image: named, so that it is found again."""
    return m.DataDisk(
        lun=lun, name=_name(plan, lun), create_option="FromImage", delete_option="Detach"
    )


def fresh_disks(plan: Blueprint) -> tuple[str, ...]:
    """Return the names of the disks that a create of the VM makes."""
    profile = storage_profile(plan)
    disks = (profile.os_disk, *(profile.data_disks or ()))
    return tuple(str(disk.name) for disk in disks if disk and disk.create_option != "Attach")


def _name(plan: Blueprint, lun: int) -> str:
    return data_disk_name(stem(plan.request.work.key), lun, plan.request.generation)
