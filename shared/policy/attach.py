"""Which disks can go where, and which must be copied."""

from shared.model.facts import Wishes
from shared.model.run import DiskRef

ZRS = "_ZRS"
"""How the names of zone-redundant disk types end."""


def attaches(disk: DiskRef, zone: str | None) -> bool:
    """Tell whether a disk can be attached to a VM in `zone` (None: a regional VM).

    A zonal disk attaches in its zone only, a regional one to a regional VM only, a zone-redundant
    one anywhere. Source: Azure docs, disks-redundancy. An unknown type counts as not redundant.
    """
    return (disk.sku or "").upper().endswith(ZRS) or disk.zone == zone


def copied_for(
    wishes: Wishes, os_disk: DiskRef | None, data_disks: tuple[DiskRef, ...], zone: str | None
) -> tuple[DiskRef, ...]:
    """Return the persisted disks that a VM in `zone` cannot have as they are, OS disk first.

    A disk whose mode is onLaunch is copied wherever the VM goes: the user asked for that.
    """
    copied: list[DiskRef] = []
    if os_disk and wishes.persists_os and (wishes.os_on_launch or not attaches(os_disk, zone)):
        copied.append(os_disk)
    if wishes.persists_data:
        copied += [disk for disk in data_disks if wishes.data_on_launch or not attaches(disk, zone)]
    return tuple(copied)
