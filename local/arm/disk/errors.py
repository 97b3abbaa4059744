"""Azure's words when it refuses something about a disk.

Sources: recorded replies of Azure Resource Manager and the public list of common error messages;
a text found in neither is marked "reconstructed".
"""

from local.arm.wire import ArmProblem

_SIZE_CHANGE = (
    "Resizing a disk of an Azure Virtual Machine requires the virtual machine to be deallocated. "
    "Please stop your VM and retry the operation."
)


def referenced_not_found(resource_id: str) -> ArmProblem:
    """Return the 404 for an id inside a request body that names nothing; reconstructed."""
    return ArmProblem(404, "NotFound", f"Resource {resource_id} is not found.")


def attached(disk_name: str, vm_id: str) -> ArmProblem:
    """Return the 409 for deleting a disk in use; recorded."""
    return ArmProblem(409, "OperationNotAllowed", f"Disk {disk_name} is attached to VM {vm_id}.")


def owned(disk_id: str, owner_id: str) -> ArmProblem:
    """Return the 409 for claiming another VM's disk; from the list of error messages."""
    return ArmProblem(
        409,
        "ConflictingUserInput",
        f"Disk '{disk_id}' cannot be attached as the disk is already owned by VM '{owner_id}'.",
    )


def being_detached(disk_name: str, vm_name: str) -> ArmProblem:
    """Return the 409 for claiming a disk that is on its way out; from the list of messages."""
    return ArmProblem(
        409,
        "AttachDiskWhileBeingDetached",
        f"Cannot attach data disk '{disk_name}' to virtual machine '{vm_name}' because the disk "
        "is currently being detached. Please wait until the disk is completely detached and then "
        "try again.",
    )


def other_zone(disk_id: str, vm_zone: str | None, disk_zone: str | None) -> ArmProblem:
    """Return the 400 for a disk that the VM's zone cannot reach; both texts are from issues."""
    if disk_zone is None:
        said = f"it is not in zone '{vm_zone}'."
    else:
        said = (
            "it is not in the same zone as the VM. "
            f"VM zone: '{vm_zone or ''}'. Disk zone: '{disk_zone}'."
        )
    return ArmProblem(
        400, "BadRequest", f"Disk {disk_id} cannot be attached to the VM because {said}"
    )


def other_region(disk_id: str, disk_location: str, location: str) -> ArmProblem:
    """Return the 400 for a disk, snapshot or image of another region; reconstructed."""
    return ArmProblem(
        400,
        "InvalidParameter",
        f"The resource '{disk_id}' is in location '{disk_location}', but location '{location}' "
        "is required: both must be in the same location.",
        target="location",
    )


def other_subscription(disk_id: str) -> ArmProblem:
    """Return the 400 for a disk of another subscription; reconstructed."""
    return ArmProblem(
        400,
        "InvalidParameter",
        f"Disk {disk_id} must be in the same subscription as the virtual machine.",
        target="managedDisk.id",
    )


def not_for_os(sku: str) -> ArmProblem:
    """Return the 400 for a Premium SSD v2 or Ultra disk as OS disk; reconstructed."""
    return ArmProblem(
        400,
        "InvalidParameter",
        f"The storage account type '{sku}' is not supported for OS disks.",
        target="osDisk.managedDisk.storageAccountType",
    )


def no_operating_system(disk_id: str) -> ArmProblem:
    """Return the 400 for attaching a data disk as OS disk; reconstructed."""
    return ArmProblem(
        400,
        "InvalidParameter",
        f"Disk '{disk_id}' cannot be attached as an OS disk: it has no operating system.",
        target="osDisk.managedDisk.id",
    )


def needs_zone(sku: str, location: str) -> ArmProblem:
    """Return the 400 for a Premium SSD v2 or Ultra disk without a zone; reconstructed."""
    return ArmProblem(
        400,
        "InvalidParameter",
        f"Disks of type '{sku}' must be created in an availability zone in location '{location}'.",
        target="zones",
    )


def zonal_zrs(sku: str) -> ArmProblem:
    """Return the 400 for a zone-redundant disk pinned to a zone; reconstructed."""
    return ArmProblem(
        400,
        "InvalidParameter",
        f"Disks of type '{sku}' are zone-redundant and cannot be created in a zone.",
        target="zones",
    )


