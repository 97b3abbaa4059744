"""Azure's words when a gallery, or an image in it, cannot be had or made."""

from local.arm.wire import ArmProblem


def not_in_region(image_id: str, location: str) -> ArmProblem:
    """Return the 404 for an image that has no replica in the region; from public issues."""
    return ArmProblem(
        404,
        "GalleryImageNotFound",
        f"The gallery image {image_id} is not available in {location} region. Please contact "
        "image owner to replicate to this region, or change your requested region.",
        target="imageReference",
    )


def parent_not_found(child_type: str, parent_id: str) -> ArmProblem:
    """Return the 404 for a child whose parent is absent; ARM's wording."""
    return ArmProblem(
        404,
        "ParentResourceNotFound",
        f"Failed to perform 'write' on resource(s) of type '{child_type}', because the parent "
        f"resource '{parent_id}' could not be found.",
    )


def not_empty(resource_id: str, child: str) -> ArmProblem:
    """Return the 409 for deleting what still has children; reconstructed."""
    return ArmProblem(
        409,
        "CannotDeleteResource",
        f"Cannot delete resource '{resource_id}' while nested resources exist. Some existing "
        f"nested resource IDs include: '{child}'. Please delete all nested resources before "
        "deleting this resource.",
    )


def invalid_version(name: str) -> ArmProblem:
    """Return the 400 for a version that is not `major.minor.patch`; reconstructed."""
    return ArmProblem(
        400,
        "InvalidParameter",
        f"The gallery image version name '{name}' is invalid: it must be of the form "
        "Major(int32).Minor(int32).Patch(int32).",
        target="galleryImageVersionName",
    )


def os_mismatch(declared: str, found: str) -> ArmProblem:
    """Return the 400 for a source of another operating system; reconstructed."""
    return ArmProblem(
        400,
        "InvalidParameter",
        f"The operating system '{found}' of the source does not match '{declared}' of the "
        "gallery image definition.",
        target="storageProfile.source",
    )
