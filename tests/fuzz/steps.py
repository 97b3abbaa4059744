"""What can happen to a node in its life: each step is data, can be told in words, and replayed."""

from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

from tests.fuzz.documents import REGION

Json = dict[str, Any]

ANYTHING: Final = "*"
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

    async def ask(self, state: str) -> None:
        """Have the owner ask for a state: pause, stop, recycle, up (resume or start)."""

    async def attach(self, asked: Json) -> None:
        """Have the owner attach a data disk."""

    async def detach(self, which: int, asked: Json) -> None:
        """Have the owner detach one of the data disks that the node has."""

    async def swap(self, source: str, asked: Json) -> None:
        """Have the owner rest the node and swap its OS disk for a copy, or for an earlier one."""

    async def silence(self, *, ready: bool) -> None:
        """Have the agent of the VM fall silent, or report again."""

    async def refuse(self, operation: str, status: int, code: str, message: str) -> None:
        """Have Azure refuse an operation of the product from now on."""

    async def allow(self) -> None:
        """Have Azure's faults stop, and the owner bring a node up that stands in ERROR."""

    async def settle(self, within_s: float, *, rouses: bool) -> None:
        """Wait until the node is ACTIVE and left alone; its owner may bring it up if it rests."""

    async def lose(self, after_s: float) -> None:
        """Have an operator terminate the orchestration that works on the node so much later."""

    async def kill(self, at_call: int, moment: str) -> None:
        """Kill the host at its n-th call to Azure from now (0: now)."""

    async def disturb(self, kind: str, at_call: int, times: int) -> None:
        """Let something befall calls of the product on their way, from its n-th from now."""

    async def silence_next(self) -> None:
        """Have the next VM that comes up never say that it is ready."""

    async def trap(self, kind: str, call: str, times: int) -> None:
        """Let something befall the next calls of a name."""

    async def comes(self, pattern: str, within_s: float, after_s: float) -> None:
        """Wait for a line of the log, and for so long after it."""


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
class FailedUnheard(Step):
    """Azure's next calls of a kind are accepted and fail at their end; the replies are lost."""

    operation: str
    code: str
    times: int

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        for fault in ({"kind": "fail", "code": self.code}, {"kind": "lose_reply"}):
            told = fault | {"operation": self.operation, "caller": "service", "times": self.times}
            await ground.world("POST", "faults", told)


@dataclass(frozen=True)
class EventsChange(Step):
    """Events get lost, doubled, late, out of order."""

    loss: float
    duplicate: float
    reorder: float
    delay_s: float
    least_s: float = 0.5

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        body = {
            "loss": self.loss,
            "duplicate": self.duplicate,
            "reorder": self.reorder,
            "reorder_s": 120.0,
            "delay_s": [self.least_s, self.least_s + self.delay_s],
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
class OwnerAsks(Step):
    """The owner asks the node to rest, to come up or to be made anew; it may be a bad time."""

    state: str

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        await ground.ask(self.state)


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
