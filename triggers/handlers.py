"""Which function serves which route."""

from collections.abc import Mapping
from typing import Final

from triggers import (
    disk_calls,
    import_calls,
    node_calls,
    plan_calls,
    setup_calls,
    signal_calls,
    state_calls,
    terraform_calls,
    usage_calls,
)
from triggers.call import Handler

HANDLERS: Final[Mapping[str, Handler]] = {
    **disk_calls.HANDLERS,
    **import_calls.HANDLERS,
    **node_calls.HANDLERS,
    **plan_calls.HANDLERS,
    **setup_calls.HANDLERS,
    **signal_calls.HANDLERS,
    **state_calls.HANDLERS,
    **terraform_calls.HANDLERS,
    **usage_calls.HANDLERS,
}
"""By the route's name."""
