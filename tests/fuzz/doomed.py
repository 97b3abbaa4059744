"""Imports that something stands against, aimed at one stage of them, and what is to become of each.

What Azure refuses is refused for good: by a lock, a policy, a role that is missing.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

Json = dict[str, Any]

DOOMED: Final = 0.5
"""Part of the imports."""
DOOMED_ELSE: Final = 0.55
"""Part of the others, against which something stands that is drawn by dice of their own."""
SLOW: Final = 8.0
COMPUTE, NETWORK = "Microsoft.Compute", "Microsoft.Network"
SOURCE: Final = "*/virtualmachines/legacy"
OWN: Final = "*/virtualmachines/[lf][iz]*"
"""VMs of the node's: `life-SEED-...`, or `fz-...` where its document says so."""
VM_WRITE: Final = f"{COMPUTE}/virtualMachines/write"
DISK_WRITE: Final = f"{COMPUTE}/disks/write"
NIC_WRITE: Final = f"{NETWORK}/networkInterfaces/write"
FAILED, COMPLETED, EITHER = "ImportFailed", "ImportCompleted", ""
START_S: Final = (30.0, 300.0, 900.0)
"""Azure has no room for the source for so long: less than the half hour that it is tried."""
OUTAGE_S: Final = (120.0, 900.0, 4_000.0)
DELETES_S: Final = 3_000.0
SOON_S: Final = 900.0
"""A source that Azure has room for runs by then: whatever else there is to undo can wait."""
NO_ROOM: Final[Json] = {
    "status": 409,
    "code": "AllocationFailed",
    "message": "Allocation failed. We do not have sufficient capacity for the requested VM size.",
}


@dataclass(frozen=True)
class Doom:
    """What stands against one import."""

    name: str
    faults: tuple[Json, ...] = ()
    """From its beginning on."""
    at: tuple[str, str] = ("", "")
    """Operation and resource, as patterns: the product's first call of the kind is a moment."""
    then: tuple[Json, ...] = ()
    """Faults from that moment on."""
    person: str = ""
    """What somebody has Azure do with the source at that moment: `start`, `delete`."""
    kills: bool = False
    """The host dies at that moment."""
    no_quota: bool = False
    """There is not one vCPU for the node."""
    ends: str = FAILED
    """How the import ends; empty: either way."""
    whole: bool = True
    """An import in vain leaves the source as it was, whatever it may say."""
    runs_within_s: float = 0.0
    """After the moment a source that ran is to run again within so long; 0: it may take longer."""
    joins_within_s: float = 0.0
    """After it runs again it is to be in its pools within so long; 0: it may take longer."""
    tells: str = ""
    """What the reason of an import in vain must say."""
    spared: bool = False
    """It is known before the source is touched: that runs on all the while."""
    slow: str = ""
    """Operations that take Azure `SLOW` times as long."""


@dataclass(frozen=True)
class Traits:
    """What of a source and of its node bears on what can stand against the import."""

    running: bool
    unmanaged: bool
    drains: bool
    """It is in a pool, and has time to leave it."""
    network: bool
    """The node keeps it."""
    copied: bool
    """The node keeps a disk."""


def forbid(operation: str, resource: str = "*", **more: Any) -> Json:
    """Return the fault of a kind of call that Azure does not allow the product."""
    return {
        "kind": "refuse",
        "status": 403,
        "code": "AuthorizationFailed",
        "message": "The client does not have authorization to perform the action.",
        "caller": "service",
        "operation": operation,
        "resource": resource,
        "times": None,
        **more,
    }


def silent(operation: str, lasts_s: float) -> Json:
    """Return the fault of calls that no server answers for a time."""
    down: Json = {"status": 503, "code": "ServiceUnavailable", "message": "Service unavailable."}
    return forbid(operation, lasts_s=lasts_s, **down)


NO_MARKET: Final = Doom("no market is open", no_quota=True, spared=True)
NO_LAUNCH: Final = forbid(VM_WRITE, OWN)
LAUNCHES: Final = (VM_WRITE, OWN)
STARTS: Final = (f"{COMPUTE}/virtualMachines/start/action", SOURCE)
STOPS: Final = (f"{COMPUTE}/virtualMachines/deallocate/action", SOURCE)
HOLDER: Final = (NIC_WRITE, "*-import-nic")
COPIES: Final = (f"{COMPUTE}/snapshots/write", "*")
OWN_DELETE: Final = (f"{COMPUTE}/virtualMachines/delete", OWN)


def draw(dice: random.Random, traits: Traits) -> Doom | None:
    """Draw what stands against an import, if anything does."""
    if dice.random() >= DOOMED:
        return None
    kinds = (_taking(traits), _giving_back(dice, traits), _people(traits))
    return dice.choice(list(dice.choices(kinds, (4, 5, 2))[0]))


def draw_else(dice: random.Random, traits: Traits) -> Doom | None:
    """Draw what befalls the power of a source that runs, if anything does."""
    chosen = dice.random() < DOOMED_ELSE
    return dice.choice(list(_power(traits))) if chosen and traits.running else None


def _power(has: Traits) -> Iterator[Doom]:
    timed_out = {"kind": "fail", "code": "VMStartTimedOut", "message": "It may still start."}
    timed_out |= {"caller": "service", "operation": STARTS[0], "resource": SOURCE}
    yield NO_MARKET
    yield Doom("its start times out, and it runs", (NO_LAUNCH, timed_out))
    if has.copied:
        yield Doom("it goes down slowly", slow="vm.deallocate", ends=COMPLETED)
    if not has.network:  # else it has a placeholder of ours by then
        at = COPIES if has.copied else LAUNCHES
        faults = (NO_LAUNCH, forbid(*STARTS))
        yield Doom("started by somebody, and the product may not", faults, at, person="start")


