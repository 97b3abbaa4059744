"""What may happen to a node, by chance."""

import random
from collections.abc import Callable
from typing import Any, Final

from tests.fuzz.deeds import Agent, DiskAttached, DiskDetached, OsDiskSwapped
from tests.fuzz.documents import DISK_TYPES, PERSON, SIZES
from tests.fuzz.steps import (
    ANYTHING,
    Disturbed,
    Edited,
    EventsChange,
    Evicted,
    FailedUnheard,
    Fault,
    HostKilled,
    OwnerAsks,
    PersonCalls,
    PersonDeletesVm,
    Quota,
    RoomChanges,
    RoomForAll,
    Step,
    Time,
)

Json = dict[str, Any]

WRITES: Final = (
    "Microsoft.Compute/virtualMachines/write",
    "Microsoft.Compute/virtualMachines/delete",
    "Microsoft.Compute/virtualMachines/start/action",
    "Microsoft.Compute/virtualMachines/deallocate/action",
    "Microsoft.Compute/virtualMachines/attachDetachDataDisks/action",
    "Microsoft.Compute/virtualMachines/extensions/write",
    "Microsoft.Compute/disks/write",
    "Microsoft.Compute/disks/delete",
    "Microsoft.Compute/snapshots/write",
    "Microsoft.Compute/snapshots/delete",
    "Microsoft.Network/networkInterfaces/write",
    "Microsoft.Network/networkInterfaces/delete",
    "Microsoft.Network/publicIPAddresses/write",
    "Microsoft.Network/publicIPAddresses/delete",
)
UNHEARD: Final = 0.05
"""Part of the lives in which a VM fails unheard."""
VM_FAILURES: Final = ("OSProvisioningTimedOut", "InternalExecutionError")
"""Of the guest, which runs all the same, and of Azure's own."""
DISTURBANCES: Final = (
    "reset",
    "stale",
    "late",
    "killed during, late",
    "table request lost",
    "table reply lost",
    "killed before table",
    "killed after table",
)


def pause(dice: random.Random) -> float:
    """Return a pause: often short of what is under way, sometimes past all of it."""
    return round(dice.choice((0.0, 1.0, 5.0, 20.0, 40.0, 90.0, 300.0, 900.0)) * dice.random(), 2)


def _evicted(dice: random.Random) -> Step:
    return Evicted(pause(dice), notice_s=dice.choice((30.0, 30.0, 30.0, 0.0, 5.0)))


def _room(dice: random.Random, sizes: tuple[str, ...]) -> Step:
    return RoomChanges(
        pause(dice),
        size="*" if dice.random() < 0.5 else dice.choice(sizes),
        zone=dice.choice(("*", "1", "2", "3", "regional")),
        lifecycle=dice.choice(("SPOT", "SPOT", "SPOT", "OD", "*")),
        room=dice.choice((0, 0, 0, None)),
        when=dice.choice(("accept", "completion", "either")),
    )


def _quota(dice: random.Random) -> Step:
    name = dice.choice(("lowPriorityCores", "cores"))
    return Quota(pause(dice), name, dice.choice((0, 2, 4, 1_000)))


def _fault(dice: random.Random) -> Step:
    kind = dice.choice(
        ("refuse", "refuse", "fail", "lose_reply", "lose_reply", "lose_request", "slow", "throttle")
    )
    more: Json = {}
    if kind == "refuse":
        more = {"status": dice.choice((500, 503, 409, 429))}
        if more["status"] == 429:
            more["retry_after_s"] = dice.choice((None, 5.0))
        if more["status"] == 409:
            more["code"] = dice.choice(("Conflict", "RetryableErrorDueToAnotherOperation"))
    if kind == "fail":
        more = {"code": "InternalExecutionError"}
    if kind == "slow":
        more = {"slow_s": dice.choice((2.0, 30.0, 120.0))}
    return Fault(
        pause(dice),
        kind,
        ANYTHING if dice.random() < 0.3 and kind != "fail" else dice.choice(WRITES),
        skip=dice.choice((0, 0, 1, 2, 5)),
        times=dice.choice((1, 1, 2, 4)),
        **more,
    )


def _events(dice: random.Random) -> Step:
    deaf, wild = dice.random() < 0.4, dice.random() < 0.5
    return EventsChange(
        pause(dice),
        loss=1.0 if deaf else dice.choice((0.0, 0.3)),
        duplicate=0.5 if wild else 0.0,
        reorder=0.5 if wild else 0.0,
        delay_s=dice.choice((0.0, 60.0, 7_200.0)),
    )


