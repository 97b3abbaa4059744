"""Security of a VM: trusted launch, confidential VMs, encryption at host."""

from typing import Final

from azure.mgmt.compute import models as m

from shared.model.launch import LaunchSpecification, Security
from shared.model.run import DiskRef

CONFIDENTIAL: Final = "ConfidentialVM"
GUARDED: Final = ("TrustedLaunch", CONFIDENTIAL)
"""Security types with UEFI settings."""


def security_profile(
    launch: LaunchSpecification, os_disk: DiskRef | None
) -> m.SecurityProfile | None:
    """Return what the VM's security profile says; None: Azure's default, Standard.

    On an OS disk that exists the disk decides the type: Azure refuses a VM of another one. Standard
    is left out, and so is encryption at host unless it is wanted: naming either needs a feature
    that not every subscription has registered. Source: public issues of azure-cli and
    bicep-registry-modules (UseStandardSecurityType, EncryptionAtHost).
    """
    security = launch.security or Security()
    kind = (os_disk.security_type if os_disk else None) or security.security_type
    uefi = _uefi(security, kind) if kind in GUARDED else None
    at_host = True if security.encryption_at_host else None
    if uefi is None and at_host is None:
        return None
    return m.SecurityProfile(
        security_type=kind if uefi else None, uefi_settings=uefi, encryption_at_host=at_host
    )


def _uefi(security: Security, kind: str | None) -> m.UefiSettings:
    """Return both switches said out loud.

    A confidential VM always has a vTPM; one whose OS disk is encrypted with its state boots
    securely, too. Source: Azure docs, confidential VM overview; terraform-provider-azurerm.
    """
    confidential = kind == CONFIDENTIAL
    boots_securely = confidential and bool(security.confidential_os_disk_encryption)
    return m.UefiSettings(
        secure_boot_enabled=bool(security.secure_boot_enabled) or boots_securely,
        v_tpm_enabled=True if confidential else bool(security.v_tpm_enabled),
    )


def disk_security(launch: LaunchSpecification) -> m.VMDiskSecurityProfile | None:
    """Return how the OS disk of a new confidential VM is encrypted; None for any other."""
    security = launch.security
    if security is None or security.security_type != CONFIDENTIAL:
        return None
    whole = security.confidential_os_disk_encryption
    kind = "DiskWithVMGuestState" if whole else "VMGuestStateOnly"
    return m.VMDiskSecurityProfile(security_encryption_type=kind)
