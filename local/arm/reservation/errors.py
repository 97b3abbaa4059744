"""Azure's words about reserved capacity."""

from local.arm.wire import ArmProblem


def unsupported_size(size: str) -> ArmProblem:
    """Return the 400 for a size that is not reserved; from public issues."""
    return ArmProblem(
        400, "NotSupported", f"Capacity Reservation is not supported for VM size {size}."
    )


def no_group(group_id: str) -> ArmProblem:
    """Return the 404 for a reservation in a group that is not there; shape recorded."""
    return ArmProblem(
        404,
        "ParentResourceNotFound",
        f"Failed to perform operation on nested resource: the parent '{group_id}' was not found.",
    )


def other_place(name: str) -> ArmProblem:
    """Return the 400 for a zone or a region that the group does not have; reconstructed."""
    return ArmProblem(
        400,
        "BadRequest",
        f"Capacity reservation '{name}' must be in the region and in a zone of its group.",
        target="zones",
    )


def group_not_empty(name: str) -> ArmProblem:
    """Return the 409 for deleting a group that holds reservations; reconstructed."""
    return ArmProblem(
        409,
        "OperationNotAllowed",
        f"Capacity reservation group '{name}' has capacity reservations: delete them first.",
    )


def in_use(name: str, vm_ids: list[str]) -> ArmProblem:
    """Return the 409 for deleting a reservation that VMs are associated with; reconstructed."""
    return ArmProblem(
        409,
        "OperationNotAllowed",
        f"Capacity reservation '{name}' is used by: {', '.join(vm_ids)}.",
    )


def no_match(group_id: str, size: str) -> ArmProblem:
    """Return the 409 for a VM that no reservation of the group is for; reconstructed.

    The rule itself: Azure docs, capacity-reservation-associate-vm.
    """
    return ArmProblem(
        409,
        "OperationNotAllowed",
        f"Capacity reservation group '{group_id}' has no capacity reservation of VM size '{size}' "
        "in the VM's zone.",
        target="capacityReservation",
    )


def unsuitable(why: str) -> ArmProblem:
    """Return the 409 for a VM with something that reserved capacity is not for; reconstructed."""
    return ArmProblem(
        409,
        "OperationNotAllowed",
        f"Capacity reservation is not supported for VMs with {why}.",
        target="capacityReservation",
    )
