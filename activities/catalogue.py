"""What a region offers: VM sizes (Resource SKUs), quotas, images, what is reserved of it."""

from collections.abc import Iterable
from typing import Any, Final

from azure.core.exceptions import AzureError

from activities.azure.clients import Azure
from activities.image import read_image
from activities.kept import Kept
from activities.os_facts import of_image
from activities.reservations import Groups, read_groups
from shared.clock import Clock
from shared.model.facts import OsFacts, QuotaFacts, SizeFacts
from shared.model.image import Image
from shared.model.image_facts import ImageFacts

SIZES_KEEP_S: Final = 6 * 3_600.0
"""The catalogue is large and changes with Azure's releases, not by the hour."""
QUOTAS_KEEP_S: Final = 5.0
"""Quota moves with every VM; kept just long enough that a storm of evictions asks once."""
IMAGES_KEEP_S: Final = 3_600.0
"""Generation, architecture and controllers of an image hardly ever differ between versions."""


class Catalogue:
    """Sizes, quotas, images and reserved capacity, by subscription and region."""

    def __init__(self, clock: Clock) -> None:
        self._sizes: Kept[tuple[SizeFacts, ...]] = Kept(clock, SIZES_KEEP_S)
        self._quotas: Kept[tuple[QuotaFacts, ...]] = Kept(clock, QUOTAS_KEEP_S)
        self._images: Kept[ImageFacts] = Kept(clock, IMAGES_KEEP_S)
        self._groups: Kept[Groups] = Kept(clock, QUOTAS_KEEP_S)

    async def sizes(self, azure: Azure, subscription_id: str, region: str) -> tuple[SizeFacts, ...]:
        """Return every VM size of the region; azure.core's AzureError if it cannot be had."""
        return await self._sizes.get((subscription_id, region), lambda: _read_sizes(azure, region))

    async def quotas(
        self, azure: Azure, subscription_id: str, region: str
    ) -> tuple[QuotaFacts, ...]:
        """Return the vCPU quotas of the region; none if Azure does not tell.

        Without them nothing is excluded for quota: Azure's own refusal then says so, at the cost
        of one call.
        """
        key = subscription_id, region
        try:
            return await self._quotas.get(key, lambda: _read_quotas(azure, region))
        except AzureError:
            return ()

    async def groups(
        self, azure: Azure, subscription_id: str, region: str, named: tuple[str, ...]
    ) -> Groups:
        """Return the capacity reservation groups; none if Azure does not tell.

        Nothing waits for reserved capacity: without it the node goes where it would go anyway.
        """
        key = subscription_id, region, named
        try:
            return await self._groups.get(key, lambda: read_groups(azure, region, named))
        except AzureError:
            return Groups(missing=named)

    async def image(
        self, azure: Azure, subscription_id: str, region: str, image: Image | None
    ) -> OsFacts:
        """Return what an image asks of a size; unknown if Azure does not tell.

        `azure` and `subscription_id` are those that the image is in. Unknown excludes nothing:
        Azure's own refusal of the create names what is wrong.
        """
        if image is None:
            return OsFacts()
        key = subscription_id, region, image
        try:
            return of_image(await self._images.get(key, lambda: read_image(azure, region, image)))
        except AzureError:
            return OsFacts()


async def _read_sizes(azure: Azure, region: str) -> tuple[SizeFacts, ...]:
    rows = azure.compute.resource_skus.list(filter=f"location eq '{region}'")
    found = [row async for row in rows if row.resource_type == "virtualMachines"]
    return tuple(sorted((size_of(row, region) for row in found), key=lambda one: one.name))


async def _read_quotas(azure: Azure, region: str) -> tuple[QuotaFacts, ...]:
    return tuple(
        [
            QuotaFacts(name=row.name.value, used=row.current_value, limit=row.limit)
            async for row in azure.compute.usage.list(region)
            if row.name.value
        ]
    )


def size_of(row: Any, region: str) -> SizeFacts:
    """Read one row of the catalogue. An absent capability means "no", as Azure writes it."""
    # Read as the mapping that an SDK model is: by attribute, each of some thirty builds a model.
    told = {one["name"]: one.get("value") or "" for one in row.get("capabilities") or ()}
    return SizeFacts(
        name=row.name,
        family=row.family or "",
        vcpus=int(told.get("vCPUs") or 0),
        memory_gib=float(told.get("MemoryGB") or 0),
        spot=_true(told, "LowPriorityCapable"),
        architecture=told.get("CpuArchitectureType") or "x64",
        generations=_split(told.get("HyperVGenerations") or "V1"),
        controllers=_split(told.get("DiskControllerTypes") or "SCSI"),
        temp_disk_mib=int(told.get("MaxResourceVolumeMB") or 0),
        premium_io=_true(told, "PremiumIO"),
        max_data_disks=_count(told.get("MaxDataDiskCount")),
        max_nics=_count(told.get("MaxNetworkInterfaces")),
        accelerated=_true(told, "AcceleratedNetworkingEnabled"),
        encryption_at_host=_true(told, "EncryptionAtHostSupported"),
        trusted_launch=not _true(told, "TrustedLaunchDisabled"),
        confidential=told.get("ConfidentialComputingType") or "",
        **_places(row, told, region),
    )


def _places(row: Any, told: dict[str, str], region: str) -> dict[str, Any]:
    """Read where the size is offered, and where not to this subscription."""
    here = [one for one in row.location_info or () if _same(one.location, region)]
    zones = sorted({zone for one in here for zone in one.zones or ()})
    bars = [one for one in row.restrictions or () if _bars(one, region)]
    barred = {zone for one in bars if one.type == "Zone" for zone in one.restriction_info.zones}
    ultra = {
        name
        for one in here
        for detail in one.zone_details or ()
        if _true({c.name: c.value for c in detail.capabilities or ()}, "UltraSSDAvailable")
        for name in detail.name or ()
    }
    return {
        "zones": tuple(zones),
        "restricted": any(one.type == "Location" for one in bars),
        "restricted_zones": tuple(sorted(barred)),
        "ultra_zones": (
            *sorted(ultra),
            *(("regional",) if _true(told, "UltraSSDAvailable") else ()),
        ),
    }


def _bars(restriction: Any, region: str) -> bool:
    info = restriction.restriction_info
    places: Iterable[str] = (info.locations if info else None) or ()
    return any(_same(place, region) for place in places)


def _same(place: str | None, region: str) -> bool:
    return (place or "").replace(" ", "").casefold() == region.casefold()


def _true(told: dict[Any, Any], name: str) -> bool:
    return str(told.get(name)).casefold() == "true"


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _count(text: str | None) -> int | None:
    return int(text) if text else None
