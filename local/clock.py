"""Clocks of the local stack: wall time, wall time sped up, or the time of a virtual event loop.

A scaled clock is a line through one anchor: (wall moment, simulated moment, speed). Every
process that is given the same anchor tells the same time, and goes on telling it after a restart.
"""

import asyncio
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol


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


START: Final = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
"""When virtual time begins, unless a world says otherwise."""
MICROSECONDS: Final = 1_000_000


@dataclass(frozen=True)
class VirtualClock:
    """The running event loop's own time, in whole microseconds since `start`.

    On a virtual loop (`local.worlds.loop`) time jumps to the next due moment. Whoever sleeps until
    a moment wakes at that moment exactly: text, datetime and loop agree to the microsecond.
    """

    start: datetime = START

    def now(self) -> datetime:
        """Return the loop's present moment."""
        elapsed = round(asyncio.get_running_loop().time() * MICROSECONDS)
        return self.start + timedelta(microseconds=elapsed)

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds` of the loop's time; 0 or less lets others run once."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        loop = asyncio.get_running_loop()
        until = round((loop.time() + seconds) * MICROSECONDS) / MICROSECONDS
        woken = loop.create_future()
        timer = loop.call_at(until, _wake, woken)
        try:
            await woken
        finally:
            timer.cancel()


def _wake(sleeper: "asyncio.Future[None]") -> None:
    if not sleeper.done():
        sleeper.set_result(None)


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
