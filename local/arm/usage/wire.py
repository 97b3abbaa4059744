"""How quota looks on the wire."""

import re
from typing import Final

from local.arm.wire import Json

LOCALIZED: Final = {
    "availabilitySets": "Availability Sets",
    "cores": "Total Regional vCPUs",
    "virtualMachines": "Virtual Machines",
    "virtualMachineScaleSets": "Virtual Machine Scale Sets",
    "dedicatedVCpus": "Dedicated vCPUs",
    "lowPriorityCores": "Total Regional Low-priority vCPUs",
    "StandardDiskCount": "Standard HDD Managed Disks",
    "StandardSSDDiskCount": "StandardSSD Managed Disks",
    "PremiumDiskCount": "Premium SSD Managed Disks",
    "UltraSSDDiskCount": "UltraSSD Managed Disks",
    "PremiumV2DiskCount": "Premium SSD v2 Managed Disks",
    "StandardSnapshotCount": "Standard Storage Snapshots",
    "PremiumSnapshotCount": "Premium Storage Snapshots",
    "ZRSSnapshotCount": "Zone Redundant Storage Snapshots",
}


def row(name: str, limit: int, used: int) -> Json:
    """Return one row of the answer."""
    return {
        "limit": limit,
        "unit": "Count",
        "currentValue": used,
        "name": {"value": name, "localizedValue": LOCALIZED.get(name) or _family(name)},
    }


def _family(name: str) -> str:
    """Return `Standard DSv3 Family vCPUs` for `standardDSv3Family`."""
    return re.sub(r"^standard(.+)Family$", r"Standard \1 Family vCPUs", name, flags=re.IGNORECASE)
