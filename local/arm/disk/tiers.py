"""What a disk of a kind and size performs.

Source: Azure docs, "Azure managed disk types" (tables of Premium SSD, Standard SSD and HDD sizes,
baseline of Premium SSD v2, ranges of Ultra Disk); IOPS and MB/s up to P50, E50 and S50 as recorded.
"""

from typing import Final, NamedTuple


class Tier(NamedTuple):
    """One row of a kind's size table: the largest disk that it serves."""

    name: str
    up_to_gib: int
    iops: int
    mbps: int


_PREMIUM: Final = (
    Tier("P1", 4, 120, 25),
    Tier("P2", 8, 120, 25),
    Tier("P3", 16, 120, 25),
    Tier("P4", 32, 120, 25),
    Tier("P6", 64, 240, 50),
    Tier("P10", 128, 500, 100),
    Tier("P15", 256, 1100, 125),
    Tier("P20", 512, 2300, 150),
    Tier("P30", 1024, 5000, 200),
    Tier("P40", 2048, 7500, 250),
    Tier("P50", 4096, 7500, 250),
    Tier("P60", 8192, 16000, 500),
    Tier("P70", 16384, 18000, 750),
    Tier("P80", 32767, 20000, 900),
)
_STANDARD_SSD: Final = (
    Tier("E50", 4096, 500, 60),
    Tier("E60", 8192, 2000, 400),
    Tier("E70", 16384, 4000, 600),
    Tier("E80", 32767, 6000, 750),
)
_STANDARD_HDD: Final = (
    Tier("S50", 4096, 500, 60),
    Tier("S60", 8192, 1300, 300),
    Tier("S80", 32767, 2000, 500),
)
_PREMIUM_V2: Final = (Tier("", 65536, 3000, 125),)
_ULTRA: Final = (Tier("", 65536, 500, 8),)

TABLES: Final = {
    "Premium_LRS": _PREMIUM,
    "Premium_ZRS": _PREMIUM,
    "StandardSSD_LRS": _STANDARD_SSD,
    "StandardSSD_ZRS": _STANDARD_SSD,
    "Standard_LRS": _STANDARD_HDD,
    "PremiumV2_LRS": _PREMIUM_V2,
    "UltraSSD_LRS": _ULTRA,
}
"""Kinds of managed disk, as `sku.name` spells them."""

FLEXIBLE: Final = frozenset({"PremiumV2_LRS", "UltraSSD_LRS"})
"""Kinds whose IOPS and throughput the owner sets; data disks only, zonal, no instant snapshot."""

SKU_TIERS: Final = {"Premium": "Premium", "PremiumV2": "Premium", "UltraSSD": "Ultra"}


def spelled(name: str) -> str | None:
    """Return a kind's name in Azure's spelling, or None if there is no such kind."""
    return next((kind for kind in TABLES if kind.lower() == name.lower()), None)


def sku_tier(kind: str) -> str:
    """Return `sku.tier` of a kind: `Premium`, `Standard` or `Ultra`."""
    return SKU_TIERS.get(kind.split("_", maxsplit=1)[0], "Standard")


def tier_of(kind: str, size_gib: int) -> Tier | None:
    """Return the row that serves a disk of `size_gib`, or None if the kind has none so large."""
    return next((tier for tier in TABLES[kind] if size_gib <= tier.up_to_gib), None)


def shows_tier(kind: str) -> bool:
    """Tell whether bodies of this kind carry `tier`: only Premium SSD does."""
    return TABLES[kind] is _PREMIUM
