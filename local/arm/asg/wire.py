"""Application security groups on the wire: they have no properties of their own."""

from local.arm.wire import Json


def properties() -> Json:
    """Return what is kept of a group: nothing but what every resource has."""
    return {}
