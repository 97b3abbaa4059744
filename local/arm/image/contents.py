"""What a disk, a snapshot, a VM or an image holds, when an image is made of it."""

from dataclasses import dataclass, field
from typing import Final

from local.arm.image import errors
from local.arm.wire import Json, same_location
from local.arm.world import Resource, World

IMAGES: Final = "Microsoft.Compute/images"
VERSIONS: Final = "Microsoft.Compute/galleries/images/versions"
DISKLIKE: Final = ("Microsoft.Compute/disks", "Microsoft.Compute/snapshots")
VIRTUAL_MACHINES: Final = "Microsoft.Compute/virtualMachines"


@dataclass(frozen=True)
class Contents:
    """The disks of an image to be."""

    os_type: str | None
    size_gib: int
    generation: str | None = None
    data_disks: list[Json] = field(default_factory=list)
    """`{"lun", "sizeGB"}` each."""


def contents(world: World, source_id: str, location: str) -> Contents:
    """Return what a source holds; raise the refusal if it is absent or in another region."""
    source = world.find(source_id)
    if source is None:
        raise errors.image_not_found(source_id)
    if source.type == VERSIONS:
        return _of_version(world, source)
    if not same_location(source.location, location):
        raise errors.other_region(source.id, source.location, location)
    if source.type in DISKLIKE:
        properties = source.properties
        return Contents(
            properties.get("osType"),
            int(properties["diskSizeGB"]),
            properties.get("hyperVGeneration"),
        )
    if source.type == IMAGES:
        return of_managed_image(source)
    if source.type == VIRTUAL_MACHINES:
        return _of_vm(world, source)
    raise errors.image_not_found(source_id)


def of_managed_image(image: Resource) -> Contents:
    """Return what a managed image holds."""
    storage = image.properties["storageProfile"]
    return Contents(
        storage["osDisk"].get("osType"),
        int(storage["osDisk"]["diskSizeGB"]),
        image.properties.get("hyperVGeneration"),
        [
            {"lun": disk["lun"], "sizeGB": int(disk["diskSizeGB"])}
            for disk in storage.get("dataDisks", [])
        ],
    )


def _of_version(world: World, version: Resource) -> Contents:
    definition = world.find(version.id.rsplit("/versions/", 1)[0])
    storage = version.properties["storageProfile"]
    return Contents(
        definition.properties["osType"] if definition else None,
        int(storage["osDiskImage"]["sizeInGB"]),
        definition.properties.get("hyperVGeneration") if definition else None,
        [
            {"lun": disk["lun"], "sizeGB": int(disk["sizeInGB"])}
            for disk in storage.get("dataDiskImages", [])
        ],
    )


def _of_vm(world: World, vm: Resource) -> Contents:
    storage = vm.properties.get("storageProfile") or {}
    os_disk = _disk(world, storage.get("osDisk") or {})
    found = [(entry.get("lun"), _disk(world, entry)) for entry in storage.get("dataDisks") or []]
    if os_disk is None:
        raise errors.image_not_found(vm.id)
    return Contents(
        os_disk.properties.get("osType"),
        int(os_disk.properties["diskSizeGB"]),
        os_disk.properties.get("hyperVGeneration"),
        [
            {"lun": lun, "sizeGB": int(disk.properties["diskSizeGB"])}
            for lun, disk in found
            if disk is not None
        ],
    )


def _disk(world: World, entry: Json) -> Resource | None:
    disk_id = (entry.get("managedDisk") or {}).get("id")
    return world.find(disk_id) if disk_id else None
