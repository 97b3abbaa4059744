"""One alarm for all that must happen at a time: durable timers, schedules, delayed deliveries."""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from local.clock import Clock, seconds_between


@dataclass(order=True)
class Call:
    """A callback that is due at a moment; `cancel` makes it void."""

    when: datetime
    order: int
    callback: Callable[[], None] | None = field(compare=False)

    def cancel(self) -> None:
        """Make the callback not happen; harmless when it already has."""
        self.callback = None


class Alarm:
    """Sleeps on the injected clock until the earliest call is due. It never polls."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: list[Call] = []
        self._order = itertools.count()
        self._sleeper: asyncio.Task[None] | None = None

    def at(self, when: datetime, callback: Callable[[], None]) -> Call:
        """Call `callback` on the event loop at `when`, or soon if that is past."""
        call = Call(when, next(self._order), callback)
        heapq.heappush(self._calls, call)
        if self._calls[0] is call:
            self._rearm()
        return call

    def now(self) -> datetime:
        """Return the clock's present moment."""
        return self._clock.now()

    def stop(self) -> None:
        """Forget all calls."""
        self._calls.clear()
        self._rearm()

    def _rearm(self) -> None:
        if self._sleeper is not None:
            self._sleeper.cancel()
            self._sleeper = None
        while self._calls and self._calls[0].callback is None:
            heapq.heappop(self._calls)
        if self._calls:
            self._sleeper = asyncio.create_task(self._sleep(self._calls[0].when))

    async def _sleep(self, until: datetime) -> None:
        await self._clock.sleep(max(0.0, seconds_between(self._clock.now(), until)))
        self._sleeper = None
        self._fire()
        self._rearm()

    def _fire(self) -> None:
        now = self._clock.now()
        while self._calls and self._calls[0].when <= now:
            callback = heapq.heappop(self._calls).callback
            if callback is not None:
                callback()
