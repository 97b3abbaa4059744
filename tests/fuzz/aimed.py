"""Steps that wait for their moment: to let things settle, or to strike in the middle of them."""

from dataclasses import dataclass
from typing import Final

from tests.fuzz.steps import Ground, Step

WAITS_S: Final = 110.0
"""How long a step waits for its moment at most; then it strikes all the same."""
SETTLES_S: Final = 300.0
"""How long a step waits at most for the node to be ACTIVE and left alone."""

LISTED: Final = "the vms were listed"
MOMENTS: Final = {
    "a vm is on its way": r"azure .*/virtualmachines/\S+ .*power=starting",
    "a vm is up": r"azure .*/virtualmachines/\S+ .*power=running",
    "a vm is down": r"azure .*/virtualmachines/\S+ .*power=deallocated",
    "a vm is gone": r"azure .*/virtualmachines/[^/ ]+ is gone",
    "a snapshot is made": r"azure .*/snapshots/\S+ is new",
    "a disk is made": r"azure .*/disks/\S+ is new",
    "a node is taken": r"end claim_operation ",
    "a market is chosen": r"end decide ",
    **{
        f"{step} begins": rf"begin {step} "
        for step in (
            "await_down",
            "await_signal",
            "copy_disks",
            "create_vm",
            "deallocate_vm",
            "delete_vm",
            "ensure_nics",
            "install_extensions",
            "settle_operation",
            "start_vm",
            "take_snapshots",
        )
    },
    LISTED: r"arm GET /subscriptions/[^/]+/providers/Microsoft.Compute/virtualMachines\?",
}
"""Lines of the world's log, by what they mean."""


@dataclass(frozen=True)
class Settled(Step):
    """The node is left alone until it is ACTIVE."""

    rouses: bool = False
    """Its owner brings it up if it rests."""

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        await ground.settle(SETTLES_S, rouses=self.rouses)


@dataclass(frozen=True)
class Aimed(Step):
    """Something happens at a moment, or so long after it."""

    moment: str
    after_s: float
    deed: Step

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        await ground.comes(MOMENTS[self.moment], WAITS_S, self.after_s)
        await self.deed.happen(ground)

    def words(self) -> str:
        """Tell it."""
        told = self.deed.words().removesuffix(f"; then {self.deed.pause_s:g} s")
        return f"when {self.moment}, {self.after_s:g} s later: {told}; then {self.pause_s:g} s"


@dataclass(frozen=True)
class Trapped(Step):
    """The next calls that are so named are disturbed on their way."""

    kind: str
    call: str
    """To Azure as audit logs name it, or `write nodes/op`: verb, table and rows."""
    times: int = 1

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        await ground.trap(self.kind, self.call, self.times)


@dataclass(frozen=True)
class Hushed(Step):
    """The next VM that comes up never says that it is ready."""

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        await ground.silence_next()


@dataclass(frozen=True)
class Slowed(Step):
    """Operations of Azure take so many times as long."""

    operations: str
    times: float

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        factors = {self.operations: self.times} if self.times != 1 else {}
        await ground.world("PATCH", "settings", {"latency_of": factors})


@dataclass(frozen=True)
class Tells(Step):
    """Azure tells of evictions in another way besides, as a setting of the simulated one says."""

    setting: str

    async def happen(self, ground: Ground) -> None:
        """Let it happen."""
        await ground.world("PATCH", "settings", {self.setting: True})
