"""The price list's refusals: an envelope of its own, unlike ARM's."""

from local.arm.wire import Reply


class BadFilterError(ValueError):
    """A `$filter` that cannot be read; the text says where."""


def invalid_query(detail: str) -> Reply:
    """Return the 400 for a query that cannot be read; the detail is ours."""
    message = f"Invalid OData parameters supplied: {detail}"
    return Reply(400, {"Error": {"Code": "BadRequest", "Message": message}})
