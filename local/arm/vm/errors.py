"""Azure's words about virtual machines.

Sources: recorded replies, the public lists of error messages, public issues. A text found in none
of them is marked "reconstructed": its code and status are Azure's, its wording is ours.
"""

from local.arm.wire import ArmProblem

SPOT_HELP = "For more information, see http://aka.ms/AzureSpot/errormessages"


def invalid(parameter: str, message: str) -> ArmProblem:
    """Return the 400 for a parameter that does not hold what it must."""
    return ArmProblem(400, "InvalidParameter", message, target=parameter)


def missing(parameter: str) -> ArmProblem:
    """A required parameter is not there; recorded."""
    return invalid(parameter, f"Required parameter '{parameter}' is missing (null).")


def not_allowed(parameter: str) -> ArmProblem:
    """A parameter that the way of creation forbids; from public issues."""
    return invalid(parameter, f"Parameter '{parameter}' is not allowed.")


def refused(message: str, **more: object) -> ArmProblem:
    """Return the 409 of which only the text tells what is wrong."""
    return ArmProblem(409, "OperationNotAllowed", message, **more)


def moved(name: str, location: str, wanted: str, group: str) -> ArmProblem:
    """A VM does not leave its region; from public issues."""
    return ArmProblem(
        409,
        "InvalidResourceLocation",
        f"The resource '{name}' already exists in location '{location}' in resource group "
        f"'{group}'. A resource with the same name cannot be created in location '{wanted}'. "
        "Please select a new resource name.",
    )


def unknown_size(size: str, known: list[str]) -> ArmProblem:
    """No such VM size here; from public issues."""
    return invalid(
        "vmSize",
        f"The value {size} provided for the VM size is not valid. The valid sizes in the current "
        f"region are: {','.join(known)}. Find out more on the valid VM sizes in each region at "
        "https://aka.ms/azure-regions.",
    )


def max_price_while_allocated(name: str) -> ArmProblem:
    """Return the 409 for a new maxPrice on a VM that stands on a host; recorded."""
    return refused(
        f"Max price change is not allowed. {SPOT_HELP}",
        details=[
            {
                "code": "OperationNotAllowed",
                "target": name,
                "message": f"Max price change is not allowed when the VM '{name}' is currently "
                f"allocated. Please deallocate and try again. {SPOT_HELP}",
            }
        ],
    )


def max_price_without_spot() -> ArmProblem:
    """A Regular VM has no maxPrice; code from the Spot error list, text reconstructed."""
    return ArmProblem(
        409,
        "MaxPriceIsSupportedOnlyForAzureSpotVirtualMachines",
        f"Max price is supported only for Azure Spot Virtual Machines. {SPOT_HELP}",
        target="billingProfile",
    )


def max_price_invalid() -> ArmProblem:
    """A maxPrice that is not -1 or above 0; code from the Spot error list."""
    return ArmProblem(
        400,
        "MaxPriceValueInvalid",
        "The Max Price value is invalid. The only supported values for max price are -1 or a "
        f"decimal greater than zero. {SPOT_HELP}",
        target="billingProfile.maxPrice",
    )


def price_above_max(price: float, max_price: float) -> ArmProblem:
    """The market asks more than the VM may pay; code from the Spot error list."""
    return ArmProblem(
        409,
        "SpotPriceGreaterThanProvidedMaxPrice",
        f"Unable to perform operation 'Allocate VM' since the provided max price '{max_price:g} "
        f"USD' is lower than the current spot price '{price:g} USD' for Azure Spot VM size. "
        f"{SPOT_HELP}",
    )


def policy_without_spot() -> ArmProblem:
    """A Regular VM has no eviction policy; code from the Spot error list."""
    return ArmProblem(
        409,
        "EvictionPolicyCanBeSetOnlyOnAzureSpotVirtualMachines",
        f"Eviction policy can be set only on Azure Spot Virtual Machines. {SPOT_HELP}",
        target="evictionPolicy",
    )


def spot_unsupported(size: str) -> ArmProblem:
    """The size is not sold as Spot; code from the Spot error list."""
    return ArmProblem(
        409,
        "AzureSpotIsNotSupportedForThisVMSize",
        f"Azure Spot is not supported for the VM size '{size}'. {SPOT_HELP}",
        target="vmSize",
    )


