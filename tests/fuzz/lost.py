"""Operations whose orchestration is no more: an operator terminates it while it is under way.

Its runbook ends between two steps, and nobody writes how it ended: a while later the node is
released in ERROR, and its owner goes on from there.
"""

import random
from dataclasses import dataclass
from typing import Final

from tests.fuzz.deeds import DiskAttached, DiskDetached, OsDiskSwapped
from tests.fuzz.steps import Evicted, Ground, OwnerAsks, Step

PART: Final = 0.08
"""Of the lives that begin with a create."""
RELEASED_S: Final = 1_080.0
"""An operation is given up for lost a quarter of an hour after it began; the watch looks each
minute."""


@dataclass(frozen=True)
class OperationLost(Step):
    """An operator terminates the orchestration that works on the node so much later, if any."""

    after_s: float

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        await ground.lose(self.after_s)


CAUSES: Final[tuple[tuple[Step, ...], ...]] = (
    (),
    (Evicted(0.0, notice_s=30.0),),
    (Evicted(0.0, notice_s=30.0),),
    (OwnerAsks(0.0, "recycle"),),
    (OwnerAsks(0.0, "pause"),),
    (OwnerAsks(240.0, "pause"), OwnerAsks(0.0, "up")),
    (OwnerAsks(240.0, "stop"), OwnerAsks(0.0, "up")),
    (DiskAttached(0.0, size_gib=8, kind="Premium_LRS", waits_s=300.0),),
    (DiskDetached(0.0, which=0, ttl_h=0, waits_s=300.0),),
    (OsDiskSwapped(0.0, "copy", ttl_h=0),),
)
"""What sets an operation going; nothing: the one that is under way, at first the create."""
SHORT: Final = frozenset({DiskAttached, DiskDetached, OsDiskSwapped})


def draw(dice: random.Random) -> tuple[Step, ...]:
    """Draw how an operation is lost in a life and its owner goes on; in most lives none is."""
    if dice.random() >= PART:
        return ()
    cause = dice.choice(CAUSES)
    is_short = bool(cause) and type(cause[-1]) in SHORT
    after_s = round(dice.uniform(0.5, 6.0) if is_short else dice.uniform(1.0, 60.0), 2)
    lost = OperationLost(RELEASED_S, after_s)
    return (*cause, lost, OwnerAsks(60.0, dice.choice(("up", "up", "recycle"))))


def ends_lost(dice: random.Random) -> float | None:
    """Draw when the deletion of a node is lost that begins in trouble; None: it is not."""
    return round(dice.uniform(1.0, 60.0), 2) if dice.random() < PART else None
