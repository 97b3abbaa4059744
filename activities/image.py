"""Images: what Azure tells of one, and the reference by which a VM is made from it.

An image of a gallery may belong to another connected account: it is read with the clients of that
account's subscription, and named by its id there.
"""

from collections.abc import Awaitable, Iterable
from typing import Any, Final

from azure.core.exceptions import ResourceNotFoundError
from azure.mgmt.compute import models as m

from activities.azure.clients import Azure
from activities.azure.words import word
from shared.model.image import CustomImage, GalleryImage, Image, MarketplaceImage
from shared.model.image_facts import ImageFacts, ImagePlan
from shared.names import resource_id
from store.accounts import Accounts

LATEST: Final = "latest"
DOT: Final = "."


class AccountUnknownError(Exception):
    """The account that an image names is not connected; the text says which."""


class ImageNotFoundError(ResourceNotFoundError):
    """There is no such image."""

    def __init__(self, field: str) -> None:
        super().__init__(f"there is nothing in Azure by the image's {field}")
        self.field = field
        """Below `image`, as a document spells it: `gallery.versionName`."""


async def subscription_of_image(accounts: Accounts, image: Image | None, own: str) -> str:
    """Return the subscription that an image is in: `own`, or that of the account it names.

    Raises AccountUnknownError.
    """
    account_id = image.gallery.spot_account_id if image and image.gallery else None
    if not account_id:
        return own
    account = await accounts.get(account_id)
    if account is None:
        raise AccountUnknownError(f"account {account_id[:64]} is not connected")
    return account.subscription_id


def image_reference(image: Image, subscription_id: str) -> m.ImageReference:
    """Return where a fresh OS disk comes from; `subscription_id`: where the image is.

    Azure resolves `latest` when it makes the VM and tells the exact version in its answer.
    """
    if image.marketplace:
        one = image.marketplace
        return m.ImageReference(
            publisher=one.publisher, offer=one.offer, sku=one.sku, version=one.version
        )
    if image.custom:
        group, kind = image.custom.resource_group_name, "Microsoft.Compute/images"
        return m.ImageReference(id=resource_id(subscription_id, group, kind, image.custom.name))
    gallery = _gallery_of(image)
    group, kind = gallery.resource_group_name, "Microsoft.Compute/galleries"
    base = resource_id(subscription_id, group, kind, gallery.gallery_name)
    path, version = f"{base}/images/{gallery.image_name}", gallery.version_name
    return m.ImageReference(id=path if _newest(version) else f"{path}/versions/{version}")


async def read_image(azure: Azure, region: str, image: Image) -> ImageFacts:
    """Read an image with the clients of the subscription that it is in.

    Raises azure.core's AzureError: ImageNotFoundError if there is no such image, others if Azure
    does not tell.
    """
    if image.marketplace:
        return await _marketplace(azure, region, image.marketplace)
    if image.custom:
        return await _custom(azure, image.custom)
    return await _gallery(azure, region, _gallery_of(image))


def _gallery_of(image: Image) -> GalleryImage:
    assert image.gallery is not None, "the rules allow exactly one kind of image"  # noqa: S101
    return image.gallery


def _newest(version: str) -> bool:
    return version.casefold() == LATEST


async def _marketplace(azure: Azure, region: str, image: MarketplaceImage) -> ImageFacts:
    images, where = azure.compute.virtual_machine_images, (image.publisher, image.offer, image.sku)
    version = image.version
    if _newest(version):
        newest = await _at("marketplace", images.list(region, *where, top=1, orderby="name desc"))
        version = newest[0].name if newest else version
    p: Any = (await _at("marketplace", images.get(region, *where, version))).properties
    disk = p.os_disk_image if p else None
    return ImageFacts(
        kind="marketplace",
        os=word(disk.operating_system) if disk else "",
        state="Generalized",
        # Azure tells it though the SDK's model has no field for it; models are mappings, too.
        size_gib=disk.get("sizeInGb") if disk else None,
        data_luns=_luns(p.data_disk_images if p else None),
        plan=_plan(p.plan) if p else None,
        version=version,
        **_boot(p),
    )


