"""Azure's words about VM extensions."""

from local.arm.wire import ArmProblem


def vm_not_running(name: str) -> ArmProblem:
    """Extensions need a running VM; code and first sentence from public traffic."""
    return ArmProblem(
        409,
        "OperationNotAllowed",
        f"Cannot modify extensions in the VM when the VM is not running. VM: '{name}'.",
    )
