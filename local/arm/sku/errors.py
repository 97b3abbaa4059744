"""Azure's words when Resource SKUs is asked for what it does not do."""

from local.arm.wire import ArmProblem


def bad_filter(text: str) -> ArmProblem:
    """Return the 400 for a filter other than on location; reconstructed."""
    return ArmProblem(
        400,
        "InvalidFilterInQueryString",
        f"Invalid $filter '{text}' specified in the query string: only location can be filtered.",
    )
