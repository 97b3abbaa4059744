"""What the OS disk of a VM is made from."""

from typing import ClassVar

from shared.model.fields import ImageVersion, Part, ResourceGroupName, ResourceName, Text, Word


class MarketplaceImage(Part):
    """An image of the Azure Marketplace."""

    publisher: ResourceName
    offer: ResourceName
    sku: ResourceName
    version: ResourceName = "latest"


class CustomImage(Part):
    """A managed image of the subscription."""

    resource_group_name: ResourceGroupName
    name: ResourceName


class GalleryImage(Part):
    """An image version of a compute gallery."""

    resource_group_name: ResourceGroupName
    gallery_name: ResourceName
    image_name: ResourceName
    version_name: ImageVersion
    spot_account_id: Text | None = None
    """Account whose subscription owns the gallery, when it is not the node's."""


class Image(Part):
    """Exactly one of the three."""

    one_of: ClassVar[bool] = True
    """Naming one in an update takes the others away."""

    marketplace: MarketplaceImage | None = None
    custom: CustomImage | None = None
    gallery: GalleryImage | None = None


class PurchasePlan(Part):
    """The plan under which a marketplace image is sold. Names keep their case."""

    publisher: Word
    product: Word
    name: Word