def _taking(has: Traits) -> Iterator[Doom]:
    """Yield what stands in the way of taking the source over, or of its end."""
    yield NO_MARKET
    yield Doom("it may not be marked", (forbid(VM_WRITE, SOURCE),))
    if has.running:
        yield Doom("it may not be stopped", (forbid(*STOPS),))
    else:
        yield Doom("its node may not be stopped", (forbid(STOPS[0], OWN),), ends=COMPLETED)
    if has.unmanaged:
        yield Doom("it may not be converted", (forbid(f"{SOURCE_ACTION}convert*", SOURCE),))
    else:
        left = forbid(DISK_WRITE, "*/disks/legacy-*", method="PATCH")
        yield Doom("its disks may not be tagged", (left,), ends=COMPLETED)
    if has.copied:
        yield Doom("it may not be copied", (forbid(*COPIES),))
        yield Doom("no disk may be made", (forbid(DISK_WRITE, method="PUT"),))
    if has.network:
        yield Doom("no NIC may take the place of its own", (forbid(*HOLDER),))
        tags = forbid(NIC_WRITE, "*/legacy-nic*", method="PATCH")
        yield Doom("its NICs may not be tagged", (tags,))
        marks = forbid(VM_WRITE, SOURCE)
        yield Doom("it may not change any more", at=HOLDER, then=(marks,), whole=False)
    if has.drains:
        yield Doom("its NICs may not be written", (forbid(NIC_WRITE, "*/legacy-nic*"),))


SOURCE_ACTION: Final = f"{COMPUTE}/virtualMachines/"


def _giving_back(dice: random.Random, has: Traits) -> Iterator[Doom]:
    """Yield what befalls a source that is given back, since no VM comes up in its place."""
    mute = silent(f"{NETWORK}/*", dice.choice(OUTAGE_S))
    yield Doom("Network is silent", (NO_LAUNCH,), LAUNCHES, (mute,))
    deletes = [silent(f"{COMPUTE}/{one}/delete", DELETES_S) for one in ("disks", "snapshots")]
    name = "nothing can be deleted for long"
    yield Doom(name, (NO_LAUNCH,), LAUNCHES, tuple(deletes), runs_within_s=SOON_S)
    yield Doom("the host dies", (NO_LAUNCH,), LAUNCHES, kills=True)
    fails: Json = {"kind": "fail", "code": "OperationNotAllowed", "caller": "service"}
    fails |= {"operation": VM_WRITE, "resource": OWN, "times": None, "message": "Not allowed."}
    once = forbid(*OWN_DELETE, times=1)
    yield Doom("its node's VM fails, and may go but later", (fails, once))
    never = forbid(*OWN_DELETE)
    yield Doom("its node's VM fails, and may never go", (fails, never), whole=False)
    if has.network:
        tags = forbid(NIC_WRITE, "*/legacy-nic*", method="PATCH")
        yield Doom("no tag comes off its NICs", (NO_LAUNCH,), LAUNCHES, (tags,), whole=False)
    if not has.running:
        return
    yield Doom("the host dies as it starts", (NO_LAUNCH,), STARTS, kills=True)
    yield Doom("it may not start", (NO_LAUNCH, forbid(*STARTS)), whole=False)
    for lasts_s in START_S:
        full = forbid(*STARTS, lasts_s=lasts_s, **NO_ROOM)
        yield Doom(f"no room for it for {lasts_s:g} s", (NO_LAUNCH,), LAUNCHES, (full,))
    if has.drains:
        pools = forbid(NIC_WRITE, "*/legacy-nic*", method="PUT")
        late = silent(NIC_WRITE, OUTAGE_S[-1]) | {"resource": "*/legacy-nic*", "method": "PUT"}
        name = "no pool takes it back for long"
        yield Doom(name, (NO_LAUNCH,), LAUNCHES, (late,), runs_within_s=SOON_S)
        yield Doom("no pool takes it back", (NO_LAUNCH,), LAUNCHES, (pools,), whole=False)


def _people(has: Traits) -> Iterator[Doom]:
    """Yield what its user, or somebody else, does with the source meanwhile."""
    moments = {"is stopped": STOPS} if has.running else {}
    moments |= {"is copied": COPIES} if has.copied else {}
    moments |= {"gives its NICs away": HOLDER} if has.network else {}
    for when, at in moments.items():
        yield Doom(f"deleted as it {when}", at=at, person="delete", ends=EITHER)
        if has.network or at is STOPS:  # else it is imported while somebody uses it
            tells = "runs" if at is HOLDER else ""
            yield Doom(f"started as it {when}", at=at, person="start", ends=EITHER, tells=tells)
    yield Doom("deleted as its node comes up", at=LAUNCHES, person="delete", ends=EITHER)
    yield Doom("deleted, and no VM in its place", (NO_LAUNCH,), LAUNCHES, person="delete")
    if not has.unmanaged:
        tags = (DISK_WRITE, "*/disks/legacy-*")
        slow = forbid(*tags, kind="slow", slow_s=90.0, method="PATCH")
        yield Doom("deleted as it is adopted", (slow,), tags, person="delete", ends=EITHER)
