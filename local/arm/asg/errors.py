"""Refusals of application security groups, in Azure's words."""

from local.arm.network.errors import bad_request
from local.arm.wire import ArmProblem


def in_use(group_id: str, users: list[str]) -> ArmProblem:
    """Return the refusal to delete a group that NICs or rules name.

    The code follows the pattern of the other kinds; no recorded reply was found.
    """
    return bad_request(
        "InUseApplicationSecurityGroupCannotBeDeleted",
        f"Application security group {group_id} cannot be deleted because it is in use by the "
        f"following resources: {', '.join(users)}.",
    )
