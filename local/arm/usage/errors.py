"""Azure's words when a subscription may have no more. Texts recorded; the links shortened."""

from typing import Final

from local.arm.wire import ArmProblem

_MORE: Final = "https://docs.microsoft.com/en-us/azure/azure-supportability/"


def exceeded(pool: str, location: str, *, limit: int, used: int, required: int) -> ArmProblem:
    """Return the 409 for a VM that does not fit.

    `pool` is `LowPriorityCores`, `Total Regional Cores` or such as `standardDSv3Family Cores`.
    """
    pages = "per-vm-quota-requests" if "Family" in pool else "regional-quota-requests"
    return ArmProblem(
        409,
        "OperationNotAllowed",
        "Operation could not be completed as it results in exceeding approved "
        f"{pool} quota. Additional details - Deployment Model: Resource Manager, "
        f"Location: {location}, Current Limit: {limit}, Current Usage: {used}, "
        f"Additional Required: {required}, (Minimum) New Limit Required: {used + required}. "
        "Submit a request for Quota increase at https://aka.ms/ProdportalCRP/ by specifying "
        "parameters listed in the \u2018Details\u2019 section for deployment to succeed. "
        f"Please read more about quota limits at {_MORE}{pages}.",
    )
