"""Azure's words when a managed image cannot be had or made."""

from local.arm.wire import ArmProblem


def image_not_found(image_id: str) -> ArmProblem:
    """Return the 404 for an image reference whose id names nothing; reconstructed."""
    return ArmProblem(
        404, "NotFound", f"The Image '{image_id}' cannot be found.", target="imageReference"
    )


def other_region(image_id: str, image_location: str, location: str) -> ArmProblem:
    """Return the 400 for an image of another region; reconstructed."""
    return ArmProblem(
        400,
        "InvalidParameter",
        f"The image '{image_id}' is in location '{image_location}', but location '{location}' "
        "is required.",
        target="imageReference",
    )


def not_generalized(vm_id: str) -> ArmProblem:
    """Return the 409 for an image of a VM that was never generalized; reconstructed."""
    return ArmProblem(
        409,
        "OperationNotAllowed",
        f"The operation 'CreateImage' is not allowed on VM '{vm_id}' since the VM is not "
        "generalized.",
    )


def not_shared(kind: str, value: str) -> ArmProblem:
    """Return the refusal of images shared from elsewhere: this simulator has one owner only."""
    return ArmProblem(
        404,
        "GalleryImageNotFound",
        f"The {kind} '{value}' is not found: this simulator has no galleries of other owners.",
        target="imageReference",
    )
