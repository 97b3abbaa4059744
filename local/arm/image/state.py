"""Images: managed ones as resources, and what any image reference comes down to."""

from typing import Final

from local.arm import refusals
from local.arm.gallery import state as gallery
from local.arm.image import errors
from local.arm.image.contents import IMAGES, VIRTUAL_MACHINES, contents, of_managed_image
from local.arm.marketplace import state as marketplace
from local.arm.wire import Json, name_of, resource_not_found, same_location
from local.arm.world import Resource, World, effect

TYPE: Final = IMAGES


def resolve(world: World, image_reference: Json, location: str) -> Json:
    """Return what an `imageReference` of a VM or disk means, or raise Azure's refusal.

    Keys: `source` (`marketplace`, `image`, `gallery`), `id`, `osType`, `osState` (`Generalized`,
    `Specialized`), `hyperVGeneration`, `architecture`, `sizeGB`, `exactVersion` (not of managed
    images), `securityType` (the feature's value, or ""), `features`, `purchasePlan` (or None),
    `dataDiskImages` (`lun`, `sizeGB`), `diskControllerTypes`, `acceleratedNetwork`.
    """
    for shared in ("sharedGalleryImageId", "communityGalleryImageId"):
        if image_reference.get(shared):
            raise errors.not_shared(shared, image_reference[shared])
    image_id = image_reference.get("id")
    if not image_id:
        return marketplace.resolve(world, image_reference, location)
    if "/galleries/" in image_id.lower():
        return gallery.resolve(world, image_id, location)
    reference = marketplace.parse_id(image_id)
    if reference is not None:
        return marketplace.resolve(world, reference, location)
    return _resolve_managed(world, image_id, location)


def _resolve_managed(world: World, image_id: str, location: str) -> Json:
    image = world.find(image_id)
    if image is None or image.type != TYPE:
        raise errors.image_not_found(image_id)
    if not same_location(image.location, location):
        raise errors.other_region(image.id, image.location, location)
    held = of_managed_image(image)
    return {
        "source": "image",
        "id": image.id,
        "osType": held.os_type,
        "hyperVGeneration": held.generation or "V1",
        "architecture": "x64",
        "osState": image.properties["storageProfile"]["osDisk"].get("osState", "Generalized"),
        "sizeGB": held.size_gib,
        "securityType": "",
        "features": [],
        "purchasePlan": None,
        "dataDiskImages": held.data_disks,
        "diskControllerTypes": "SCSI",
        "acceleratedNetwork": False,
    }


def require(world: World, image_id: str) -> Resource:
    """Return the managed image, or raise the 404 of a read."""
    image = world.find(image_id)
    if image is None or image.type != TYPE:
        raise resource_not_found(image_id)
    return image


def create(world: World, image_id: str, body: Json) -> Resource:
    """Make a managed image of a VM, or of disks and snapshots; `Creating`."""
    location = body.get("location")
    if not location:
        raise refusals.missing("location")
    given = body.get("properties") or {}
    vm_id = (given.get("sourceVirtualMachine") or {}).get("id")
    properties: Json = dict(given)
    if vm_id:
        storage, generation = _of_vm(world, vm_id, location)
    else:
        storage, generation = _of_profile(world, given.get("storageProfile") or {}, location)
    properties["storageProfile"] = storage
    properties["hyperVGeneration"] = given.get("hyperVGeneration") or generation or "V1"
    properties["provisioningState"] = "Creating"
    image = {
        "name": name_of(image_id),
        "id": image_id,
        "type": TYPE,
        "location": location,
        "tags": body.get("tags") or {},
        "properties": properties,
    }
    return world.save(Resource(image_id, TYPE, image))


def _of_vm(world: World, vm_id: str, location: str) -> tuple[Json, str | None]:
    vm = world.find(vm_id)
    if vm is None or vm.type != VIRTUAL_MACHINES:
        raise errors.image_not_found(vm_id)
    if not vm.sim.get("generalized"):
        raise errors.not_generalized(vm_id)
    held = contents(world, vm_id, location)
    profile = vm.properties["storageProfile"]
    disk_ids = {disk.get("lun"): disk["managedDisk"]["id"] for disk in profile.get("dataDisks", [])}
    os_disk: Json = {
        "osType": held.os_type,
        "osState": "Generalized",
        "diskSizeGB": held.size_gib,
        "managedDisk": {"id": profile["osDisk"]["managedDisk"]["id"]},
        "caching": profile["osDisk"].get("caching", "ReadWrite"),
        "storageAccountType": "Standard_LRS",
    }
    data_disks: list[Json] = [
        {
            "lun": disk["lun"],
            "diskSizeGB": disk["sizeGB"],
            "managedDisk": {"id": disk_ids[disk["lun"]]},
        }
        for disk in held.data_disks
    ]
    return {"osDisk": os_disk, "dataDisks": data_disks, "zoneResilient": False}, held.generation


def _of_profile(world: World, profile: Json, location: str) -> tuple[Json, str | None]:
    os_disk: Json = dict(profile.get("osDisk") or {})
    held = contents(world, _source_of(os_disk, "osDisk"), location)
    os_disk["diskSizeGB"] = int(os_disk.get("diskSizeGB") or held.size_gib)
    os_disk.setdefault("osType", held.os_type)
    os_disk.setdefault("osState", "Generalized")
    os_disk.setdefault("caching", "None")
    data_disks = []
    for given in profile.get("dataDisks") or []:
        size_gib = contents(world, _source_of(given, "dataDisks"), location).size_gib
        data_disks.append({**given, "diskSizeGB": int(given.get("diskSizeGB") or size_gib)})
    resilient = bool(profile.get("zoneResilient"))
    storage = {"osDisk": os_disk, "dataDisks": data_disks, "zoneResilient": resilient}
    return storage, held.generation


def _source_of(disk: Json, where: str) -> str:
    for kind in ("managedDisk", "snapshot"):
        source_id = (disk.get(kind) or {}).get("id")
        if source_id:
            return str(source_id)
    raise refusals.missing(f"storageProfile.{where}.managedDisk")


@effect("image.ready")
def ready(world: World, args: Json) -> None:
    """Finish a creation or a change."""
    image = world.find(args["id"])
    if image is not None:
        image.properties["provisioningState"] = "Succeeded"
        world.save(image)


@effect("image.delete")
def drop(world: World, args: Json) -> None:
    """Finish a deletion."""
    image = world.find(args["id"])
    if image is not None:
        world.drop(image)
