"""What Azure says of resources of any kind."""

from local.arm.wire import ArmProblem


def missing(parameter: str) -> ArmProblem:
    """Return the 400 for a parameter left out; shape recorded."""
    return ArmProblem(
        400,
        "InvalidParameter",
        f"Required parameter '{parameter}' is missing (null).",
        target=parameter,
    )


def unchangeable(parameter: str) -> ArmProblem:
    """Return the 409 for changing what is fixed at creation; recorded for VMs."""
    return ArmProblem(
        409,
        "PropertyChangeNotAllowed",
        f"Changing property '{parameter}' is not allowed.",
        target=parameter,
    )


def location_required() -> ArmProblem:
    """Return the 400 for a new group or top-level resource without a region."""
    return ArmProblem(
        400, "LocationRequired", "The location property is required for this definition."
    )
