"""What can happen to a node in its life: each step is data, can be told in words, and replayed."""

import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

from tests.fuzz.documents import PERSON, REGION, SIZES

Json = dict[str, Any]

WRITES: Final = (
    "Microsoft.Compute/virtualMachines/write",
    "Microsoft.Compute/virtualMachines/delete",
    "Microsoft.Compute/virtualMachines/start/action",
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
ANYTHING: Final = "*"
DISTURBANCES: Final = (
    "reset",
    "stale",
    "table request lost",
    "table reply lost",
    "killed before table",
    "killed after table",
)
PERSON_TOKEN: Final = "a-person"  # noqa: S105 - of the simulated Azure


AMPLE_QUOTA: Final = [
    {"location": REGION, "name": name, "limit": 1_000} for name in ("lowPriorityCores", "cores")
]


class Ground(Protocol):
    """Where a life is played: the world, seen by one node."""

    async def world(self, method: str, path: str, body: Json | None = None) -> None:
        """Give an order to the simulated world."""

    async def azure(self, method: str, action: str) -> None:
        """Have a person call Azure about the VM: `start`, `deallocate`; "" with DELETE."""

    async def vm_id(self) -> str | None:
        """Return the id of the node's VM in Azure, if there is one."""

    async def update(self, change: Json) -> None:
        """Send the node's owner's edit."""

    async def kill(self, at_call: int, moment: str) -> None:
        """Kill the host at its n-th call to Azure from now (0: now)."""

    async def disturb(self, kind: str, at_call: int, times: int) -> None:
        """Let something befall calls of the product on their way, from its n-th from now."""


@dataclass(frozen=True)
class Step:
    """One thing that happens, then `pause_s` virtual seconds pass."""

    pause_s: float

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        raise NotImplementedError

    def words(self) -> str:
        """Tell it."""
        told = {name: value for name, value in asdict(self).items() if name != "pause_s"}
        what = " ".join(f"{name}={value}" for name, value in told.items() if value is not None)
        return f"{type(self).__name__} {what}".strip() + f"; then {self.pause_s:g} s"


@dataclass(frozen=True)
class Evicted(Step):
    """Azure takes the VM back."""

    notice_s: float

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        vm_id = await ground.vm_id()
        if vm_id:
            await ground.world("POST", "evictions", {"vm": vm_id, "notice_s": self.notice_s})


@dataclass(frozen=True)
class RoomChanges(Step):
    """A market fills up or empties."""

    size: str
    zone: str
    lifecycle: str
    room: int | None
    when: str

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        rule = {
            "location": REGION,
            "size": self.size,
            "zone": self.zone,
            "lifecycle": self.lifecycle,
            "room": self.room,
            "when": self.when,
        }
        await ground.world("PUT", "capacity", {"rules": [rule]})


@dataclass(frozen=True)
class RoomForAll(Step):
    """All markets have room."""

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        await ground.world("DELETE", "capacity")


@dataclass(frozen=True)
class Quota(Step):
    """The subscription's quota is changed."""

    name: str
    limit: int

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        limits = [{"location": REGION, "name": self.name, "limit": self.limit}]
        await ground.world("PUT", "quota", {"limits": limits})


@dataclass(frozen=True)
class PersonCalls(Step):
    """A person starts or deallocates the VM in Azure."""

    action: str

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        await ground.azure("POST", self.action)


@dataclass(frozen=True)
class PersonDeletesVm(Step):
    """A person deletes the VM in Azure; disks and NICs stay."""

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        await ground.azure("DELETE", "")


@dataclass(frozen=True)
class Fault(Step):
    """Azure's next calls of a kind go wrong."""

    kind: str
    operation: str
    skip: int
    times: int
    code: str | None = None
    status: int | None = None
    retry_after_s: float | None = None
    slow_s: float | None = None

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        fault = {name: value for name, value in asdict(self).items() if value is not None}
        del fault["pause_s"]
        await ground.world("POST", "faults", fault)


@dataclass(frozen=True)
class EventsChange(Step):
    """Events get lost, doubled, late, out of order."""

    loss: float
    duplicate: float
    reorder: float
    delay_s: float

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        body = {
            "loss": self.loss,
            "duplicate": self.duplicate,
            "reorder": self.reorder,
            "reorder_s": 120.0,
            "delay_s": [0.5, 0.5 + self.delay_s],
        }
        await ground.world("PUT", "events", body)


@dataclass(frozen=True)
class Edited(Step):
    """The owner edits the node."""

    part: str
    value: Any

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        change: Json = {}
        here = change
        *parents, last = self.part.split(".")
        for parent in parents:
            here = here.setdefault(parent, {})
        here[last] = self.value
        await ground.update(change)


@dataclass(frozen=True)
class HostKilled(Step):
    """The host is killed before, during or after its n-th call to Azure (0: at once)."""

    at_call: int
    moment: str

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        await ground.kill(self.at_call, self.moment)


@dataclass(frozen=True)
class Disturbed(Step):
    """Calls of the product are disturbed on their way to Azure, or to its own tables."""

    kind: str
    at_call: int
    times: int

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        await ground.disturb(self.kind, self.at_call, self.times)


@dataclass(frozen=True)
class Time(Step):
    """Nothing happens."""

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""


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
        )
    )
    return Edited(pause(dice), part, value)


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


DRAWS: Final[tuple[tuple[Callable[[random.Random], Step] | None, int], ...]] = (
    (_evicted, 30),
    (None, 14),
    (lambda dice: RoomForAll(pause(dice)), 5),
    (_quota, 3),
    (_fault, 22),
    (_killed, 12),
    (_disturbed, 10),
    (_events, 5),
    (_edited, 5),
    (lambda dice: PersonCalls(pause(dice), dice.choice(("deallocate", "start"))), 5),
    (lambda dice: PersonDeletesVm(pause(dice)), 2),
    (lambda dice: Time(pause(dice)), 5),
)


def draw(dice: random.Random, sizes: tuple[str, ...]) -> Step:
    """Draw the next step in the life of a node that may have these sizes."""
    draws, weights = zip(*DRAWS, strict=True)
    drawn = dice.choices(draws, weights)[0]
    return drawn(dice) if drawn else _room(dice, sizes)
