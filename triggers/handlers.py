"""Which function serves which route."""

from collections.abc import Mapping
from typing import Final

from triggers import node_calls
from triggers.call import Handler

HANDLERS: Final[Mapping[str, Handler]] = {**node_calls.HANDLERS}
"""By the route's name."""
