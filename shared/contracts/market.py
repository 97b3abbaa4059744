"""The activity that decides where the node goes next."""

from datetime import datetime
from typing import Literal

from shared.contracts.base import Slow, Work
from shared.contracts.vm import VmFacts
from shared.durable import Activity
from shared.model.market import Move
from shared.model.run import Row


class Decide(Row):
    """Gather the facts, rank the markets by every possible rung, and keep the decision."""

    work: Work
    why: str
    vm: VmFacts | None = None
    """The VM to be replaced, as last seen; None for a first launch."""


class Decided(Row):
    """Moves to try, in order; at least one."""

    kind: Literal["decided"] = "decided"
    moves: tuple[Move, ...]
    decision_id: str = ""


class Nowhere(Row):
    """No market is open to this node now."""

    kind: Literal["nowhere"] = "nowhere"
    reason: str
    until: datetime
    """When to ask again: the earliest end of a shun, within bounds."""


DECIDE: Activity[Decide, Decided | Nowhere] = Activity("decide", Decide, Decided | Nowhere | Slow)
