"""What VM sizes cost: Regular and Spot, Linux and Windows, per region and hour.

Regular Linux prices of eastus are those of Azure's public price list, rounded to what a vCPU of
the family costs; Windows adds a charge for each vCPU; westeurope costs a fifth more; Spot costs a
share of Regular that differs by family (an assumption: real ones move from month to month).
"""

from typing import Final, Literal

from local.arm.sku.state import REGIONS, Size, catalogue
from local.arm.wire import Json
from local.arm.world import World

Kind = Literal["Regular", "Spot"]
System = Literal["Linux", "Windows"]

METERS: Final = ("Linux Regular", "Linux Spot", "Windows Regular", "Windows Spot")
"""What has a price that can be set."""
FACTORS: Final = {"eastus": 1.0, "westeurope": 1.2}
LOW_PRIORITY_SHARE: Final = 0.2
"""Low Priority costs a fifth of Linux Regular; of Windows two fifths. Source: price list."""
RESERVED_SHARE: Final = 0.63
"""A year's reservation, against a year of pay-as-you-go."""
PLACES: Final = 6
"""Decimal places that the price list has."""


def set_price(world: World, location: str, size: str, meter: str, usd: float) -> None:
    """Set what an hour costs; `meter` is one of METERS. ValueError if there is no such price."""
    region = _region(location)
    if size.lower() not in catalogue() or region not in REGIONS or meter not in METERS:
        raise ValueError(f"no price '{meter}' of {size} in {location}")
    if usd <= 0:
        raise ValueError("a price must be above 0")
    prices: Json = world.facts.setdefault("prices", {})
    prices[f"{region}/{size.lower()}/{meter}"] = usd


def price(
    world: World, location: str, size: Size, kind: Kind, system: System = "Linux"
) -> float | None:
    """Return what an hour costs in USD, or None if it is not sold."""
    region = _region(location)
    if not size.offered(region) or (system == "Windows" and not has_windows(size)):
        return None
    if kind == "Spot" and not size.spot_share:
        return None
    given = world.facts.get("prices", {}).get(f"{region}/{size.name.lower()}/{system} {kind}")
    if given is not None:
        return float(given)
    usd = size.usd_per_hour + (size.windows_usd_per_hour if system == "Windows" else 0.0)
    share = size.spot_share if kind == "Spot" else 1.0
    return round(usd * FACTORS[region] * share, PLACES)


def spot_price(world: World, size: Size, location: str, os_type: str) -> float | None:
    """Return what an hour of a Spot VM costs now in USD, or None if it is not sold as Spot."""
    return price(world, location, size, "Spot", "Windows" if os_type == "Windows" else "Linux")


def has_windows(size: Size) -> bool:
    """Tell whether Windows is sold on this size: not on Arm."""
    return size.capabilities["CpuArchitectureType"] == "x64"


def _region(location: str) -> str:
    return location.replace(" ", "").lower()
