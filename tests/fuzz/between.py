"""What happens between two looks of the product: it is not there when it could be seen."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tests.fuzz.aimed import Aimed, Settled, Trapped
from tests.fuzz.draws import VM_FAILURES
from tests.fuzz.steps import (
    Evicted,
    FailedUnheard,
    Fault,
    Ground,
    OwnerAsks,
    PersonCalls,
    RoomChanges,
    RoomForAll,
    Step,
    Time,
)

Json = dict[str, Any]
Dice = random.Random

PART: Final = 0.14
"""Of the lives that have no campaign."""
COPIED: Final = 0.08
"""Part of the lives whose disks may move in which their first copies are disturbed."""
ZONAL: Final = 0.7
ZONE_1: Final = "lent-zone1"
"""An address of the pools that lives draw."""
COMPUTE: Final = "Microsoft.Compute"
VM_WRITE: Final = f"{COMPUTE}/virtualMachines/write"
LOOK: Final = f"{COMPUTE}/locations/operations/read"
HELD_S: Final = 9.0
"""Longer than three looks without a pause, shorter than three with one of five seconds."""
LOOKED_LATE_S: Final = 95.0
"""Longer than a start and a stop together."""
FIRST_COPY_S: Final = 1_200.0
"""The disks of a VM that may move are first copied ten minutes after it came up."""


@dataclass(frozen=True)
class Held(Step):
    """Somebody has a disk of the node attached to a VM of his own, for seconds."""

    lasts_s: float

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        refusal: Json = {
            "kind": "refuse",
            "status": 409,
            "code": "OperationNotAllowed",
            "message": "Disk life-os is attached to VM rescue.",
            "caller": "service",
            "operation": VM_WRITE,
            "method": "PUT",
            "times": None,
            "lasts_s": self.lasts_s,
        }
        await ground.world("POST", "faults", refusal)


def failed_unheard(dice: Dice) -> tuple[Step, ...]:
    """A VM is asked for anew, the reply is lost, and it fails; its guest runs all the same."""
    fails = FailedUnheard(0.0, VM_WRITE, VM_FAILURES[0], times=1)
    return Settled(0.0), fails, OwnerAsks(0.0, "recycle"), Time(round(240 + 60 * dice.random(), 2))


def held(dice: Dice) -> tuple[Step, ...]:
    """A disk is in use elsewhere when the next VM is to have it, and is let go of soon."""
    elsewhere = Aimed(round(60.0 * dice.random(), 2), "create_vm begins", 0.0, Held(0.0, HELD_S))
    return Settled(0.0), OwnerAsks(0.0, "recycle"), elsewhere


def looked_at_late(dice: Dice) -> tuple[Step, ...]:
    """A taken VM is started, a person stops it, and only then is the start known to be over."""
    slow = Fault(0.0, "slow", LOOK, skip=0, times=1, slow_s=LOOKED_LATE_S)
    stop = PersonCalls(0.0, "deallocate")
    return (
        Settled(0.0),
        Evicted(0.0, notice_s=0.0),
        Aimed(0.0, "start_vm begins", 0.0, slow),
        Aimed(120.0, "a vm is up", round(2.0 * dice.random(), 2), stop),
    )


def made_in_vain(dice: Dice) -> tuple[Step, ...]:
    """A VM is asked for anew, and fails once Azure has made its disks; the next one does not."""
    fails = Fault(0.0, "fail", VM_WRITE, skip=0, times=1, code=VM_FAILURES[1])
    return Settled(0.0), fails, OwnerAsks(0.0, "recycle"), Time(round(240 + 60 * dice.random(), 2))


def draw(dice: Dice, document: Json) -> tuple[Step, ...]:
    """Draw what a life begins with; mostly nothing."""
    if dice.random() >= PART:
        return ()
    kinds: list[tuple[Callable[[Dice], tuple[Step, ...]], int]] = [
        (failed_unheard, 5),
        (held, 4),
    ]
    persistence = document["persistence"]
    modes = [value for name, value in persistence.items() if name.endswith("Mode")]
    if modes == ["reattach"] * 2:  # it is started where it is
        kinds.append((looked_at_late, 40))
    if not (persistence["shouldPersistOsDisk"] and persistence["shouldPersistDataDisks"]):
        kinds.append((made_in_vain, 8))
    plots, weights = zip(*kinds, strict=True)
    drawn: tuple[Step, ...] = dice.choices(plots, weights)[0](dice)
    return drawn


def zonal(dice: Dice, document: Json) -> tuple[Step, ...]:
    """Draw how the first zone is full once its NIC has got an address that serves no other.

    Only where the document has a pool of addresses, which then begins with that one.
    """
    compute = document["compute"]
    nics = compute["launchSpecification"].get("network", {}).get("networkInterfaces", ())
    pools = [nic["publicIps"] for nic in nics if nic.get("publicIps")]
    zones = compute.get("zones") or ()
    if not pools or "1" not in zones or len(zones) == 1 or dice.random() >= ZONAL:
        return ()
    group = pools[0][0]["resourceGroupName"]
    others = [one for one in pools[0] if one["name"] != ZONE_1]
    pools[0][:] = [{"name": ZONE_1, "resourceGroupName": group}, *others]
    compute["preferredZone"] = "1"
    return RoomChanges(120.0, "*", "1", "*", 0, "accept"), RoomForAll(0.0)


def copied(dice: Dice, document: Json) -> tuple[Step, ...]:
    """Draw how the host dies when a snapshot of a disk in use has just been asked for."""
    modes = document["persistence"].values()
    may_move = len(document["compute"].get("zones") or ()) > 1 and "reattach" in modes
    if not may_move or dice.random() >= COPIED:
        return ()
    dies = Trapped(0.0, "killed after", f"{COMPUTE}/snapshots/write")
    return Settled(0.0, rouses=True), dies, Time(FIRST_COPY_S)
