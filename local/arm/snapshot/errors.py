"""Azure's words when it refuses something about a snapshot. All reconstructed from the limits."""

from local.arm.wire import ArmProblem


def must_be_incremental(kind: str) -> ArmProblem:
    """Return the 400 for a full snapshot of a Premium SSD v2 or Ultra disk."""
    return ArmProblem(
        400,
        "InvalidParameter",
        f"Snapshots of disks of type '{kind}' must be incremental.",
        target="incremental",
    )


def too_many(disk_id: str, limit: int) -> ArmProblem:
    """Return the 409 for more incremental snapshots of one disk than may exist."""
    return ArmProblem(
        409,
        "SnapshotCountExceeded",
        f"The number of incremental snapshots of disk {disk_id} has reached its limit of {limit}.",
    )


def too_fast(disk_id: str, limit: int, window_s: int) -> ArmProblem:
    """Return the 409 for more incremental snapshots of one disk than a window allows."""
    return ArmProblem(
        409,
        "OperationNotAllowed",
        f"At most {limit} incremental snapshots of disk {disk_id} can be created in "
        f"{window_s // 60} minutes. Please try again later.",
    )


def too_many_pending(disk_id: str, limit: int) -> ArmProblem:
    """Return the 409 for more background copies of one disk than may run."""
    return ArmProblem(
        409,
        "OperationNotAllowed",
        f"At most {limit} snapshots of disk {disk_id} can be copied in the background at a time.",
    )


def option_not_supported(option: str) -> ArmProblem:
    """Return the 400 for a way to create that snapshots do not have here."""
    return ArmProblem(
        400,
        "InvalidParameter",
        f"createOption '{option}' is not supported for snapshots by this simulator: it takes "
        "'Copy' and 'CopyStart'.",
        target="creationData.createOption",
    )


def not_incremental(snapshot_id: str) -> ArmProblem:
    """Return the 400 for a deep copy of what is no incremental snapshot."""
    return ArmProblem(
        400,
        "InvalidParameter",
        f"CopyStart needs an incremental snapshot as its source; '{snapshot_id}' is none.",
        target="creationData.sourceResourceId",
    )
