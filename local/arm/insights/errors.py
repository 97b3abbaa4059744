"""Azure Monitor's words about data collection rules and their associations; all reasoned."""

from local.arm.wire import ArmProblem


def missing(parameter: str) -> ArmProblem:
    """Return the 400 for a body that leaves a part out."""
    return ArmProblem(
        400,
        "InvalidPayload",
        "Data collection rule is invalid",
        details=[{"code": "InvalidProperty", "message": f"'{parameter}' is required."}],
    )


def rule_not_found(rule_id: str) -> ArmProblem:
    """Return the 404 for an association with a rule that is not there."""
    return ArmProblem(404, "NotFound", f"The data collection rule '{rule_id}' was not found.")


def rule_in_use(rule_id: str) -> ArmProblem:
    """Return the 409 for deleting a rule that associations name."""
    return ArmProblem(
        409,
        "Conflict",
        f"The data collection rule '{rule_id}' has associations: delete them first.",
    )
