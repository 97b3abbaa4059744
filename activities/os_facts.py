"""What an OS disk, or the image it will be made from, asks of a VM size."""

from typing import Any, Final

from activities.azure.clients import Azure
from activities.azure.words import word
from shared.model.facts import OsFacts
from shared.model.image import CustomImage, GalleryImage, Image, MarketplaceImage

LATEST: Final = "latest"


def of_disk(disk: Any, running_controller: str) -> OsFacts:
    """Read an OS disk. What Azure leaves out means generation 1, x64, SCSI.

    `running_controller` is what the VM on this disk uses now, if there is one: that it can.
    """
    p = disk.properties
    can, security = p.supported_capabilities, p.security_profile
    controllers = _split((can.disk_controller_types if can else None) or "SCSI")
    if running_controller and running_controller not in controllers:
        controllers = (*controllers, running_controller)
    return OsFacts(
        generation=word(p.hyper_v_generation) or "V1",
        architecture=word(can.architecture if can else None) or "x64",
        controllers=controllers,
        security_type=_security(word(security.security_type if security else None)),
    )


async def read_image(azure: Azure, region: str, image: Image) -> OsFacts:
    """Read an image; nothing is known of one that another account owns.

    Raises azure.core's AzureError if Azure does not tell.
    """
    if image.marketplace:
        return await _marketplace(azure, region, image.marketplace)
    if image.gallery and not image.gallery.spot_account_id:
        return await _gallery(azure, image.gallery)
    if image.custom:
        return await _custom(azure, image.custom)
    return OsFacts()


async def _marketplace(azure: Azure, region: str, image: MarketplaceImage) -> OsFacts:
    images, where = azure.compute.virtual_machine_images, (image.publisher, image.offer, image.sku)
    version = image.version
    if version.casefold() == LATEST:
        newest = await images.list(region, *where, top=1, orderby="name desc")
        version = newest[0].name if newest else version
    found = await images.get(region, *where, version)
    return _of_image_properties(found.properties)


async def _gallery(azure: Azure, image: GalleryImage) -> OsFacts:
    found = await azure.compute.gallery_images.get(
        image.resource_group_name, image.gallery_name, image.image_name
    )
    return _of_image_properties(found.properties)


async def _custom(azure: Azure, image: CustomImage) -> OsFacts:
    found = await azure.compute.images.get(image.resource_group_name, image.name)
    properties: Any = found.properties
    # Managed images are x64 and know SCSI alone. Source: Azure docs, enable-nvme-faqs.
    generation = word(properties.hyper_v_generation) if properties else ""
    return OsFacts(generation=generation, architecture="x64", controllers=("SCSI",))


def _of_image_properties(properties: Any) -> OsFacts:
    if properties is None:
        return OsFacts()
    features = {one.name: one.value or "" for one in properties.features or ()}
    return OsFacts(
        generation=word(properties.hyper_v_generation),
        architecture=word(properties.architecture),
        controllers=_split(features.get("DiskControllerTypes") or "SCSI"),
    )


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _security(disk_type: str) -> str:
    """Turn a disk's security type into a VM's."""
    if disk_type.startswith("ConfidentialVM"):
        return "ConfidentialVM"
    return disk_type or "Standard"
