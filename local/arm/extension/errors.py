"""Azure's words about VM extensions."""

from local.arm.wire import ArmProblem


def vm_not_running(name: str) -> ArmProblem:
    """Extensions need a running VM; code and first sentence from public traffic."""
    return ArmProblem(
        409,
        "OperationNotAllowed",
        f"Cannot modify extensions in the VM when the VM is not running. VM: '{name}'.",
    )


def missing(parameter: str) -> ArmProblem:
    """Return the 400 for a parameter left out; shape recorded."""
    return ArmProblem(
        400,
        "InvalidParameter",
        f"Required parameter '{parameter}' is missing (null).",
        target=parameter,
    )


def unchangeable(parameter: str) -> ArmProblem:
    """Publisher and type of an extension are fixed; code as for VMs."""
    return ArmProblem(
        409,
        "PropertyChangeNotAllowed",
        f"Changing property '{parameter}' is not allowed.",
        target=parameter,
    )
