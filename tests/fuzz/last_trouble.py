"""What a deletion meets that begins while faults go on: Azure refuses a part of it, or has no room.

The node stays then, as it was or in ERROR, and is deleted later; a VM that is to be kept on demand
waits for room.
"""

import random
from typing import Final

from tests.fuzz.parting import Parting
from tests.fuzz.refused import COMPUTE, LASTS_S, NETWORK, VMS, WORDS, Refused
from tests.fuzz.steps import RoomChanges, Step

REFUSED: Final = 0.3
FULL: Final = 0.6
"""Part of those that keep the VM on demand."""
ENDS: Final = {
    f"{VMS}/delete": 8,
    f"{VMS}/deallocate/action": 2,
    f"{VMS}/write": 2,
    f"{COMPUTE}/disks/*": 1,
    f"{COMPUTE}/snapshots/delete": 1,
    f"{NETWORK}/*": 2,
}
"""What the deletion of a node asks for, or the rejoining of its pools."""


def draw(dice: random.Random, parting: Parting) -> tuple[Step, ...]:
    """Draw what happens just before; the last of it lasts as long as its pause. Mostly nothing."""
    if parting.on_demand and dice.random() < FULL:
        lifecycle = dice.choice(("OD", "OD", "*"))
        return (RoomChanges(LASTS_S, "*", zone="*", lifecycle=lifecycle, room=0, when="accept"),)
    if dice.random() >= REFUSED:
        return ()
    return (Refused(LASTS_S, dice.choices([*ENDS], [*ENDS.values()])[0], *dice.choice(WORDS)),)