def _edited(dice: random.Random) -> Step:
    part, value = dice.choice(
        (
            ("description", "edited"),
            ("strategy.fallbackToOd", dice.random() < 0.5),
            ("compute.vmSizes.spotSizes", dice.sample(SIZES, dice.randint(1, 3))),
            ("compute.launchSpecification.tags", [{"tagKey": "a", "tagValue": "b"}]),
            ("strategy.vmAdmins", dice.choice((None, [], [PERSON]))),
            ("compute.launchSpecification.osDisk.sizeGB", dice.choice((64, 100))),
            ("compute.launchSpecification.dataDisks", _data_disks(dice)),
        )
    )
    return Edited(pause(dice), part, value)


def _data_disks(dice: random.Random) -> list[Json]:
    return [
        {"lun": lun, "sizeGB": 128, "type": dice.choice(DISK_TYPES)}
        for lun in range(dice.randint(1, 3))
    ]


def _attached(dice: random.Random) -> Step:
    return DiskAttached(
        pause(dice),
        size_gib=dice.choice((8, 24)),
        kind=dice.choice(DISK_TYPES),
        lun=dice.choice((None, None, 0, 1, 7)),
        taken=dice.random() < 0.1,
        waits_s=dice.choice((0.0, 300.0, 300.0)),
    )


def _ttl_h(dice: random.Random) -> int | None:
    return dice.choice((None, 0, 0, 0, 1))


def _detached(dice: random.Random) -> Step:
    return DiskDetached(
        pause(dice), dice.randint(0, 5), _ttl_h(dice), dice.choice((0.0, 300.0, 300.0))
    )


def _swapped(dice: random.Random) -> Step:
    source = dice.choice(("copy", "copy", "earlier"))
    return OsDiskSwapped(pause(dice), source, _ttl_h(dice))


def _disturbed(dice: random.Random) -> Step:
    return Disturbed(
        pause(dice),
        kind=dice.choice(DISTURBANCES),
        at_call=dice.choice((1, 2, 3, 5, 8, 13)),
        times=dice.choice((1, 1, 3)),
    )


def _killed(dice: random.Random) -> Step:
    moment = dice.choice(("before", "during", "after"))
    return HostKilled(pause(dice), dice.choice((0, 1, 2, 3, 5, 8, 13)), moment)


def _asked(dice: random.Random) -> Step:
    return OwnerAsks(pause(dice), dice.choice(("pause", "pause", "stop", "recycle", "up", "up")))


DRAWS: Final[tuple[tuple[Callable[[random.Random], Step] | None, int], ...]] = (
    (_evicted, 30),
    (_asked, 24),
    (None, 14),
    (lambda dice: RoomForAll(pause(dice)), 5),
    (_quota, 3),
    (_fault, 22),
    (_killed, 12),
    (_disturbed, 10),
    (_events, 5),
    (_edited, 6),
    (_attached, 7),
    (_detached, 7),
    (_swapped, 4),
    (lambda dice: Agent(pause(dice), ready=dice.random() < 0.2), 3),
    (lambda dice: PersonCalls(pause(dice), dice.choice(("deallocate", "start"))), 5),
    (lambda dice: PersonDeletesVm(pause(dice)), 2),
    (lambda dice: Time(pause(dice)), 5),
)


def draw(dice: random.Random, sizes: tuple[str, ...]) -> Step:
    """Draw the next step in the life of a node that may have these sizes."""
    draws, weights = zip(*DRAWS, strict=True)
    drawn = dice.choices(draws, weights)[0]
    return drawn(dice) if drawn else _room(dice, sizes)


def befall(dice: random.Random, steps: list[Step]) -> None:
    """Let, in few lives, a VM fail while nobody hears of it: the next one, or at its next start."""
    if dice.random() >= UNHEARD:
        return
    at = dice.randrange(len(steps) - 1)
    operation = dice.choice((WRITES[0], WRITES[0], WRITES[2]))
    code = dice.choice(VM_FAILURES)
    times = 1 if code == VM_FAILURES[0] else 2  # a guest that fails twice is its owner's business
    fails = FailedUnheard(0.0, operation, code, times)
    then = OwnerAsks(pause(dice), "recycle") if operation == WRITES[0] else _evicted(dice)
    steps[at : at + 2] = [fails, then]
