"""Azure refuses an operation for good, to whoever of the product asks: what is drawn of that."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tests.fuzz.aimed import Settled
from tests.fuzz.deeds import DiskAttached, DiskDetached, OsDiskSwapped
from tests.fuzz.imported import Source
from tests.fuzz.steps import Evicted, Ground, OwnerAsks, RoomChanges, Step, Time

Json = dict[str, Any]
Dice = random.Random

REFUSED: Final = 0.15
"""Part of the lives in which Azure does."""
IMPORTS_REFUSED: Final = 0.35
"""Part of those that begin with an import: they are few."""
HALF: Final = 0.5
FROM_BIRTH, EARLY, LATE = "from birth", "early", "late"
MOMENTS: Final = {FROM_BIRTH: 20, EARLY: 55, LATE: 25}
ALLOWED: Final = 0.7
"""Part of those, but for the late ones, in which it is allowed again before faults stop."""
COMPUTE, NETWORK = "Microsoft.Compute", "Microsoft.Network"
WORDS: Final = (
    (401, "AuthenticationFailed", "Authentication failed."),
    (403, "AuthorizationFailed", "The client has no authorization to perform this action."),
    (403, "RequestDisallowedByPolicy", "The resource was disallowed by policy."),
    (409, "ScopeLocked", "The scope cannot perform the operation because it is locked."),
    (409, "OperationNotAllowed", "The operation is not allowed on this resource."),
    (409, "PropertyChangeNotAllowed", "Changing the property is not allowed."),
    (400, "InvalidParameter", "The value of the parameter is invalid."),
)
"""Status, code and message of refusals that asking again does not mend."""
ELSEWHERE: Final = (409, "OperationNotAllowed", "Disk life-os is attached to VM rescue.")
"""Likewise where a VM is to be written: facts may be otherwise by now, so it is looked at again."""
LASTS_S: Final = 480.0
"""It lasts so long after what was asked for: a refusal that is lifted sooner need not be told."""
SOON_S: Final = 90.0
FIRST_COPY_S: Final = 1_200.0
"""The disks of a VM that may move are first copied ten minutes after it came up; then `LASTS_S`."""
WAITS_S: Final = 300.0


@dataclass(frozen=True)
class Refused(Step):
    """Azure refuses an operation from now on."""

    operation: str
    status: int
    code: str
    message: str

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        await ground.refuse(self.operation, self.status, self.code, self.message)


@dataclass(frozen=True)
class Allowed(Step):
    """Azure refuses nothing any more, and the owner brings a node up that stands in ERROR."""

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        await ground.allow()


Deeds = Callable[[Dice, Json], tuple[Step, ...]]
"""What asks for an operation of a node with such a document."""


def _ask(*states: str) -> Deeds:
    return lambda dice, _: (OwnerAsks(LASTS_S, dice.choice(states)),)


def _rest_and_rise(state: str) -> Deeds:
    return lambda _dice, _document: (OwnerAsks(SOON_S, state), OwnerAsks(LASTS_S, "up"))


def _evicted(_dice: Dice, _document: Json) -> tuple[Step, ...]:
    return (Evicted(LASTS_S, notice_s=30.0),)


def _full(dice: Dice, document: Json) -> tuple[Step, ...]:
    """Take the VM back where its zone, or its size, has no room any more."""
    zone, size = dice.choice(document["compute"].get("zones") or ("*",)), "*"
    if zone == "*" or dice.random() < HALF:
        zone, size = "*", dice.choice(document["compute"]["vmSizes"]["spotSizes"])
    return (RoomChanges(0.0, size, zone, "*", 0, "accept"), Evicted(LASTS_S, notice_s=30.0))


def _attached(dice: Dice, _document: Json) -> tuple[Step, ...]:
    return (DiskAttached(LASTS_S, 8, "Premium_LRS", dice.choice((None, 7)), waits_s=WAITS_S),)


def _detached(dice: Dice, _document: Json) -> tuple[Step, ...]:
    ttl_h = dice.choice((None, 0))
    return (DiskDetached(LASTS_S, dice.randint(0, 5), ttl_h, waits_s=WAITS_S),)


def _swapped(_dice: Dice, _document: Json) -> tuple[Step, ...]:
    return (OsDiskSwapped(LASTS_S, "copy", 0),)


def _copied(_dice: Dice, _document: Json) -> tuple[Step, ...]:
    return (Time(FIRST_COPY_S),)


def _anything(_document: Json) -> bool:
    return True


def _has_extensions(document: Json) -> bool:
    return bool(document["compute"]["launchSpecification"].get("extensions"))


def _writes_nics(document: Json) -> bool:
    launch = document["compute"]["launchSpecification"]
    return bool(launch.get("loadBalancersConfig")) or _sheds_nics(document)


def _sheds_nics(document: Json) -> bool:
    return not document["persistence"]["shouldPersistNetwork"]


def _captures(document: Json) -> bool:
    return "onLaunch" in document["persistence"].values()


def _moves(document: Json) -> bool:
    zones = document["compute"].get("zones") or ()
    return len(zones) > 1 and "reattach" in document["persistence"].values()


def _sheds_disks(document: Json) -> bool:
    persistence = document["persistence"]
    return not (persistence["shouldPersistOsDisk"] and persistence["shouldPersistDataDisks"])


@dataclass(frozen=True)
class Plot:
    """An operation that Azure refuses, and what then asks for it."""

    operation: str
    weight: int
    deeds: tuple[Deeds, ...]
    fits: Callable[[Json], bool] = _anything
    """Whether a node of this document does such a thing."""
    births: bool = False
    """Whether its first launch does."""


VMS: Final = f"{COMPUTE}/virtualMachines"
VM_WRITE: Final = f"{VMS}/write"
ATTACH: Final = f"{VMS}/attachDetachDataDisks/action"
PLOTS: Final = (
    Plot(ATTACH, 30, (_attached, _attached, _detached)),
    Plot(f"{VMS}/start/action", 14, (_rest_and_rise("stop"), _evicted)),
    Plot(f"{VMS}/deallocate/action", 6, (_ask("pause", "stop", "recycle"),)),
    Plot(VM_WRITE, 16, (_ask("recycle"), _swapped, _full), births=True),
    Plot(f"{VMS}/delete", 8, (_ask("pause", "recycle"), _evicted)),
    Plot(
        f"{VMS}/extensions/write",
        60,
        (_ask("recycle"), _rest_and_rise("pause")),
        _has_extensions,
        births=True,
    ),
    Plot(f"{COMPUTE}/disks/write", 6, (_attached,)),
    Plot(f"{COMPUTE}/disks/write", 6, (_full,), _moves),
    Plot(f"{COMPUTE}/snapshots/*", 12, (_full, _copied), _moves),
    Plot(f"{COMPUTE}/snapshots/write", 8, (_ask("pause", "recycle"), _evicted), _captures),
    Plot(f"{COMPUTE}/snapshots/delete", 14, (_ask("recycle"), _rest_and_rise("pause")), _captures),
    Plot(f"{COMPUTE}/disks/delete", 20, (_ask("pause", "recycle"), _detached), _sheds_disks),
    Plot(
        f"{NETWORK}/networkInterfaces/write",
        35,
        (_ask("recycle"), _rest_and_rise("pause")),
        _writes_nics,
        births=True,
    ),
    Plot(f"{NETWORK}/networkInterfaces/delete", 12, (_ask("pause", "recycle"),), _sheds_nics),
    Plot(
        f"{NETWORK}/publicIPAddresses/*",
        6,
        (_ask("pause", "recycle"),),
        _sheds_nics,
        births=True,
    ),
)
IMPORTS: Final = (
    f"{VMS}/*",
    f"{VMS}/write",
    f"{VMS}/deallocate/action",
    f"{VMS}/start/action",
    f"{COMPUTE}/snapshots/write",
    f"{COMPUTE}/disks/write",
    f"{NETWORK}/networkInterfaces/write",
    f"{NETWORK}/*",
)
"""What an import that is refused something asks for, or its giving back."""


def draw(dice: Dice, document: Json, source: Source | None) -> tuple[tuple[Step, ...], bool]:
    """Draw what is refused and what asks for it, and whether it comes first; mostly nothing."""
    if dice.random() >= (IMPORTS_REFUSED if source else REFUSED):
        return (), False
    moment = dice.choices([*MOMENTS], [*MOMENTS.values()])[0]
    if source and not source.alone and dice.random() < HALF:
        words = dice.choice(WORDS)
        return (Refused(0.0, dice.choice(IMPORTS), *words), Time(LASTS_S)), True
    plots = [one for one in PLOTS if one.fits(document) and (one.births or moment != FROM_BIRTH)]
    plot = dice.choices(plots, [one.weight for one in plots])[0]
    refused = Refused(dice.choice((0.0, 0.0, 60.0)), plot.operation, *dice.choice(WORDS))
    steps: tuple[Step, ...] = (refused, Time(LASTS_S))
    if moment != FROM_BIRTH:
        steps = (Settled(0.0, rouses=True), refused, *dice.choice(plot.deeds)(dice, document))
    if moment != LATE and dice.random() < ALLOWED:
        steps = (*steps, Allowed(SOON_S))
    if plot.operation == VM_WRITE and dice.random() < HALF:
        elsewhere = Refused(refused.pause_s, plot.operation, *ELSEWHERE)
        steps = tuple(elsewhere if one is refused else one for one in steps)
    return steps, moment != LATE
