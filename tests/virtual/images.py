"""Images that stories are told with: generalized, specialized, with data disks of their own."""

from typing import Any

from local.worlds.ground import GROUP, REGION
from local.worlds.inprocess import InProcess
from tests.virtual.disks import COMPUTE, GROUP_NAME

Json = dict[str, Any]
GALLERY = f"{COMPUTE}/galleries/ours"
SOURCE = f"{COMPUTE}/disks/for-images"
SETTLE_S = 900.0


def custom(name: str) -> Json:
    """The image of that name, as a document names it."""
    return {"custom": {"resourceGroupName": GROUP_NAME, "name": name}}


def of_gallery(image: str, version: str = "1.0.0") -> Json:
    names = {"galleryName": "ours", "imageName": image, "versionName": version}
    return {"gallery": {"resourceGroupName": GROUP_NAME, **names}}


async def _lay(world: InProcess, path: str, properties: Json) -> None:
    await world.azure.ask("PUT", path, {"location": REGION, "properties": properties})
    await world.sleep(SETTLE_S)


async def source_disk(world: InProcess) -> None:
    """Make the disk that images are taken of."""
    creation = {"creationData": {"createOption": "Empty"}}
    await _lay(
        world,
        SOURCE,
        {"diskSizeGB": 32, "osType": "Linux", "hyperVGeneration": "V2", **creation},
    )


async def managed(
    world: InProcess, name: str, state: str = "Generalized", luns: tuple[int, ...] = ()
) -> None:
    """Make a managed image."""
    os_disk = {"osType": "Linux", "osState": state, "managedDisk": {"id": SOURCE}}
    data = [{"lun": lun, "managedDisk": {"id": SOURCE}} for lun in luns]
    profile = {"osDisk": os_disk, "dataDisks": data}
    path = f"{GROUP}/providers/Microsoft.Compute/images/{name}"
    await _lay(world, path, {"hyperVGeneration": "V2", "storageProfile": profile})


async def gallery_image(
    world: InProcess, name: str, state: str = "Generalized", luns: tuple[int, ...] = ()
) -> None:
    """Make an image of the gallery, with its version 1.0.0."""
    await _lay(world, GALLERY, {})
    about = {
        "osType": "Linux",
        "osState": state,
        "hyperVGeneration": "V2",
        "identifier": {"publisher": "p", "offer": "o", "sku": name},
    }
    await _lay(world, f"{GALLERY}/images/{name}", about)
    await gallery_version(world, name, "1.0.0", luns)


async def gallery_version(
    world: InProcess, name: str, version: str, luns: tuple[int, ...] = ()
) -> None:
    """Make one more version of an image of the gallery."""
    source = {"source": {"id": SOURCE}}
    storage: Json = {"osDiskImage": source}
    storage["dataDiskImages"] = [{"lun": lun, **source} for lun in luns]
    await _lay(world, f"{GALLERY}/images/{name}/versions/{version}", {"storageProfile": storage})
