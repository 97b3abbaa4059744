"""The catalogue of VM sizes: what each can do, where it is offered, and to whom it is not.

Facts from `families.csv` and `sizes.csv`. Sources: Azure docs, virtual-machines/sizes (vCPUs,
memory, local storage, data disks, NICs, uncached IOPS and throughput); recorded Resource SKUs
answers (capability names and spellings, families up to v3 and B, restrictions' shape). Zones of
families newer than v4 and the share of the Regular price that Spot costs are assumptions.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from local.arm.sku.capability import capabilities
from local.arm.wire import Json
from local.arm.world import World

REGIONS: Final = {"eastus": "US East", "westeurope": "EU West"}
"""Regions of this simulator: as ARM names them, as the price list does."""

RESTRICTED: Final[dict[str, dict[str, str]]] = {
    "eastus": {"Standard_D2as_v6": "3", "Standard_L8s_v3": "1", "Standard_L16s_v3": "1"},
    "westeurope": {"Standard_NC96ads_A100_v4": "23*", "Standard_EC96ads_v5": "123*"},
}
"""Sizes that the subscription may not use: in the zones named; `*`: in the whole region."""


@dataclass(frozen=True)
class Size:
    """One VM size."""

    name: str
    """As Azure spells it: `Standard_D2s_v5`."""
    family: str
    """Quota family: `standardDSv5Family`."""
    series: str
    vcpus: int
    memory_gib: float
    capabilities: Mapping[str, str]
    """Text for text as Resource SKUs tells them; absent means false."""
    zones_by_region: Mapping[str, tuple[str, ...]]
    ultra_zones_by_region: Mapping[str, tuple[str, ...]]
    usd_per_hour: float
    """Regular price of Linux in eastus."""
    windows_usd_per_hour: float
    """What Windows adds to it."""
    spot_share: float
    """Part of the Regular price that Spot costs; 0: not sold as Spot."""

    def zones(self, location: str) -> tuple[str, ...]:
        """Return the zones of a region that have this size; empty: regional only, or nowhere."""
        return self.zones_by_region.get(_region(location), ())

    def offered(self, location: str) -> bool:
        """Tell whether the region sells this size at all."""
        return _region(location) in self.zones_by_region

    def supports(self, capability: str) -> bool:
        """Tell whether a true-or-false capability is true."""
        return self.capabilities.get(capability) == "True"

    @property
    def temp_mib(self) -> int:
        """Size of the local temporary disk; 0: none."""
        return int(self.capabilities["MaxResourceVolumeMB"])

    @property
    def controllers(self) -> tuple[str, ...]:
        """Disk controllers that the size has; sizes that name none have SCSI."""
        text = self.capabilities.get("DiskControllerTypes", "SCSI")
        return tuple(part.strip() for part in text.split(","))

    @property
    def generations(self) -> tuple[str, ...]:
        """Hyper-V generations that the size boots: `V1`, `V2`."""
        return tuple(self.capabilities["HyperVGenerations"].split(","))


def _region(location: str) -> str:
    return location.replace(" ", "").lower()


def _table(name: str) -> Iterator[dict[str, str]]:
    with Path(__file__).with_name(name).open(encoding="ascii", newline="") as file:
        yield from csv.DictReader(file)


@cache
def catalogue() -> Mapping[str, Size]:
    """Return all sizes by lower-case name, in the tables' order."""
    families = {row["series"]: row for row in _table("families.csv")}
    sizes = (_size(row, families[row["series"]]) for row in _table("sizes.csv"))
    return {size.name.lower(): size for size in sizes}


def sold(world: World) -> Iterator[Size]:
    """Yield what lists of sizes and prices show: all, or those up to the setting `vcpus_max`."""
    most = world.facts.get("settings", {}).get("vcpus_max")
    return (size for size in catalogue().values() if most is None or size.vcpus <= most)


def _size(row: dict[str, str], family: dict[str, str]) -> Size:
    vcpus = int(row["vcpus"])
    return Size(
        name=f"Standard_{row['size']}",
        family=family["family"],
        series=row["series"],
        vcpus=vcpus,
        memory_gib=float(row["memory_gib"]),
        capabilities=capabilities(row, family),
        zones_by_region={region: tuple(family[region]) for region in REGIONS},
        ultra_zones_by_region={region: tuple(family[f"{region}_ultra"]) for region in REGIONS},
        usd_per_hour=float(row["usd"] or vcpus * float(family["usd_per_vcpu"])),
        windows_usd_per_hour=vcpus * float(family["windows_usd_per_vcpu"]),
        spot_share=float(family["spot_share"]),
    )


def size(world: World, name: str) -> Size | None:
    """Return the size of that name, in whatever case, or None."""
    del world  # the catalogue is the same in every world; restrictions are not
    return catalogue().get(name.lower())


def families() -> list[str]:
    """Return the quota families, in the tables' order."""
    return list(dict.fromkeys(one.family for one in catalogue().values()))


# -- restrictions -----------------------------------------------------------------------------


def restrict(world: World, name: str, location: str, *, zones: str, whole: bool) -> None:
    """Set what the subscriptions of this world may not use: `zones` such as "13"; "" lifts it."""
    shelf: Json = world.facts.setdefault("sku_restrictions", {})
    shelf[f"{_region(location)}/{name.lower()}"] = zones + ("*" if whole else "")


def restricted(world: World, one: Size, location: str) -> tuple[tuple[str, ...], bool]:
    """Return the zones that a subscription may not use, and whether the whole region is shut."""
    region = _region(location)
    set_here: Json = world.facts.get("sku_restrictions", {})
    by_default = RESTRICTED.get(region, {}).get(one.name, "")
    text = str(set_here.get(f"{region}/{one.name.lower()}", by_default))
    zones = tuple(zone for zone in text.rstrip("*") if zone in one.zones(region))
    return zones, text.endswith("*")


def refused(world: World, one: Size, location: str, zone: str | None) -> bool:
    """Tell whether a VM of this size is out of reach there, whatever the capacity."""
    zones, whole = restricted(world, one, location)
    if whole or not one.offered(location):
        return True
    return zone is not None and (zone in zones or zone not in one.zones(location))