def spot_in_availability_set() -> ArmProblem:
    """Spot and availability sets exclude each other; code from the Spot error list."""
    return ArmProblem(
        409,
        "AzureSpotVMNotSupportedInAvailabilitySet",
        f"Azure Spot Virtual Machine is not supported in Availability Set. {SPOT_HELP}",
        target="availabilitySet",
    )


def size_not_in_zone(size: str, location: str, zone: str) -> ArmProblem:
    """The size is not offered in the zone; from public issues."""
    return ArmProblem(
        409,
        "SkuNotAvailable",
        f"The requested VM size for resource 'Following SKUs have failed for Capacity "
        f"Restrictions: {size}' is currently not available in location '{location}' zones "
        f"'{zone}' for subscription. Please try another size or deploy to a different location or "
        "different zone. See https://aka.ms/azureskunotavailable for details.",
        target="sku.name",
    )


def zone_count() -> ArmProblem:
    """A VM lives in one zone; from public issues."""
    return ArmProblem(
        400,
        "InvalidParameter",
        "A virtual machine can be in one availability zone only.",
        target="zones",
    )


def ppg_while_running(name: str) -> ArmProblem:
    """Return the 409 for a new proximity placement group on an allocated VM; recorded."""
    return refused(
        f"Updating proximity placement group of VM {name} is not allowed while the VM is running. "
        "Please stop/deallocate the VM and retry the operation."
    )


def while_allocated(what: str, name: str) -> ArmProblem:
    """Return the 409 for what needs a deallocated VM; reconstructed."""
    return refused(
        f"Changing {what} of VM '{name}' is allowed only while the VM is deallocated. Please "
        "stop/deallocate the VM and retry the operation."
    )


def not_running(name: str) -> ArmProblem:
    """Extensions need a running VM; from recorded traffic."""
    return refused(f"Cannot modify extensions in the VM when the VM is not running: {name}.")


def departed() -> ArmProblem:
    """Compute's own 404, for a VM that went a moment ago; recorded."""
    return ArmProblem(404, "NotFound", "The entity was not found in this Azure location.")


def disk_not_found(disk_id: str) -> ArmProblem:
    """The disk to attach is not there; reconstructed."""
    return ArmProblem(404, "NotFound", f"Disk {disk_id} is not found.")


def other_size(disk_id: str, size_gib: int, present_gib: int) -> ArmProblem:
    """An OS disk is swapped for one of its size; the rule is from the docs, the text ours."""
    return invalid(
        "osDisk.managedDisk.id",
        f"Disk {disk_id} has {size_gib} GB, but the OS disk that it is to replace has "
        f"{present_gib} GB: both must be of the same size.",
    )


def disk_exists(name: str) -> ArmProblem:
    """The name of a disk to be made is taken; from public issues."""
    return ArmProblem(
        409,
        "ConflictingUserInput",
        f"Disk {name} already exists in the resource group. Only CreateOption.Attach is supported.",
        target="/dataDisks/name",
    )


def generalized(name: str) -> ArmProblem:
    """A generalized VM does not start again; from public issues."""
    return refused(f"Operation 'start' is not allowed on VM '{name}' since the VM is generalized.")


def no_deallocation(name: str) -> ArmProblem:
    """A VM whose OS disk is its host's own keeps its host; reconstructed."""
    return refused(
        f"Operation 'deallocate' is not supported for VM '{name}' using an ephemeral OS disk."
    )


def conversion_needs_deallocated(name: str) -> ArmProblem:
    """Disks in use are not converted; reconstructed after the documented condition."""
    return refused(
        f"Operation 'convertToManagedDisks' is not allowed on VM '{name}' since the VM is not "
        "deallocated. Please stop/deallocate the VM and retry the operation."
    )


def managed_already(name: str) -> ArmProblem:
    """There is nothing to convert; reconstructed."""
    return refused(f"VM '{name}' is already using managed disks.")


def ephemeral_caching() -> ArmProblem:
    """An ephemeral OS disk is cached for reading only; from public issues."""
    return invalid(
        "osDisk.caching",
        "OS disk of Ephemeral VM should have caching set to ReadOnly.",
    )


def unserved(name: str) -> ArmProblem:
    """This simulator does not do it, and says so; Azure would."""
    return invalid(name, f"The parameter '{name}' is not served by this simulator.")
