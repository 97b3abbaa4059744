"""Azure's words when a marketplace image cannot be had."""

from local.arm.wire import ArmProblem


def platform_image_not_found(urn: str) -> ArmProblem:
    """Return the 404 for a VM or disk whose image reference names nothing; from public issues."""
    return ArmProblem(
        404,
        "PlatformImageNotFound",
        f"The platform image '{urn}' is not available. Verify that all fields in the storage "
        "profile are correct. For more details about storage profile information, please refer "
        "to https://aka.ms/storageprofile",
        target="imageReference",
    )


def artifact_not_found(artifact: str) -> ArmProblem:
    """Return the 404 of the catalogue: `VMImage`, `Publisher`; from public issues."""
    return ArmProblem(404, "NotFound", f"Artifact: {artifact} was not found.")
