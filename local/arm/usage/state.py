"""Quota: what a subscription uses in a region, counted from its resources, and what it may use.

A Spot VM draws on `lowPriorityCores` alone, a Regular one on `cores` and on its family. VMs count
whether they run or are deallocated. Reserved capacity counts whole, and the VMs in it no more.
Sources: Azure docs, spot-vms ("Frequently asked questions"), quotas and
capacity-reservation-overview; names as recorded.
"""

from collections import Counter
from typing import Final

from local.arm.reservation import state as reservation
from local.arm.sku.state import Size, families, size
from local.arm.usage.errors import exceeded
from local.arm.wire import Json, same_location
from local.arm.world import World

RESERVATIONS: Final = "Microsoft.Compute/capacityReservationGroups/capacityReservations"
VIRTUAL_MACHINES: Final = "Microsoft.Compute/virtualMachines"
SPOT: Final = frozenset({"spot", "low", "spotplus"})

DEFAULT_CORES: Final = 350
"""Limit of every pool of vCPUs that is not named below: a pay-as-you-go subscription's."""

DEFAULTS: Final = {
    "availabilitySets": 2500,
    "virtualMachines": 25000,
    "virtualMachineScaleSets": 2500,
    "dedicatedVCpus": 3000,
    "StandardNCADSA100v4Family": 0,
    "standardECADSv5Family": 0,
    "StandardDiskCount": 50000,
    "StandardSSDDiskCount": 50000,
    "PremiumDiskCount": 50000,
    "UltraSSDDiskCount": 1000,
    "PremiumV2DiskCount": 1000,
    "StandardSnapshotCount": 75000,
    "PremiumSnapshotCount": 75000,
    "ZRSSnapshotCount": 75000,
}
"""Other limits; GPU and rare families start at 0, as in a new subscription. Recorded, where they
were; Premium SSD v2 and Ultra: Azure docs, azure-subscription-service-limits."""

COUNTED: Final = {
    "Standard_LRS": "StandardDiskCount",
    "StandardSSD_LRS": "StandardSSDDiskCount",
    "StandardSSD_ZRS": "StandardSSDDiskCount",
    "Premium_LRS": "PremiumDiskCount",
    "Premium_ZRS": "PremiumDiskCount",
    "UltraSSD_LRS": "UltraSSDDiskCount",
    "PremiumV2_LRS": "PremiumV2DiskCount",
}
SNAPSHOTS_COUNTED: Final = {
    "Standard_LRS": "StandardSnapshotCount",
    "Premium_LRS": "PremiumSnapshotCount",
    "Standard_ZRS": "ZRSSnapshotCount",
}

NAMES: Final = (
    "availabilitySets",
    "cores",
    "virtualMachines",
    "virtualMachineScaleSets",
    "dedicatedVCpus",
    "lowPriorityCores",
    *families(),
    *dict.fromkeys([*COUNTED.values(), *SNAPSHOTS_COUNTED.values()]),
)
"""Everything that is limited, in the order of the answer."""


def is_spot(priority: str | None) -> bool:
    """Tell whether a VM's `priority` draws on the Spot pool."""
    return (priority or "Regular").lower() in SPOT


def limit(world: World, subscription: str, location: str, name: str) -> int:
    """Return how much a subscription may use in a region."""
    limits: Json = world.facts.get("quota", {})
    for owner in (subscription.lower(), "*"):
        for region in (_region(location), "*"):
            given = limits.get(f"{owner}/{region}/{name.lower()}")
            if given is not None:
                return int(given)
    return DEFAULTS.get(name, DEFAULT_CORES)


def set_limit(world: World, subscription: str, location: str, name: str, value: int) -> None:
    """Set a limit; subscription and location `*` stand for all of them."""
    limits: Json = world.facts.setdefault("quota", {})
    limits[f"{subscription.lower()}/{_region(location)}/{name.lower()}"] = value


def _region(location: str) -> str:
    return location.replace(" ", "").lower()


def used(world: World, subscription: str, location: str) -> Counter[str]:
    """Return what a subscription uses in a region, by name; nothing used is absent."""
    under = f"/subscriptions/{subscription}"
    counted, covered = _reserved(world, under, location)
    for vm in world.of_type(VIRTUAL_MACHINES, under):
        if same_location(vm.location, location):
            drawn = _draws(world, vm.properties)
            counted.update({"virtualMachines": 1} if vm.id in covered else drawn)
    for type_, names in (("disks", COUNTED), ("snapshots", SNAPSHOTS_COUNTED)):
        for resource in world.of_type(f"Microsoft.Compute/{type_}", under):
            if same_location(resource.location, location):
                counted[names[resource.body["sku"]["name"]]] += 1
    for _ in world.of_type("Microsoft.Compute/availabilitySets", under):
        counted["availabilitySets"] += 1
    return counted


def _reserved(world: World, under: str, location: str) -> tuple[Counter[str], set[str]]:
    """Return what reservations draw, used or not, and the ids of the VMs that stand in them."""
    counted: Counter[str] = Counter()
    covered: set[str] = set()
    for one in world.of_type(RESERVATIONS, under):
        if not same_location(one.location, location):
            continue
        kind, capacity = size(world, one.body["sku"]["name"]), one.body["sku"]["capacity"]
        vcpus = capacity * kind.vcpus if kind else 0
        counted.update({"cores": vcpus, kind.family if kind else "": vcpus})
        covered.update(reservation.allocated(world, one)[:capacity])
    return counted, covered


def _draws(world: World, vm: Json) -> dict[str, int]:
    one = size(world, (vm.get("hardwareProfile") or {}).get("vmSize") or "")
    vcpus = one.vcpus if one else 0
    if is_spot(vm.get("priority")):
        return {"virtualMachines": 1, "lowPriorityCores": vcpus}
    pools = {"virtualMachines": 1, "cores": vcpus}
    return pools | {one.family: vcpus} if one else pools


def check(  # noqa: PLR0913 - one keyword for each fact that the VM knows
    world: World,
    *,
    subscription: str,
    location: str,
    size: Size,
    priority: str | None,
    less: int = 0,
) -> None:
    """Raise Azure's 409 if a VM of this size would exceed a limit.

    `less`: vCPUs that the same VM draws from the same pools already (a resize).
    """
    required = size.vcpus - less
    if required <= 0:
        return
    pools = {"cores": "Total Regional Cores", size.family: f"{size.family} Cores"}
    if is_spot(priority):
        pools = {"lowPriorityCores": "LowPriorityCores"}
    counted = used(world, subscription, location)
    for name, called in pools.items():
        allowed = limit(world, subscription, location, name)
        if counted[name] + required > allowed:
            raise exceeded(
                called,
                _region(location),
                limit=allowed,
                used=counted[name],
                required=required,
            )
