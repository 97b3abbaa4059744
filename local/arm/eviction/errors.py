"""Azure's words about evictions."""

from local.arm.wire import ArmProblem


def only_spot() -> ArmProblem:
    """A Regular VM is never evicted; recorded."""
    return ArmProblem(
        409,
        "OperationNotAllowed",
        "Operation 'simulateEviction' is allowed only for Spot Virtual Machines",
    )


def not_running(name: str) -> ArmProblem:
    """There is nothing to evict; code as for other actions, text reconstructed."""
    return ArmProblem(
        409,
        "OperationNotAllowed",
        f"Operation 'simulateEviction' is not allowed on VM '{name}' since the VM is not running.",
    )