def active_sas(disk_name: str) -> ArmProblem:
    """Return the 409 for using a disk that somebody may download; reconstructed."""
    return ArmProblem(
        409,
        "OperationNotAllowed",
        f"There is an active shared access signature outstanding for disk {disk_name}. Call "
        "EndGetAccess before attaching this disk to a VM or deleting it.",
    )


def access_while_running(disk_name: str, vm_id: str) -> ArmProblem:
    """Return the 409 for exporting a disk of a running VM; reconstructed."""
    return ArmProblem(
        409,
        "OperationNotAllowed",
        f"Disk {disk_name} is attached to running VM {vm_id}. Access can be granted only while "
        "the disk is unattached or its VM is deallocated.",
    )


def smaller() -> ArmProblem:
    """Return the failure of a resize downwards; recorded as the end of an operation."""
    return ArmProblem(400, "InvalidParameter", "Disks or snapshot cannot be resized down.")


def resize_while_running(disk_name: str, vm_id: str) -> ArmProblem:
    """Return the 409 for growing the OS disk of a running VM; from public issues."""
    return ArmProblem(
        409,
        "OperationNotAllowed",
        f"Cannot resize disk {disk_name} while it is attached to running VM {vm_id}. "
        + _SIZE_CHANGE,
    )


def sku_while_running(disk_name: str, vm_id: str) -> ArmProblem:
    """Return the 409 for changing the kind of a running VM's disk; reconstructed."""
    return ArmProblem(
        409,
        "OperationNotAllowed",
        f"Cannot change the storage account type of disk {disk_name} while it is attached to "
        f"running VM {vm_id}. Please deallocate the VM and retry the operation.",
    )


def sku_change(one: str, other: str) -> ArmProblem:
    """Return the 400 for a change of kind that only a copy can make; reconstructed."""
    return ArmProblem(
        400,
        "InvalidParameter",
        f"Changing the storage account type from '{one}' to '{other}' is not supported.",
        target="sku.name",
    )


def invalid(parameter: str, value: object) -> ArmProblem:
    """Return the 400 for a value that the parameter does not take."""
    return ArmProblem(
        400,
        "InvalidParameter",
        f"The value '{value}' of parameter '{parameter}' is invalid.",
        target=parameter,
    )


def unsupported_option(option: str) -> ArmProblem:
    """Return the refusal of a way to create a disk that needs a storage account.

    The simulator has no blobs, so bytes cannot come in from outside: it says so.
    """
    return ArmProblem(
        400,
        "OperationNotAllowed",
        f"createOption '{option}' reads or writes a storage account's blob, which this simulator "
        "does not have.",
        target="creationData.createOption",
    )


def too_small(source_gib: int) -> ArmProblem:
    """Return the 400 for a copy smaller than what it copies; reconstructed."""
    return ArmProblem(
        400,
        "InvalidParameter",
        f"The size of the disk cannot be smaller than the size of its source ({source_gib} GB).",
        target="diskSizeGB",
    )


def copy_not_ready(snapshot_id: str, percent: float) -> ArmProblem:
    """Return the 409 for restoring from a snapshot whose copy still runs; reconstructed."""
    return ArmProblem(
        409,
        "OperationNotAllowed",
        f"Snapshot {snapshot_id} is still being copied in the background ({percent:g} percent "
        "complete). Please wait until completionPercent is 100 and then try again.",
    )


def not_tunable(kind: str) -> ArmProblem:
    """Return the 400 for setting the performance of a kind that has none to set; reconstructed."""
    return ArmProblem(
        400,
        "InvalidParameter",
        f"diskIOPSReadWrite and diskMBpsReadWrite cannot be set for disks of type '{kind}'.",
        target="diskIOPSReadWrite",
    )


def tuned_too_often(disk_name: str, limit: int) -> ArmProblem:
    """Return the 409 for one change of performance too many; reconstructed."""
    return ArmProblem(
        409,
        "OperationNotAllowed",
        f"The performance of disk {disk_name} can be changed at most {limit} times in 24 hours.",
    )
