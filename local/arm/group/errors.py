"""Azure's words about resource groups."""

from local.arm.wire import ArmProblem


def not_found(group: str) -> ArmProblem:
    """No such resource group."""
    return ArmProblem(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.")


def being_deleted(group: str) -> ArmProblem:
    """The group is on its way out."""
    return ArmProblem(
        409,
        "ResourceGroupBeingDeleted",
        f"The resource group '{group}' is in deprovisioning state and cannot perform this "
        "operation.",
    )


def other_location(location: str, wanted: str) -> ArmProblem:
    """A group does not move."""
    return ArmProblem(
        409,
        "InvalidResourceGroupLocation",
        f"Invalid resource group location '{wanted}'. The Resource group already exists in "
        f"location '{location}'.",
    )
