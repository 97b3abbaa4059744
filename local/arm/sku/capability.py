"""Capabilities of a size as Resource SKUs spells them, all of them text."""

from collections.abc import Mapping
from typing import Final

MIB: Final = 1 << 20
OS_DISK_MIB: Final = 1_047_552
"""Largest OS disk, the same for every size; recorded."""


UNTOLD: Final = {"UncachedDiskIOPS": "0", "UncachedDiskBytesPerSecond": "0"}
"""Values that sizes without premium storage leave out."""


def capabilities(row: Mapping[str, str], family: Mapping[str, str]) -> dict[str, str]:
    """Return the capabilities of a size from its row and its family's, in Azure's order."""
    nvme_mib = row["nvme_mib"]
    found: dict[str, str | None] = {
        "MaxResourceVolumeMB": row["temp_mib"],
        "OSVhdSizeMB": str(OS_DISK_MIB),
        "vCPUs": row["vcpus"],
        "HyperVGenerations": family["generations"],
        "MemoryGB": row["memory_gib"],
        "MaxDataDiskCount": row["data_disks"],
        "CpuArchitectureType": family["architecture"],
        "LowPriorityCapable": flag(family["spot"]),
        "HibernationSupported": "True" if family["hibernation"] == "1" else None,
        "PremiumIO": flag(family["premium"]),
        "VMDeploymentTypes": family["deployments"],
        "vCPUsAvailable": row["vcpus"],
        "GPUs": row["gpus"],
        "ACUs": family["acus"],
        "vCPUsPerCore": family["vcpus_per_core"],
        "UncachedDiskIOPS": row["iops"],
        "UncachedDiskBytesPerSecond": str(int(float(row["mibps"]) * MIB)),
        "EphemeralOSDiskSupported": flag(family["ephemeral"]),
        "EncryptionAtHostSupported": flag(family["encryption"]),
        "CapacityReservationSupported": flag(family["reservation"]),
        "TrustedLaunchDisabled": None if family["trusted_launch"] == "1" else "True",
        "ConfidentialComputingType": family["confidential"],
        "DiskControllerTypes": family["controllers"],
        "NvmeDiskSizeInMiB": nvme_mib,
        "AcceleratedNetworkingEnabled": flag(row["accelerated"] or family["accelerated"]),
        "RdmaEnabled": "False",
        "MaxNetworkInterfaces": row["nics"],
    }
    return {name: value for name, value in found.items() if value and UNTOLD.get(name) != value}


def flag(text: str) -> str:
    """Return a table's 1 or 0 as Azure writes it."""
    return "True" if text == "1" else "False"
