"""What Azure lets a new VM have only under a condition: plans, features, disks, security.

Sources: public issues of azure-cli, terraform-provider-azurerm and bicep-registry-modules for the
words; Azure docs, cli-ps-findimage, disks-enable-host-based-encryption, disks-enable-ultra-ssd,
trusted-launch.
"""

from collections.abc import Iterable
from typing import Final

from local.arm.vm import errors, fit_errors
from local.arm.wire import ArmProblem, Json
from local.arm.world import World

ENCRYPTION_AT_HOST: Final = "Microsoft.Compute/EncryptionAtHost"
TRUSTED: Final = (
    *("TrustedLaunch", "TrustedLaunchSupported", "TrustedLaunchAndConfidentialVmSupported"),
)
CONFIDENTIAL: Final = (
    *("ConfidentialVM", "ConfidentialVMSupported", "TrustedLaunchAndConfidentialVmSupported"),
)


def features(world: World) -> list[str]:
    """Return the features that the subscription has registered: settings tell, else none."""
    registered: list[str] = world.facts.get("settings", {}).get("features", [])
    return registered


def check(world: World, body: Json, vm_id: str, image: Json | None) -> None:
    """Raise Azure's refusal of what a new VM asks for without having what that needs.

    `image`: what its OS disk is made from; None: an attached disk.
    """
    properties = body.get("properties") or {}
    _check_plan(body.get("plan"), vm_id, image)
    _check_security(world, properties.get("securityProfile") or {}, image)
    _check_size(properties.get("storageProfile") or {}, image)
    _check_ultra(properties)


def _check_plan(plan: Json | None, vm_id: str, image: Json | None) -> None:
    if image is None:
        return
    wanted = image.get("purchasePlan")
    if wanted and not plan:
        raise plan_missing(vm_id)
    if plan and wanted and any(plan.get(key) != value for key, value in wanted.items()):
        raise plan_differs(vm_id)
    if plan and not wanted and image["source"] == "marketplace":
        raise plan_unwanted(vm_id)


def _check_security(world: World, security: Json, image: Json | None) -> None:
    # Naming encryption at host needs the feature, whatever the value.
    named = security.get("encryptionAtHost") is not None
    if named and ENCRYPTION_AT_HOST not in features(world):
        raise feature_missing()
    kind = security.get("securityType")
    if security.get("uefiSettings") and kind not in ("TrustedLaunch", "ConfidentialVM"):
        raise uefi_without_type()
    if image is None or kind not in ("TrustedLaunch", "ConfidentialVM"):
        return
    told, wanted = image.get("securityType") or "", {"TrustedLaunch": TRUSTED}
    if told not in wanted.get(kind, CONFIDENTIAL):
        raise fit_errors.image_security(kind)


def _check_size(storage: Json, image: Json | None) -> None:
    asked = (storage.get("osDisk") or {}).get("diskSizeGB")
    if image is not None and asked and asked < image["sizeGB"]:
        raise disk_too_small(asked, image["sizeGB"])


def _check_ultra(properties: Json) -> None:
    disks = (properties.get("storageProfile") or {}).get("dataDisks") or []
    kinds = [(disk.get("managedDisk") or {}).get("storageAccountType") for disk in disks]
    check_ultra(properties, kinds)


def check_ultra(properties: Json, kinds: Iterable[str | None]) -> None:
    """Raise if a disk is Ultra and the VM was not made for such."""
    allowed = (properties.get("additionalCapabilities") or {}).get("ultraSSDEnabled")
    if "UltraSSD_LRS" in kinds and not allowed:
        raise ultra_disabled()


def plan_missing(vm_id: str) -> ArmProblem:
    """Return the 400 for an image that is sold under a plan; from public issues."""
    return ArmProblem(
        400,
        "VMMarketplaceInvalidInput",
        "Creating a virtual machine from Marketplace image or a custom image sourced from a "
        f"Marketplace image requires Plan information in the request. VM: '{vm_id}'.",
    )


def plan_differs(vm_id: str) -> ArmProblem:
    """Return the 400 for another plan than the image's; reconstructed."""
    return ArmProblem(
        400,
        "VMMarketplaceInvalidInput",
        f"The part number in the purchase information for VM '{vm_id}' is not as expected. Beware "
        "that the Plan object's properties are case-sensitive.",
    )


def plan_unwanted(vm_id: str) -> ArmProblem:
    """Return the 400 for a plan where the image is sold under none; reconstructed."""
    return ArmProblem(
        400,
        "VMMarketplaceInvalidInput",
        f"The purchase information of VM '{vm_id}' names a plan, but its image has none.",
    )


def feature_missing() -> ArmProblem:
    """Return the 400 for encryption at host in a subscription without it; from public issues."""
    return errors.invalid(
        "securityProfile.encryptionAtHost",
        "The property 'securityProfile.encryptionAtHost' is not valid because the "
        f"'{ENCRYPTION_AT_HOST}' feature is not enabled for this subscription.",
    )


def uefi_without_type() -> ArmProblem:
    """Return the 400 for UEFI settings of a Standard VM; from public issues."""
    return ArmProblem(
        400, "BadRequest", "Use of UEFI settings is not supported when security type is not set."
    )


def disk_too_small(asked_gib: int, image_gib: int) -> ArmProblem:
    """Return the 409 for an OS disk smaller than its image; from public issues."""
    return errors.refused(
        f"The specified disk size {asked_gib} GB is smaller than the size of the corresponding "
        f"disk in the VM image: {image_gib} GB. This is not allowed. Please choose equal or "
        "greater size or do not specify an explicit size.",
        target="osDisk.diskSizeGB",
    )


def ultra_disabled() -> ArmProblem:
    """Return the 400 for an Ultra disk on a VM that does not allow them; from public issues."""
    return errors.invalid(
        "managedDisk.storageAccountType",
        "StorageAccountType UltraSSD_LRS can be used only when additionalCapabilities."
        "ultraSSDEnabled is set.",
    )
