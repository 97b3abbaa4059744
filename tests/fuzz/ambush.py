"""Calls of the product disturbed on their way: laid by steps, sprung by the world's hooks."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final, Generic, TypeVar

from local.worlds.faults import (
    Call,
    Fault,
    Killed,
    LostReply,
    LostRequest,
    Moment,
    Refused,
    Reset,
    Slow,
    Stale,
    TableCall,
    TableFault,
)

F = TypeVar("F")

DOWN_S: Final = 20.0
"""A killed host is started again after this."""
AZURE: Final[Mapping[str, Fault]] = {
    "reset": Reset(),
    "stale": Stale(),
    "stale for long": Stale(age_s=90.0),
    "late": Slow(310.0),
    "killed during, late": Killed(Moment.DURING, restart_in_s=DOWN_S, arrives_in_s=30.0),
    **{f"killed {moment}": Killed(moment, restart_in_s=DOWN_S) for moment in Moment},
}
TABLES: Final[Mapping[str, TableFault]] = {
    "table request lost": LostRequest(),
    "table reply lost": LostReply(),
    "killed before table": Killed(Moment.BEFORE, restart_in_s=DOWN_S),
    "killed after table": Killed(Moment.AFTER, restart_in_s=DOWN_S),
}

FLAKY: Final[tuple[Fault, ...]] = (
    Reset(),
    LostReply(),
    LostRequest(),
    Refused(status=503, code="ServiceUnavailable", message="The service is unavailable."),
    Stale(),
    Stale(),
)
"""What befalls calls by chance where connections are bad."""

READ: Final = "Microsoft.Compute/virtualMachines/read"


@dataclass
class Ambush(Generic[F]):
    """Faults that wait for calls by their number."""

    faults: Mapping[str, F]
    chance: float = 0.0
    """Part of the calls that meet one of `by_chance` though nobody laid it."""
    by_chance: tuple[F, ...] = ()
    dice: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - chance
    _waiting: list[tuple[int, F]] = field(default_factory=list)
    _trapped: list[tuple[str, F]] = field(default_factory=list)
    _calls: int = 0

    def lay(self, kind: str, at_call: int, times: int) -> None:
        """Let the n-th call from now on, and those after it, meet a fault."""
        fault = self.faults[kind]
        self._waiting += [(self._calls + at_call + more, fault) for more in range(times)]

    def trap(self, kind: str, call: str, times: int) -> None:
        """Let the next calls of a name meet a fault."""
        self._trapped += [(call.lower(), self.faults[kind])] * times

    def lift(self) -> None:
        """Let all calls pass from now on."""
        self._waiting.clear()
        self._trapped.clear()
        self.chance = 0.0

    def strike(self, call: Any) -> F | None:
        """Return what befalls a call: the world's hook."""
        self._calls = call.count
        for waiting in self._waiting:
            if waiting[0] <= call.count:
                self._waiting.remove(waiting)
                return waiting[1]
        name = named(call) if self._trapped else ""
        for trapped in self._trapped:
            if fnmatchcase(name, trapped[0]):
                self._trapped.remove(trapped)
                return trapped[1]
        return self.dice.choice(self.by_chance) if self.dice.random() < self.chance else None


@dataclass
class Lag:
    """Reads of VMs that lag behind what was done to them, never twice in a row.

    Two in a row the product believes, for it must at some time.
    """

    chance: float
    dice: random.Random
    _before: dict[str, bool] = field(default_factory=dict)
    """Whether the last read of a VM lagged, by its id."""

    def lift(self) -> None:
        """Let all reads be true from now on."""
        self.chance = 0.0

    def strike(self, call: Call, other: Fault | None) -> Fault | None:
        """Return what befalls a call to Azure that `other` befalls, if anything does."""
        if not self.chance or call.method != "GET" or call.operation != READ:
            return other
        lags = not self._before.get(call.resource, False) and self.dice.random() < self.chance
        self._before[call.resource] = lags or other is not None
        return other or (Stale() if lags else None)


def named(call: Any) -> str:
    """Return what a call is: as audit logs say, or `write nodes/doc,op`."""
    if isinstance(call, TableCall):
        return f"{call.verb} {call.table}/{','.join(call.rows)}".lower()
    return str(call.operation).lower()
