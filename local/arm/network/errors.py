"""Refusals that all resources of Microsoft.Network share, in Azure's words.

Sources: recorded replies of the network provider, and its messages quoted in public issues of
hashicorp/terraform, hashicorp/terraform-provider-azurerm and kubernetes-sigs/cloud-provider-azure.
"""

from local.arm.wire import ArmProblem, Json, group_of, name_of


def _refusal(status: int, code: str, message: str, details: list[Json] | None = None) -> ArmProblem:
    return ArmProblem(status, code, message, details=details or [])


def bad_request(code: str, message: str) -> ArmProblem:
    """Return a refusal as the network provider words it: with an empty list of details."""
    return _refusal(400, code, message)


def malformed(reason: str) -> ArmProblem:
    """Return the refusal of a body that cannot be read."""
    details = [{"code": "InvalidJson", "message": reason}]
    return _refusal(400, "InvalidRequestFormat", "Cannot parse the request.", details)


def other_location(resource_id: str, is_in: str, wanted: str) -> ArmProblem:
    """Return the refusal to move a resource to another region by writing it."""
    return ArmProblem(
        409,
        "InvalidResourceLocation",
        f"The resource '{name_of(resource_id)}' already exists in location '{is_in}' in resource "
        f"group '{group_of(resource_id)}'. A resource with the same name cannot be created in "
        f"location '{wanted}'. Please select a new resource name.",
    )


def part_not_found(part_id: str) -> ArmProblem:
    """Return the network provider's answer for a child that its parent does not have."""
    return _refusal(404, "NotFound", f"Resource {part_id} not found.")


def parent_not_found(parent_id: str) -> ArmProblem:
    """Return ARM's refusal to write a child of nothing."""
    problem = ArmProblem(
        404,
        "ParentResourceNotFound",
        "Can not perform requested operation on nested resource. Parent resource "
        f"'{name_of(parent_id)}' not found.",
    )
    problem.headers["x-ms-failure-cause"] = "gateway"
    return problem


def etag_mismatch(resource_id: str, given: str, actual: str) -> ArmProblem:
    """Return the refusal of a conditional write whose condition does not hold."""
    message = (
        f"Etag provided in if-match header {given} does not match etag {actual} of resource "
        f"{resource_id} in NRP data store."
    )
    details = [{"code": "PreconditionFailedEtagMismatch", "message": message}]
    return _refusal(412, "PreconditionFailed", "Precondition failed.", details)


def busy(resource_id: str, operation: str, operation_id: str, retry_after_s: int) -> ArmProblem:
    """Return the refusal of a write while another one runs: 429, to be repeated."""
    message = (
        f"Operation {operation} ({operation_id}) is updating resource {resource_id}. "
        f"The call can be retried in {retry_after_s} seconds."
    )
    details = [{"code": "RetryableErrorDueToAnotherOperation", "message": message}]
    problem = _refusal(429, "RetryableError", "A retryable error occurred.", details)
    problem.headers["Retry-After"] = str(retry_after_s)
    return problem


def not_provisioned(target_id: str, user_id: str, state: str, operation: str) -> ArmProblem:
    """Return the refusal to refer to a resource that is being written: 429, to be repeated."""
    message = (
        f"Cannot proceed with operation because resource {target_id} used by resource {user_id} "
        f"is not in Succeeded state. Resource is in {state} state and the last operation that "
        f"updated/is updating the resource is {operation}."
    )
    details = [{"code": "ReferencedResourceNotProvisioned", "message": message}]
    return _refusal(429, "RetryableError", "A retryable error occurred.", details)


def invalid_reference(target_id: str, user_id: str) -> ArmProblem:
    """Return the refusal to refer to what does not exist, or is in another region."""
    return bad_request(
        "InvalidResourceReference",
        f"Resource {target_id} referenced by resource {user_id} was not found. Please make sure "
        "that the referenced resource exists, and that both resources are in the same region.",
    )


def duplicate_name(parent_id: str, name: str) -> ArmProblem:
    """Return the refusal of two children of one kind with one name."""
    return bad_request(
        "DuplicateResourceName",
        f"Resource {parent_id}/ has two child resources with the same name ({name}).",
    )
