"""Many markets, and none has room: a node is evicted and refused in one after the other."""

import random
from typing import Any, Final

from tests.fuzz.documents import SIZES
from tests.fuzz.steps import Edited, Evicted, RoomChanges, RoomForAll, Step

PART: Final = 0.2
"""Of the lives whose document names three zones."""
ZONES: Final = 3


def draw(dice: random.Random, document: dict[str, Any]) -> tuple[Step, ...]:
    """Draw how a node tries more markets than Azure grants creates at once; most lives do not."""
    if len(document["compute"].get("zones") or ()) < ZONES or dice.random() >= PART:
        return ()
    return (
        RoomForAll(600.0),
        Edited(0.0, "compute.vmSizes.spotSizes", list(SIZES)),
        RoomChanges(0.0, "*", zone="*", lifecycle="SPOT", room=0, when="accept"),
        Evicted(420.0, notice_s=30.0),
        RoomForAll(0.0),
    )
