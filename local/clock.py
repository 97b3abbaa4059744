"""Clocks of the local stack: wall time, or wall time sped up.

A scaled clock is a line through one anchor: (wall moment, simulated moment, speed). Every
process that is given the same anchor tells the same time, and goes on telling it after a restart.
"""

import asyncio
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What host and simulator need of a clock."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds` of this clock's time."""
        ...


@dataclass(frozen=True)
class ScaledClock:
    """Wall time, `speed` times as fast since `wall`, when it was `simulated`."""

    wall: datetime
    simulated: datetime
    speed: float

    def now(self) -> datetime:
        """Return the simulated moment."""
        elapsed = datetime.now(UTC) - self.wall  # noqa: TID251 - this is the clock
        return self.simulated + elapsed * self.speed

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds` of simulated time."""
        await asyncio.sleep(max(0.0, seconds) / self.speed)

    def anchor(self) -> str:
        """Write this clock as a text that `from_anchor` reads."""
        return f"{self.wall.isoformat()}={self.simulated.isoformat()}*{self.speed:g}"


def wall_clock() -> ScaledClock:
    """Return the clock on the wall: a line of slope one."""
    epoch = datetime(2020, 1, 1, tzinfo=UTC)
    return ScaledClock(epoch, epoch, 1.0)


def scaled_clock(speed: float, start: datetime | None = None) -> ScaledClock:
    """Return a clock that starts at `start` (now, if absent) and runs `speed` times as fast."""
    wall = datetime.now(UTC)  # noqa: TID251 - this is the clock
    return ScaledClock(wall, start or wall, speed)


def from_anchor(anchor: str) -> ScaledClock:
    """Read `wall=simulated*speed`, as `anchor` writes it; ValueError if it is not that."""
    moments, _, speed = anchor.partition("*")
    wall, _, simulated = moments.partition("=")
    return ScaledClock(
        datetime.fromisoformat(wall), datetime.fromisoformat(simulated), float(speed or 1)
    )


def from_environment() -> Clock:
    """Return the clock that MOORING_CLOCK_ANCHOR describes, or the wall clock if it is unset."""
    anchor = os.environ.get("MOORING_CLOCK_ANCHOR")
    return from_anchor(anchor) if anchor else wall_clock()


def seconds_between(earlier: datetime, later: datetime) -> float:
    """Return `later - earlier` in seconds."""
    return (later - earlier) / timedelta(seconds=1)
