"""How the marketplace looks on the wire: bare arrays, spelled as the SDK's models read them."""

from local.arm.marketplace.state import Listing
from local.arm.wire import Json


def entry(name: str, location: str, under: str) -> Json:
    """Return one publisher, offer, SKU or version of a list; `under` is its parent's id."""
    return {"location": location, "name": name, "id": f"{under}/{name}"}


def image(listing: Listing, version: str, location: str, under: str) -> Json:
    """Return one version whole."""
    properties: Json = {
        "hyperVGeneration": listing.generation,
        "architecture": listing.architecture,
        "osDiskImage": {"operatingSystem": listing.os_type, "sizeInGb": listing.size_gib},
        "dataDiskImages": [],
        "automaticOSUpgradeProperties": {"automaticOSUpgradeSupported": False},
        "replicaType": "Managed",
        "replicaCount": 10,
        "disallowed": {"vmDiskType": "Unmanaged"},
        "features": listing.features,
        "imageDeprecationStatus": {"imageState": "Active"},
    }
    if listing.purchase_plan:
        properties["plan"] = listing.purchase_plan
    return {**entry(version, location, under), "properties": properties}
