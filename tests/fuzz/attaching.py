"""A data disk comes or goes, and something goes wrong about it: what is drawn of that."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.fuzz.aimed import Settled
from tests.fuzz.deeds import DiskAttached, DiskDetached
from tests.fuzz.refused import LASTS_S, SOON_S, WAITS_S, Allowed, Refused
from tests.fuzz.steps import Fault, Ground, Step

Plot = tuple[Step, ...]

PART: Final = 0.06
"""Of the lives that begin with a create."""
COMPUTE: Final = "Microsoft.Compute"
VM: Final = f"{COMPUTE}/virtualMachines"
CHANGE: Final = f"{VM}/attachDetachDataDisks/action"
BROKEN: Final = r"end detach_data_disk .* failed"
BREAKS_S: Final = 60.0
UNSEEN_S: Final = 4.0
"""For so long no read shows a VM that is there: less than passes before the second look."""


@dataclass(frozen=True)
class VmUnseen(Step):
    """The next read of a VM does not find it, if it comes soon: it was answered elsewhere."""

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        missing = {"kind": "refuse", "status": 404, "code": "ResourceNotFound", "message": "None."}
        read = {"operation": f"{VM}/read", "caller": "service", "method": "GET"}
        await ground.world("POST", "faults", missing | read | {"lasts_s": UNSEEN_S})


@dataclass(frozen=True)
class SeenLate(Step):
    """Once a detach has broken off, the next read of the VM shows it as it was before."""

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        await ground.comes(BROKEN, BREAKS_S, 0.0)
        await ground.trap("stale", f"{VM}/read", 1)


def _asked(dice: random.Random, pause_s: float) -> Step:
    return DiskAttached(pause_s, 8, "Premium_LRS", dice.choice((None, 7)), waits_s=WAITS_S)


def half_made(dice: random.Random) -> Plot:
    """Azure makes the disk and calls it failed, and it may not be deleted for a while."""
    fails = Fault(0.0, "fail", f"{COMPUTE}/disks/write", 0, 1, code="OperationNotAllowed")
    kept = Refused(0.0, f"{COMPUTE}/disks/delete", 403, "AuthorizationFailed", "Not allowed.")
    return Settled(0.0, rouses=True), fails, kept, _asked(dice, LASTS_S), Allowed(SOON_S)


def unseen(dice: random.Random) -> Plot:
    """The VM that the disk is to come to is not found at the first look."""
    return Settled(0.0, rouses=True), VmUnseen(0.0), _asked(dice, SOON_S)


def leaving(dice: random.Random) -> Plot:
    """A disk is being detached, nobody hears of it, and a late read says that nothing is."""
    unheard_of = Fault(0.0, "lose_reply", CHANGE, 0, 1)
    asked = DiskDetached(0.0, dice.randint(0, 5), dice.choice((None, 0)), waits_s=WAITS_S)
    return Settled(0.0, rouses=True), unheard_of, asked, SeenLate(SOON_S)


PLOTS: Final[tuple[Callable[[random.Random], Plot], ...]] = (half_made, unseen, unseen, leaving)


def draw(dice: random.Random) -> Plot:
    """Draw what goes wrong in a life; in most lives nothing does."""
    return dice.choice(PLOTS)(dice) if dice.random() < PART else ()
