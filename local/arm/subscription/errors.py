"""Azure's words about subscriptions."""

from local.arm.wire import ArmProblem


def not_found(subscription: str) -> ArmProblem:
    """No such subscription."""
    return ArmProblem(
        404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found."
    )
