"""Whoever waits for a moment: reads along in a world's log."""

import asyncio
import re
from contextlib import suppress

from local.worlds.logbook import Entry, Logbook


class Lookout:
    """Waits for lines of one log."""

    def __init__(self, log: Logbook) -> None:
        self._wanted: re.Pattern[str] | None = None
        self._came = asyncio.Event()
        log.watchers.append(self._read)

    def _read(self, entry: Entry) -> None:
        if self._wanted and self._wanted.match(f"{entry.kind} {entry.text}"):
            self._came.set()

    async def comes(self, pattern: str, within_s: float) -> bool:
        """Wait until a line comes that begins so; tell whether one came in time."""
        self._came.clear()
        self._wanted = re.compile(pattern)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._came.wait(), within_s)
        self._wanted = None
        return self._came.is_set()
