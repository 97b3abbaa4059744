"""Idle spans: while nothing happens the product's timers may run late, so that months pass fast.

A look of the fleet list and a tick over nothing due cost a millisecond each; 43,200 of both are a
month. Once nothing has happened for a quarter of an hour, they run each so many seconds only.
"""

from collections.abc import Callable
from typing import Final

from local.worlds.logbook import Entry, Logbook

LULL_AFTER_S: Final = 900.0
QUIET: Final = frozenset({"timer", "table", "arm"})
"""Kinds of entries that timers cause though there is nothing to do."""


class Lull:
    """Watches a log; `rouse` is called when something happens in a lull."""

    def __init__(self, log: Logbook, seconds: float, rouse: Callable[[], None]) -> None:
        self._log = log
        self._seconds = seconds
        self._rouse = rouse
        self._stirred_at = 0.0
        self._is_on = False
        if seconds > 0:
            log.watchers.append(self._hear)

    def seconds(self) -> float:
        """Return by how much a timer may be late now."""
        self._is_on = self._seconds > 0 and self._log.now() - self._stirred_at >= LULL_AFTER_S
        return self._seconds if self._is_on else 0.0

    def _hear(self, entry: Entry) -> None:
        if entry.kind in QUIET and not (entry.kind == "arm" and not entry.text.startswith("GET ")):
            return
        self._stirred_at = entry.at_s
        if self._is_on:
            self._is_on = False
            self._rouse()
