"""Disks of a VM that are no resources of their own.

Unmanaged: a blob in a storage account (`vhd`). Ephemeral: the host's own (`diffDiskSettings`); it
is nowhere to be found, and gone with the host. Source: Azure docs, ephemeral-os-disks and
unmanaged-disks-deprecation.
"""

from local.arm.vm import errors
from local.arm.wire import Json, name_of
from local.arm.world import Resource


def is_unmanaged(entry: Json) -> bool:
    """Tell whether a disk's entry names a blob."""
    return bool((entry.get("vhd") or {}).get("uri"))


def is_ephemeral(entry: Json) -> bool:
    """Tell whether an OS disk's entry asks for the host's own disk."""
    return bool((entry.get("diffDiskSettings") or {}).get("option"))


def is_bare(entry: Json) -> bool:
    """Tell whether a disk is no resource."""
    return is_unmanaged(entry) or is_ephemeral(entry)


def check(entry: Json) -> None:
    """Raise Azure's refusal of an OS disk that is no resource."""
    if is_ephemeral(entry) and entry["caching"] != "ReadOnly":
        raise errors.ephemeral_caching()
    entry.pop("managedDisk", None)


def named(vm_id: str, entry: Json) -> Json:
    """Return the entry with a name."""
    suffix = "OsDisk" if "lun" not in entry else f"disk{int(entry['lun']) + 2}"
    entry["name"] = entry.get("name") or f"{name_of(vm_id)}_{suffix}"
    return entry


def remember(vm: Resource, image: Json | None) -> None:
    """Keep what the blob of a VM's OS disk was made from: a conversion tells it of the disk."""
    vm.sim["image"] = image