async def _custom(azure: Azure, image: CustomImage) -> ImageFacts:
    reading = azure.compute.images.get(image.resource_group_name, image.name)
    p: Any = (await _at("custom.name", reading)).properties
    storage = p.storage_profile if p else None
    disk = storage.os_disk if storage else None
    # Managed images are x64, know SCSI alone, and cannot be used for trusted launch.
    # Source: Azure docs, enable-nvme-faqs, trusted-launch.
    return ImageFacts(
        kind="custom",
        os=word(disk.os_type) if disk else "",
        state=word(disk.os_state) if disk else "",
        generation=(word(p.hyper_v_generation) if p else "") or "V1",
        architecture="x64",
        controllers=("SCSI",),
        security="",
        size_gib=disk.disk_size_gb if disk else None,
        data_luns=_luns(storage.data_disks if storage else None),
    )


async def _gallery(azure: Azure, region: str, image: GalleryImage) -> ImageFacts:
    where = image.resource_group_name, image.gallery_name, image.image_name
    reading = azure.compute.gallery_images.get(*where)
    p: Any = (await _at("gallery.imageName", reading)).properties
    version = await _version(azure, region, image)
    v: Any = version.properties if version else None
    storage = v.storage_profile if v else None
    disk = storage.os_disk_image if storage else None
    return ImageFacts(
        kind="gallery",
        os=word(p.os_type) if p else "",
        state=word(p.os_state) if p else "",
        size_gib=disk.size_in_gb if disk else None,
        data_luns=_luns(storage.data_disk_images if storage else None),
        plan=_plan(p.purchase_plan) if p else None,
        version=str(version.name) if version else "",
        **_boot(p),
    )


async def _version(azure: Azure, region: str, image: GalleryImage) -> Any:
    """Return the version that is meant, as Azure would choose it for this region; None: none yet.

    `latest` is the highest one replicated here and not excluded. Source: Azure docs,
    shared-image-galleries.
    """
    where = image.resource_group_name, image.gallery_name, image.image_name
    versions = azure.compute.gallery_image_versions
    if not _newest(image.version_name):
        return await _at("gallery.versionName", versions.get(*where, image.version_name))
    found = [one async for one in versions.list_by_gallery_image(*where) if _offered(one, region)]
    return max(found, key=lambda one: _order(str(one.name)), default=None)


async def _at(field: str, reading: Awaitable[Any]) -> Any:
    """Read; say by which field nothing was found."""
    try:
        return await reading
    except ResourceNotFoundError as error:
        raise ImageNotFoundError(field) from error


def _offered(version: Any, region: str) -> bool:
    profile = version.properties.publishing_profile if version.properties else None
    if profile is None or profile.exclude_from_latest:
        return False
    here = [one for one in profile.target_regions or () if _same(one.name, region)]
    return any(not one.exclude_from_latest for one in here)


def _same(place: str | None, region: str) -> bool:
    return (place or "").replace(" ", "").casefold() == region.casefold()


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() else 0 for part in version.split(DOT))


def _boot(properties: Any) -> dict[str, Any]:
    """Read what a size must have for the image, alike for marketplace and gallery."""
    if properties is None:
        return {}
    features = {one.name: one.value or "" for one in properties.features or ()}
    return {
        "generation": word(properties.hyper_v_generation),
        "architecture": word(properties.architecture),
        "controllers": split(features.get("DiskControllerTypes") or "SCSI"),
        "security": features.get("SecurityType", ""),
    }


def _luns(disks: Iterable[Any] | None) -> tuple[int, ...]:
    return tuple(sorted(int(disk.lun) for disk in disks or () if disk.lun is not None))


def _plan(plan: Any) -> ImagePlan | None:
    if plan is None:
        return None
    return ImagePlan(
        publisher=plan.publisher or "", product=plan.product or "", name=plan.name or ""
    )


def split(text: str) -> tuple[str, ...]:
    """Return the parts of `SCSI, NVMe`."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
