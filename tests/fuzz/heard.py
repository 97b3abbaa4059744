"""What is heard of a VM, and when: a last few steps, and what Azure tells of evictions besides."""

import random
from typing import Final

from tests.fuzz.aimed import LISTED, Aimed, Settled, Tells, Trapped
from tests.fuzz.documents import PERSON
from tests.fuzz.steps import Edited, EventsChange, Evicted, PersonCalls, RoomForAll, Step, Time

PART: Final = 0.5
"""Of the lives in which it is seen how they end, and no other steps belong together."""
LISTS: Final = "Microsoft.Compute/virtualMachines/read"
ANNOTATES: Final = "eviction_annotates_deallocation"
EMITS: Final = "scheduled_events_to_event_grid"
TOLD: Final[tuple[tuple[tuple[str, ...], int], ...]] = (
    ((), 77),
    ((ANNOTATES,), 10),
    ((EMITS,), 10),
    ((ANNOTATES, EMITS), 3),
)
"""Settings of the simulated Azure, and how often: how an eviction is told is not for sure."""
AT_EASE: Final = (
    RoomForAll(0.0),
    EventsChange(0.0, loss=0.0, duplicate=0.0, reorder=0.0, delay_s=0.0),
    Settled(0.0, rouses=True),
)


def told(dice: random.Random) -> tuple[str, ...]:
    """Draw what Azure tells of evictions besides, as names of its settings."""
    settings, weights = zip(*TOLD, strict=True)
    drawn: tuple[str, ...] = dice.choices(settings, weights)[0]
    return drawn


def draw(dice: random.Random) -> tuple[Step, ...]:
    """Draw what ends the steps of a life; in most lives nothing does."""
    if dice.random() >= PART:
        return ()
    plot = dice.choices(PLOTS, (7, 7, 6, 4, 4))[0]
    return (*AT_EASE, *plot(dice))


def _named_late(_dice: random.Random) -> tuple[Step, ...]:
    """Somebody who may stops the VM, and who it was is known only just within the hold."""
    late = EventsChange(0.0, 0.0, 0.0, 0.0, delay_s=4.0, least_s=174.0)
    soon = EventsChange(0.0, 0.0, 0.0, 0.0, delay_s=0.0)
    admins = Edited(0.0, "strategy.vmAdmins", [PERSON])
    return admins, late, PersonCalls(240.0, "deallocate"), soon


def _never_started(dice: random.Random) -> tuple[Step, ...]:
    """The host dies between the lock of a replacement and its start."""
    trap = Trapped(0.0, "killed after table", "write nodes/op")
    return trap, Evicted(0.0, notice_s=dice.choice((0.0, 30.0))), Time(150.0)


def _started_again(dice: random.Random) -> tuple[Step, ...]:
    """A person stops the VM, and starts it again when all know of it."""
    down_s = round(180.0 + 120.0 * dice.random(), 2)
    return PersonCalls(down_s, "deallocate"), PersonCalls(200.0, "start")


def _seen_late(dice: random.Random) -> tuple[Step, ...]:
    """A person stops the VM, and for a moment longer the list shows it as running."""
    anybody = Edited(0.0, "strategy.vmAdmins", None)
    lag = Trapped(0.0, "stale for long", LISTS, times=2)
    soon_s = round(2.0 * dice.random(), 2)
    stop = Aimed(0.0, LISTED, soon_s, PersonCalls(0.0, "deallocate"))
    return anybody, stop, Aimed(300.0, "a vm is down", 0.0, lag)


def _told_before(dice: random.Random) -> tuple[Step, ...]:
    """Of an eviction only that is heard which is told before it begins."""
    deaf = EventsChange(round(60.0 + 60.0 * dice.random(), 2), 1.0, 0.0, 0.0, delay_s=0.0)
    soon = EventsChange(0.0, 0.0, 0.0, 0.0, delay_s=0.0)
    return Tells(0.0, EMITS), Evicted(10.0, notice_s=30.0), deaf, soon


PLOTS: Final = (_never_started, _started_again, _seen_late, _named_late, _told_before)
