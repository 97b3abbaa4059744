"""Which VM sizes a guest can live on: processor, generation, controller, security, counts.

Source: Azure docs, sizes/resize-vm, trusted-launch, azure-vms-no-temp-disk; capability names of
Resource SKUs.
"""

from dataclasses import dataclass

from local.arm.sku.state import Size
from local.arm.vm import fit_errors
from local.arm.wire import Json
from local.arm.world import Resource


@dataclass(frozen=True)
class Guest:
    """What the operating system on the OS disk asks of a size."""

    generation: str
    """`V1` or `V2`."""
    architecture: str
    """`x64` or `Arm64`."""
    controllers: tuple[str, ...]
    """Disk controllers it has drivers for."""
    security: str
    """Its image's `SecurityType` feature or its disk's security type; empty: standard."""

    def to_json(self) -> Json:
        """Return the guest as a VM keeps it."""
        return {**vars(self), "controllers": list(self.controllers)}


def guest_of_json(kept: Json) -> Guest:
    """Read what `to_json` wrote."""
    return Guest(**{**kept, "controllers": tuple(kept["controllers"])})


def guest_of_image(image: Json) -> Guest:
    """Return what the image of a new OS disk asks."""
    return Guest(
        generation=image.get("hyperVGeneration", "V1"),
        architecture=image.get("architecture", "x64"),
        controllers=controllers_of(image.get("diskControllerTypes")),
        security=str(image.get("securityType") or ""),
    )


def guest_of_disk(disk: Resource) -> Guest:
    """Return what an existing OS disk asks."""
    told = disk.properties
    supported = told.get("supportedCapabilities") or {}
    return Guest(
        generation=told.get("hyperVGeneration", "V1"),
        architecture=supported.get("architecture", "x64"),
        controllers=controllers_of(supported.get("diskControllerTypes")),
        security=str((told.get("securityProfile") or {}).get("securityType") or ""),
    )


def controllers_of(told: object) -> tuple[str, ...]:
    """Return disk controllers from `SCSI, NVMe` or a list; nothing told means SCSI."""
    if isinstance(told, str) and told:
        return tuple(part.strip() for part in told.split(","))
    if isinstance(told, list) and told:
        return tuple(str(part) for part in told)
    return ("SCSI",)


def pick_controller(size: Size, guest: Guest, asked: str | None) -> str:
    """Return the disk controller that a VM of this size gets; raise if none fits."""
    both = [one for one in size.controllers if one in guest.controllers]
    if asked:
        both = [one for one in both if one.lower() == asked.lower()]
    if not both:
        raise fit_errors.controller(size.name)
    return "SCSI" if "SCSI" in both else both[0]


def check_boot(size: Size, guest: Guest) -> None:
    """Raise if the guest cannot boot on the size."""
    supported = size.capabilities.get("CpuArchitectureType", "x64")
    if supported.lower() != guest.architecture.lower():
        raise fit_errors.architecture(size.name, supported, guest.architecture)
    if guest.generation not in size.generations:
        raise fit_errors.generation(size.name, guest.generation)


def check_security(size: Size, guest: Guest, security_type: str) -> None:
    """Raise if size, guest and security type do not go together."""
    confidential = bool(size.capabilities.get("ConfidentialComputingType"))
    if confidential and security_type != "ConfidentialVM":
        raise fit_errors.security_required(size.name)
    if security_type == "ConfidentialVM" and not confidential:
        raise fit_errors.security_unsupported(size.name, security_type)
    if security_type == "TrustedLaunch":
        if size.supports("TrustedLaunchDisabled"):
            raise fit_errors.security_unsupported(size.name, security_type)
        if guest.generation != "V2":
            raise fit_errors.image_security(security_type)


def check_counts(size: Size, name: str, *, data_disks: int, nics: int) -> None:
    """Raise if the size takes fewer data disks or NICs than there are."""
    disk_limit = int(size.capabilities.get("MaxDataDiskCount", "64"))
    if data_disks > disk_limit:
        raise fit_errors.too_many_disks(disk_limit)
    nic_limit = int(size.capabilities.get("MaxNetworkInterfaces", "8"))
    if nics > nic_limit:
        raise fit_errors.too_many_nics(name, size.name, nics, nic_limit)


def check_premium(size: Size, kinds: dict[str, str]) -> None:
    """Raise if a disk (name: kind) is premium and the size does not serve such."""
    if size.supports("PremiumIO"):
        return
    for name, kind in kinds.items():
        if kind.lower().startswith(("premium", "ultra")):
            raise fit_errors.premium(size.name, kind, name)


def check_resize(old: Size, new: Size) -> None:
    """Raise if a VM cannot go from one size to the other for its local temporary disk."""
    if (old.temp_mib > 0) != (new.temp_mib > 0):
        raise fit_errors.resource_disk()
