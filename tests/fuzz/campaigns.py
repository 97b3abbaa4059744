"""Steps that belong together: something is set going, and something strikes in the middle of it."""

import random
from collections.abc import Callable
from typing import Any, Final

from tests.fuzz.aimed import LISTED, MOMENTS, Aimed, Hushed, Settled, Slowed, Trapped
from tests.fuzz.steps import (
    Evicted,
    HostKilled,
    OwnerAsks,
    PersonCalls,
    PersonDeletesVm,
    RoomChanges,
    RoomForAll,
    Step,
    Time,
)

Json = dict[str, Any]
Campaign = tuple[Step, ...]

DRAWN: Final = 0.3
"""Part of the lives that have one."""
VM: Final = "Microsoft.Compute/virtualMachines"
READS: Final = (
    f"{VM}/read",
    f"{VM}/read",
    "Microsoft.Compute/disks/read",
    "Microsoft.Compute/snapshots/read",
    "Microsoft.Network/networkInterfaces/read",
    "Microsoft.Compute/locations/operations/read",
)
ROWS: Final = (
    "write nodes/op",
    "write nodes/op",
    "write nodes/*run*",
    "write due/*op_watch*",
    "write due/*verdict*",
    "write notices/*",
    "write journal/step*start_vm*",
    "write journal/step*create_vm*",
    "write journal/step*delete_*",
    "write vmindex/*",
)
"""What the product writes before, or after, something that must not be forgotten."""
LOST: Final = (
    "killed after table",
    "killed after table",
    "killed before table",
    "table reply lost",
)
SLOW: Final = ("vm.*", "disk.*", "snapshot.*", "nic.*", "vm.delete*", "vm.create*", "vm.start*")


def _soon(dice: random.Random) -> float:
    """Return how long after a moment something strikes: mostly at once."""
    return round(dice.choice((0.0, 0.0, 1.0, 8.0)) * dice.random(), 2)


def _later(dice: random.Random) -> float:
    return round(60.0 + 240.0 * dice.random(), 2)


def _evicted(dice: random.Random) -> Step:
    return Evicted(0.0, notice_s=dice.choice((0.0, 30.0)))


def _set_going(dice: random.Random) -> Step:
    return dice.choice(
        (
            _evicted(dice),
            _evicted(dice),
            OwnerAsks(0.0, dice.choice(("recycle", "pause", "stop"))),
            PersonCalls(0.0, "deallocate"),
        )
    )


def _deed(dice: random.Random) -> Step:
    return dice.choice(
        (
            Evicted(0.0, notice_s=0.0),
            PersonCalls(0.0, "deallocate"),
            PersonCalls(0.0, "start"),
            PersonDeletesVm(0.0),
            HostKilled(0.0, 0, "before"),
            OwnerAsks(0.0, dice.choice(("pause", "stop", "recycle", "up"))),
            Trapped(0.0, "stale", dice.choice(READS), times=dice.choice((1, 1, 2))),
        )
    )


def any_moment(dice: random.Random, _document: Json) -> Campaign:
    """Something strikes at a moment of whatever was set going."""
    moment = dice.choice([one for one in MOMENTS if one != LISTED])
    return (
        Settled(0.0),
        _set_going(dice),
        Aimed(_later(dice), moment, _soon(dice), _deed(dice)),
    )


def stopped_at_once(dice: random.Random, _document: Json) -> Campaign:
    """A person stops a VM that has only just been started again."""
    moment = dice.choice(("a vm is on its way", "a vm is up", "a vm is up"))
    stop = PersonCalls(0.0, "deallocate")
    return (
        Settled(0.0),
        _evicted(dice),
        Time(40.0),
        Aimed(_later(dice), moment, _soon(dice), stop),
    )


def stopped_unheard(dice: random.Random, document: Json) -> Campaign:
    """A person stops a VM whose word is waited for, in the last part of the wait."""
    asked = document["strategy"].get("signals") or ()
    granted = {one["type"]: one["timeout"] for one in asked}.get("vmReady", 60)
    first = dice.choice((_evicted(dice), Evicted(0.0, notice_s=0.0), OwnerAsks(0.0, "recycle")))
    after_s = round(granted - (granted % 60 or 60) * dice.random(), 2)
    stop = PersonCalls(0.0, "deallocate")
    aimed = Aimed(_later(dice), "await_signal begins", after_s, stop)
    return Settled(0.0), Hushed(0.0), first, aimed


def forgotten(dice: random.Random, _document: Json) -> Campaign:
    """The host dies around the very write that is to keep something from being forgotten."""
    trap = Trapped(0.0, dice.choice(LOST), dice.choice(ROWS))
    return Settled(0.0), trap, _set_going(dice), Time(_later(dice))


def read_too_early(dice: random.Random, _document: Json) -> Campaign:
    """What was just changed is read as it was before."""
    moment = dice.choice(("a vm is up", "a vm is up", "a vm is down", "a vm is gone"))
    stale = Trapped(0.0, "stale", f"{VM}/read", times=dice.choice((1, 1, 2)))
    return Settled(0.0), _set_going(dice), Aimed(_later(dice), moment, 0.0, stale)


def copied_in_vain(dice: random.Random, document: Json) -> Campaign:
    """The disks are copied for another zone; then a person starts the VM, and it is taken again."""
    zone = document["compute"].get("preferredZone", "1")
    full = RoomChanges(0.0, size="*", zone=zone, lifecycle="*", room=0, when="accept")
    moment = dice.choice(("a snapshot is made", "a disk is made", "copy_disks begins"))
    return (
        Settled(0.0),
        full,
        Evicted(0.0, notice_s=0.0),
        Aimed(0.0, moment, _soon(dice), RoomForAll(0.0)),
        PersonCalls(round(60 + 60 * dice.random(), 2), "start"),
        full,
        Evicted(_later(dice), notice_s=0.0),
    )


def slow(dice: random.Random, _document: Json) -> Campaign:
    """Azure is slow while the node is brought back, slower than anybody waits in one go."""
    return (
        Slowed(0.0, dice.choice(SLOW), dice.choice((4.0, 8.0, 20.0))),
        _set_going(dice),
        Time(_later(dice)),
        Slowed(0.0, "*", 1.0),
    )


ALL: Final[tuple[tuple[Callable[[random.Random, Json], Campaign], int], ...]] = (
    (any_moment, 6),
    (stopped_at_once, 2),
    (forgotten, 3),
    (read_too_early, 3),
    (slow, 2),
)


def draw(dice: random.Random, document: Json) -> Campaign:
    """Draw what a life has besides; mostly nothing."""
    if dice.random() >= DRAWN:
        return ()
    kinds = list(ALL)
    if document["strategy"].get("signals"):
        kinds.append((stopped_unheard, 14))
    if len(document["compute"].get("zones") or ()) > 1:
        kinds.append((copied_in_vain, 6))
    campaigns, weights = zip(*kinds, strict=True)
    drawn: Campaign = dice.choices(campaigns, weights)[0](dice, document)
    return drawn
