"""The marketplace's images: publishers, their offers, SKUs and versions.

Facts from `images.csv`: names, generations, architectures, sizes and features as Azure's
marketplace has them, a few versions of each (form and order real; the list is not complete).
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from local.arm import refusals
from local.arm.marketplace import errors
from local.arm.wire import Json
from local.arm.world import World

SUBSCRIPTION_MARK: Final = "{subscription}"
"""Stands in a resolved image's id for the subscription of whoever uses it."""

_ID: Final = re.compile(
    r"/subscriptions/[^/]+/providers/microsoft\.compute/locations/[^/]+/publishers/(?P<publisher>"
    r"[^/]+)/artifacttypes/vmimage/offers/(?P<offer>[^/]+)/skus/(?P<sku>[^/]+)"
    r"/versions/(?P<version>[^/]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Listing:
    """One SKU of one offer."""

    publisher: str
    offer: str
    sku: str
    os_type: str
    generation: str
    architecture: str
    size_gib: int
    security: str
    controllers: str
    plan: str
    """`publisher/product/name` of the plan to be accepted; empty: none."""
    versions: tuple[str, ...]

    @property
    def purchase_plan(self) -> Json | None:
        """The plan as images and disks carry it."""
        if not self.plan:
            return None
        publisher, product, name = self.plan.split("/")
        return {"publisher": publisher, "product": product, "name": name}

    @property
    def features(self) -> list[Json]:
        """Features as images tell them."""
        found = [("SecurityType", self.security), ("DiskControllerTypes", self.controllers)]
        listed = [{"name": name, "value": value} for name, value in found if value]
        return [*listed, {"name": "IsAcceleratedNetworkSupported", "value": "True"}]


@cache
def listings() -> tuple[Listing, ...]:
    """Return all SKUs, in the table's order."""
    with Path(__file__).with_name("images.csv").open(encoding="ascii", newline="") as file:
        return tuple(
            Listing(
                publisher=row["publisher"],
                offer=row["offer"],
                sku=row["sku"],
                os_type=row["os"],
                generation=row["generation"],
                architecture=row["architecture"],
                size_gib=int(row["size_gib"]),
                security=row["security"],
                controllers=row["controllers"],
                plan=row["plan"],
                versions=tuple(row["versions"].split("|")),
            )
            for row in csv.DictReader(file)
        )


def matching(publisher: str, offer: str | None = None, sku: str | None = None) -> Iterator[Listing]:
    """Yield the SKUs of a publisher, of an offer, or the one; names in whatever case."""
    for listing in listings():
        pairs = ((listing.publisher, publisher), (listing.offer, offer), (listing.sku, sku))
        if all(wanted is None or have.lower() == wanted.lower() for have, wanted in pairs):
            yield listing


def order_of(version: str) -> tuple[int, ...]:
    """Return what versions are ordered by: their numbers."""
    return tuple(int(part) for part in version.split("."))


def versions_of(world: World, listing: Listing) -> list[str]:
    """Return a SKU's versions, oldest first, with those that this world published."""
    published: Json = world.facts.get("marketplace_versions", {})
    extra = published.get(f"{listing.publisher}:{listing.offer}:{listing.sku}".lower(), [])
    return sorted({*listing.versions, *extra}, key=order_of)


def publish(world: World, urn: str, version: str) -> None:
    """Publish a version of `publisher:offer:sku`: `latest` may mean it from now on."""
    published: Json = world.facts.setdefault("marketplace_versions", {})
    published.setdefault(urn.lower(), []).append(version)


def find(world: World, reference: Json) -> tuple[Listing, str] | None:
    """Return the SKU and the exact version that a reference names, or None."""
    parts = [str(reference.get(key) or "") for key in ("publisher", "offer", "sku")]
    listing = next(matching(*parts), None)
    if listing is None:
        return None
    versions = versions_of(world, listing)
    version = str(reference["version"])
    if version.lower() == "latest":
        return listing, versions[-1]
    return (listing, version) if version in versions else None


def parse_id(image_id: str) -> Json | None:
    """Return the reference in the id of a marketplace image, or None if it is another's."""
    found = _ID.fullmatch(image_id.rstrip("/"))
    return found.groupdict() if found else None


def image_id(listing: Listing, version: str, location: str, subscription: str) -> str:
    """Return the id of a version, spelled as in recorded disks."""
    return (
        f"/Subscriptions/{subscription}/Providers/Microsoft.Compute/Locations/{location}"
        f"/Publishers/{listing.publisher}/ArtifactTypes/VMImage/Offers/{listing.offer}"
        f"/Skus/{listing.sku}/Versions/{version}"
    )


def resolve(world: World, reference: Json, location: str) -> Json:
    """Return the image that a VM or disk asks for; raise Azure's refusal if there is none."""
    for key in ("publisher", "offer", "sku", "version"):
        if not reference.get(key):
            raise refusals.missing(f"imageReference.{key}")
    found = find(world, reference)
    if found is None:
        urn = ":".join(str(reference[key]) for key in ("publisher", "offer", "sku", "version"))
        raise errors.platform_image_not_found(urn)
    listing, version = found
    return {
        "source": "marketplace",
        "id": image_id(listing, version, location, SUBSCRIPTION_MARK),
        "osType": listing.os_type,
        "hyperVGeneration": listing.generation,
        "architecture": listing.architecture,
        "osState": "Generalized",
        "sizeGB": listing.size_gib,
        "exactVersion": version,
        "securityType": listing.security,
        "features": listing.features,
        "purchasePlan": listing.purchase_plan,
        "dataDiskImages": [],
        "diskControllerTypes": listing.controllers,
        "acceleratedNetwork": True,
    }
