"""Refusals of network security groups, in Azure's words.

Sources: a recorded reply (in use); public issues grycap/im 359 and
hashicorp/terraform-provider-azurerm 11137 (conflict); Azure docs (range of priorities).
"""

from local.arm.network.errors import bad_request
from local.arm.wire import ArmProblem


def in_use(group_id: str, users: list[str]) -> ArmProblem:
    """Return the refusal to delete a group that NICs or subnets refer to."""
    return bad_request(
        "InUseNetworkSecurityGroupCannotBeDeleted",
        f"Network security group {group_id} cannot be deleted because it is in use by the following"
        f" resources: {', '.join(users)}. In order to delete the Network security group, remove "
        "the association with the resource(s). To learn how to do this, see aka.ms/deletensg.",
    )


def conflict(rule: str, other: str) -> ArmProblem:
    """Return the refusal of two rules of one direction with one priority."""
    return bad_request(
        "SecurityRuleConflict",
        f"Security rule {other} conflicts with rule {rule}. Rules cannot have the same Priority "
        "and Direction. To learn more, see aka.ms/nsgrules.",
    )


def bad_priority(given: object) -> ArmProblem:
    """Return the refusal of a priority out of range."""
    return bad_request(
        "SecurityRuleInvalidPriority",
        f"Security rule has invalid Priority. Value provided: {given} Allowed range 100-4096.",
    )


def bad_choice(name: str, rule: str, given: object) -> ArmProblem:
    """Return the refusal of a rule whose access, direction or protocol Azure does not know."""
    return bad_request(
        f"SecurityRuleInvalid{name}",
        f"Security rule {rule} has invalid {name}. Value provided: {given}.",
    )
