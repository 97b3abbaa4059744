"""Virtual machines on the wire: what a body keeps of a request, and how a VM reads."""

import copy
import re

from local.arm.wire import Json, key_of, name_of
from local.arm.world import Resource, World

TYPE = "Microsoft.Compute/virtualMachines"

CHOSEN_NAME = re.compile(r"_(OsDisk_1|disk\d+)_[0-9a-f]{32}$")
"""Names that Azure gives to disks that were given none."""

MERGED = (
    *("additionalCapabilities", "applicationProfile", "availabilitySet", "billingProfile"),
    *("capacityReservation", "diagnosticsProfile", "evictionPolicy", "extensionsTimeBudget"),
    *("licenseType", "platformFaultDomain"),
    *("priority", "proximityPlacementGroup", "resiliencyProfile", "scheduledEventsPolicy"),
    *("scheduledEventsProfile", "securityProfile"),
)
"""Properties kept as given; those with rules are checked before."""

CANONICAL = {
    "createOption": ("FromImage", "Attach", "Empty", "Copy", "Restore"),
    "osType": ("Linux", "Windows"),
    "caching": ("None", "ReadOnly", "ReadWrite"),
    "deleteOption": ("Delete", "Detach"),
    "priority": ("Regular", "Low", "Spot", "SpotPlus"),
    "evictionPolicy": ("Deallocate", "Delete"),
}
"""Closed sets as Azure spells them; it takes any case."""


def spell(parameter: str, value: object) -> str | None:
    """Return a value of a closed set as Azure spells it, or None if it is no member."""
    for one in CANONICAL[parameter]:
        if one.lower() == str(value).lower():
            return one
    return None


DISK_KEYS = {
    key.lower(): key
    for key in (
        *("lun", "name", "caching", "createOption", "deleteOption", "detachOption"),
        *("diffDiskSettings", "diskSizeGB", "encryptionSettings", "image", "managedDisk"),
        *("osType", "toBeDetached", "vhd", "writeAcceleratorEnabled"),
    )
}


def spell_keys(entry: Json) -> Json:
    """Return a disk's entry with its keys as Azure spells them: it takes them in any case."""
    return {DISK_KEYS.get(key.lower(), key): value for key, value in entry.items()}


def hide_made(profile: Json, made: list[str]) -> None:
    """Take out what a first reply does not tell yet: ids of disks being made, names Azure chose."""
    ids = {disk_id.lower() for disk_id in made}
    for entry in [profile["osDisk"], *profile["dataDisks"]]:
        disk_id = (entry.get("managedDisk") or {}).get("id", "")
        if disk_id.lower() in ids:
            del entry["managedDisk"]["id"]
            if CHOSEN_NAME.search(entry["name"]):
                del entry["name"]


def render(world: World, vm: Resource) -> Json:
    """Return a VM as a plain GET does: the model, not the power state."""
    body = copy.deepcopy(vm.body)
    properties = body["properties"]
    properties.pop("userData", None)
    allocated = bool(vm.sim.get("allocated")) or vm.sim.get("power") in (None, "starting")
    storage = properties["storageProfile"]
    for disk in [storage["osDisk"], *storage["dataDisks"]]:
        _tell_disk(world, disk, allocated=allocated)
    for nic in (properties.get("networkProfile") or {}).get("networkInterfaces", []):
        nic.setdefault("properties", {}).setdefault("deleteOption", "Detach")
    extensions = extensions_of(world, vm)
    if extensions:
        body["resources"] = [extension.body for extension in extensions]
    body["etag"] = f'"{vm.sim.get("etag", "")}"'
    return body


def _tell_disk(world: World, disk: Json, *, allocated: bool) -> None:
    """Complete a disk's entry by what the disk is; a deallocated VM does not tell kind and size."""
    managed = disk.get("managedDisk") or {}
    if not managed.get("id"):
        return
    found = world.find(managed["id"])
    for known in (managed, disk):
        known.pop("storageAccountType", None)
        known.pop("diskSizeGB", None)
    if allocated and found:
        managed["storageAccountType"] = found.body["sku"]["name"]
        disk["diskSizeGB"] = found.properties["diskSizeGB"]


def extensions_of(world: World, vm: Resource) -> list[Resource]:
    """Return the extensions of a VM, in name order."""
    return list(world.of_type(TYPE + "/extensions", vm.id))


def disk_ids(vm: Resource) -> list[str]:
    """Return the ids of a VM's disks, the OS disk's first."""
    storage = vm.properties["storageProfile"]
    disks = [storage["osDisk"], *storage["dataDisks"]]
    return [disk["managedDisk"]["id"] for disk in disks if disk.get("managedDisk", {}).get("id")]


def nic_ids(properties: Json) -> list[str]:
    """Return the ids of the NICs in a VM's properties, in order."""
    profile = properties.get("networkProfile") or {}
    return [nic["id"] for nic in profile.get("networkInterfaces") or [] if nic.get("id")]


def same(one: str | None, other: str | None) -> bool:
    """Tell whether two ids, perhaps absent, are the same."""
    return key_of(one or "") == key_of(other or "")


def disk_name(disk: Json) -> str:
    """Return the name of a disk entry."""
    return str(disk.get("name") or name_of(disk["managedDisk"]["id"]))


def is_spot(properties: Json) -> bool:
    """Tell whether a VM may be evicted."""
    return str(properties.get("priority", "")).lower() in ("spot", "low", "spotplus")
