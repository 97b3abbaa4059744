"""An event loop without a network or a wall clock: time jumps to the next timer when all wait."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SPINS_MAX = 200_000


class StuckError(RuntimeError):
    """Everybody waits and no timer is set, or time stands still."""


class _Idle:
    """What the loop waits on: instead of waiting, it moves the loop's time."""

    def __init__(self, loop: "VirtualLoop") -> None:
        self._loop = loop
        self._spins = 0

    def select(self, timeout: float | None) -> list[Any]:
        self._spins = self._spins + 1 if timeout == 0 else 0
        if timeout is None or self._spins > SPINS_MAX:
            raise StuckError(f"nothing left to happen at {self._loop.time()} s")
        if timeout > 0:
            self._loop.jump()
        return []


class VirtualLoop(asyncio.BaseEventLoop):
    def __init__(self) -> None:
        super().__init__()
        self._seconds = 0.0
        self._clock_resolution = 1e-9
        self._selector = _Idle(self)

    def time(self) -> float:
        return self._seconds

    def jump(self) -> None:
        self._seconds = max(self._seconds, vars(self)["_scheduled"][0].when())

    def _process_events(self, event_list: list[Any]) -> None:
        assert not event_list

    def _write_to_self(self) -> None:
        """Nobody outside this thread could wake it."""


class VirtualClock:
    """The loop's time, counted from a fixed moment."""

    def now(self) -> datetime:
        return START + timedelta(seconds=asyncio.get_running_loop().time())

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


def in_virtual_time(main: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
