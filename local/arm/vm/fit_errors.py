"""Azure's words about sizes that do not fit a guest. Sources: public issues, as `errors`."""

from local.arm.vm.errors import invalid, refused
from local.arm.wire import ArmProblem


def generation(size: str, wanted: str) -> ArmProblem:
    """The size cannot boot that generation; from public issues."""
    number = wanted.removeprefix("V")
    return ArmProblem(
        400,
        "BadRequest",
        f"The selected VM size '{size}' cannot boot Hypervisor Generation '{number}'. If this was "
        "a Create operation please check that the Hypervisor Generation of the Image matches the "
        "Hypervisor Generation of the selected VM Size. If this was an Update operation please "
        f"select a Hypervisor Generation '{number}' VM Size.",
    )


def architecture(size: str, supported: str, given: str) -> ArmProblem:
    """The size has another processor; from public issues."""
    return ArmProblem(
        400,
        "BadRequest",
        f"Cannot create a VM of size '{size}' because this VM size only supports a CPU "
        f"Architecture of '{supported}', but an image or disk with CPU Architecture '{given}' was "
        "given. Please check that the CPU Architecture of the image or disk is compatible with "
        "that of the VM size.",
    )


def controller(size: str) -> ArmProblem:
    """The size has no disk controller that the operating system knows; from public issues."""
    return invalid(
        "vmSize",
        f"The VM size '{size}' cannot boot with OS image or disk. Please check that disk "
        "controller types supported by the OS image or disk is one of the supported disk "
        f"controller types for the VM size '{size}'. Please query sku api at "
        "https://aka.ms/azure-compute-skus to determine supported disk controller types for the "
        "VM size.",
    )


def resource_disk() -> ArmProblem:
    """A local temporary disk cannot come or go by a resize; from public issues."""
    return refused(
        "Unable to resize the VM since changing from resource disk to non-resource disk VM size "
        "and vice-versa is not allowed. Please refer to https://aka.ms/AAah4sj for more details.",
        target="vmSize",
    )


def premium(size: str, kind: str, disk: str) -> ArmProblem:
    """The size does not serve premium disks; from public issues."""
    return invalid(
        "osDisk.managedDisk.storageAccountType",
        f"Requested operation cannot be performed because the VM size {size} does not support the "
        f"storage account type {kind} of disk '{disk}'. Consider updating the VM to a size that "
        "supports Premium storage.",
    )


def security_unsupported(size: str, security_type: str) -> ArmProblem:
    """The size does not take the security type; from public issues."""
    return ArmProblem(
        400,
        "BadRequest",
        f"The VM size '{size}' is not supported for creation of VMs and Virtual Machine Scale Set "
        f"with '{security_type}' security type.",
    )


def security_required(size: str) -> ArmProblem:
    """A confidential size takes confidential VMs only; from public issues."""
    return ArmProblem(
        400,
        "BadRequest",
        f"The VM size '{size}' is only supported for creation of VMs with 'ConfidentialVM' "
        "security type.",
    )


def image_security(security_type: str) -> ArmProblem:
    """The image does not take the security type; from public issues."""
    return ArmProblem(
        400,
        "BadRequest",
        f"Use of {security_type} setting is not supported for the provided image. Please select "
        "Trusted Launch Supported Gen2 OS Image. For more information, see "
        "https://aka.ms/TrustedLaunch-FAQ.",
    )


def disk_security() -> ArmProblem:
    """VM and OS disk differ in security type; from public scripts."""
    return ArmProblem(
        400,
        "BadRequest",
        "Security type of VM is not compatible with the security type of attached OS Disk.",
    )


def too_many_disks(limit: int) -> ArmProblem:
    """More data disks than the size takes; from public issues."""
    return refused(
        f"The maximum number of data disks allowed to be attached to a VM of this size is {limit}.",
        target="dataDisks",
    )


def too_many_nics(name: str, size: str, count: int, limit: int) -> ArmProblem:
    """More NICs than the size takes; from public issues."""
    return ArmProblem(
        400,
        "NetworkInterfaceCountExceeded",
        f"The number of network interfaces for virtual machine {name} exceeds the maximum allowed "
        f"for the virtual machine size {size}. The number of network interfaces is {count} and "
        f"the maximum allowed is {limit}.",
    )
