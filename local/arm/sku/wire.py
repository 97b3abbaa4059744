"""Resource SKUs on the wire: VM sizes, disks and snapshots as Azure lists them."""

import re
from collections.abc import Iterator
from typing import Final

from local.arm.disk.tiers import FLEXIBLE, TABLES, sku_tier
from local.arm.sku.errors import bad_filter
from local.arm.sku.state import Size, restricted, sold
from local.arm.wire import Json
from local.arm.world import World

ZONES: Final = ("1", "2", "3")
_FILTER: Final = re.compile(r"\s*location\s+eq\s+'([^']*)'\s*", re.IGNORECASE)
REASON: Final = "NotAvailableForSubscription"


def location_of(text: str | None) -> str | None:
    """Return the region that a `$filter` names, None if there is no filter; raise if unreadable."""
    if not text:
        return None
    found = _FILTER.fullmatch(text)
    if found is None:
        raise bad_filter(text)
    return found[1].replace(" ", "").lower()


def rows(world: World, region: str) -> Iterator[Json]:
    """Yield every row of a region."""
    yield from _disks(region)
    for kind in ("Standard_LRS", "Premium_LRS", "Standard_ZRS"):
        yield _row(region, "snapshots", kind, kind.split("_", maxsplit=1)[0])
    for size in sold(world):
        if size.offered(region):
            yield _size(world, size, region)


def _row(region: str, type_: str, name: str, tier: str) -> Json:
    return {
        "resourceType": type_,
        "name": name,
        "tier": tier,
        "locations": [region],
        "locationInfo": [{"location": region, "zones": [], "zoneDetails": []}],
        "restrictions": [],
    }


def _size(world: World, size: Size, region: str) -> Json:
    ultra = list(size.ultra_zones_by_region.get(region, ()))
    detail = {"Name": ultra, "capabilities": _named({"UltraSSDAvailable": "True"})}
    return {
        **_row(region, "virtualMachines", size.name, "Standard"),
        "size": size.name.removeprefix("Standard_"),
        "family": size.family,
        "locationInfo": [
            {
                "location": region,
                "zones": list(size.zones(region)),
                "zoneDetails": [detail] if ultra else [],
            }
        ],
        "capabilities": _named(dict(size.capabilities)),
        "restrictions": list(_restrictions(world, size, region)),
    }


def _restrictions(world: World, size: Size, region: str) -> Iterator[Json]:
    zones, whole = restricted(world, size, region)
    if whole:
        yield {
            "type": "Location",
            "values": [region],
            "restrictionInfo": {"locations": [region]},
            "reasonCode": REASON,
        }
    if zones:
        yield {
            "type": "Zone",
            "values": [region],
            "restrictionInfo": {"locations": [region], "zones": list(zones)},
            "reasonCode": REASON,
        }


def vm_size(size: Size) -> Json:
    """Return a size as the older list of VM sizes has it."""
    return {
        "name": size.name,
        "numberOfCores": size.vcpus,
        "osDiskSizeInMB": int(size.capabilities["OSVhdSizeMB"]),
        "resourceDiskSizeInMB": size.temp_mib,
        "memoryInMB": int(size.memory_gib * 1024),
        "maxDataDiskCount": int(size.capabilities["MaxDataDiskCount"]),
    }


def _named(capabilities: dict[str, str]) -> list[Json]:
    return [{"name": name, "value": value} for name, value in capabilities.items()]


def _disks(region: str) -> Iterator[Json]:
    for kind, table in TABLES.items():
        least_gib = 0
        for tier in table:
            row = _row(region, "disks", kind, sku_tier(kind))
            if not kind.endswith("_ZRS"):
                row["locationInfo"][0]["zones"] = list(ZONES)
            row["size"] = tier.name or ("U" if kind.startswith("Ultra") else "P")
            suffix = "ReadWrite" if kind in FLEXIBLE else ""
            row["capabilities"] = _named(
                {
                    "MaxSizeGiB": str(tier.up_to_gib),
                    "MinSizeGiB": str(least_gib),
                    f"MaxIOps{suffix}": str(tier.iops),
                    f"MaxBandwidthMBps{suffix}": str(tier.mbps),
                }
            )
            least_gib = tier.up_to_gib
            yield row
