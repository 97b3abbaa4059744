"""Azure's words about groups that VMs are placed in."""

from local.arm.wire import ArmProblem


def in_use(kind: str, name: str, vm_ids: list[str]) -> ArmProblem:
    """Return the 409 for deleting a group that VMs name; code Azure's, wording reconstructed."""
    return ArmProblem(
        409,
        "CannotDeleteResource",
        f"{kind} '{name}' cannot be deleted since it is used by: {', '.join(vm_ids)}.",
    )


def not_found(kind: str, group_id: str) -> ArmProblem:
    """A group that a VM names is not there; reconstructed."""
    return ArmProblem(404, "NotFound", f"{kind} {group_id} is not found.")


def other_zone(name: str, zone: str) -> ArmProblem:
    """The group is bound to another zone than the VM; reconstructed."""
    return ArmProblem(
        409,
        "OperationNotAllowed",
        f"The VM's availability zone does not fit '{name}', which is in zone '{zone}'.",
        target="zones",
    )


def reservation_with_spot() -> ArmProblem:
    """Capacity reservations are for Regular VMs; reconstructed."""
    return ArmProblem(
        409,
        "OperationNotAllowed",
        "Capacity reservation is not supported for Azure Spot Virtual Machines.",
        target="capacityReservation",
    )
