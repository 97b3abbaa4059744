"""The activity that decides where the node goes next."""

from datetime import datetime
from typing import Literal

from shared.contracts.base import Changed, Refused, Slow, Work
from shared.contracts.vm import VmFacts
from shared.durable import Activity
from shared.model.market import Move
from shared.model.run import DiskRef, Row


class Decide(Row):
    """Gather the facts, rank the markets by every possible rung, and keep the decision."""

    work: Work
    why: str
    vm: VmFacts | None = None
    """The VM to be replaced, as last seen; None for a first launch."""
    look_at: str = ""
    """ARM id of a VM to be read anew: what was believed of it before does not count."""
    knocked: bool = False
    """This operation has tried markets already: none that is passed over is tried besides."""
    token: str = ""


class Decided(Row):
    """Moves to try, in order; at least one."""

    kind: Literal["decided"] = "decided"
    moves: tuple[Move, ...]
    decision_id: str = ""
    vm: VmFacts | None = None
    """The VM as it was read anew, if that was asked for."""
    os_disk: DiskRef | None = None
    """The persisted OS disk as Azure tells it now; None: there is none."""
    data_disks: tuple[DiskRef, ...] = ()
    """The persisted data disks, likewise."""
    image_luns: tuple[int, ...] = ()
    """LUNs of the data disks that come with the image, where the OS disk is to be made from it."""


class Nowhere(Row):
    """No market is open to this node now."""

    kind: Literal["nowhere"] = "nowhere"
    reason: str
    until: datetime
    """When to ask again: the earliest end of a shun, within bounds."""
    vm: VmFacts | None = None
    """As in Decided."""


DecideAnswer = Decided | Nowhere | Refused | Changed
"""Refused: a disk that the node must keep is not there any more."""
DECIDE: Activity[Decide, DecideAnswer] = Activity("decide", Decide, DecideAnswer | Slow)
