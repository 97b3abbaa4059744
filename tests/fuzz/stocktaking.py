"""I9: a VM that was found, of an operation that broke off, is told of before anything else is."""

import json
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from local.worlds.logbook import Entry
from tests.fuzz.pace import Pace
from tests.fuzz.records import log_lines

ENDED: Final = re.compile(r"(take_stock|settle_operation) (\S+)/\d+ (\{.*)")
"""Activity, operation and answer."""
EARLY: Final = timedelta(minutes=1)
"""A line's time is that of its orchestration's turn, which may have begun before."""


def found_vm(stock: dict[str, Any]) -> str:
    """Return the name of the VM that an answer tells of; empty: of none."""
    vm = (stock.get("up") or {}).get("vm") or stock.get("body") or {}
    return str(vm.get("name", ""))


def is_told(name: str, since: datetime, lines: Iterable[tuple[datetime, str]]) -> bool:
    """Tell whether a line of the log names a VM, and is not from before a moment."""
    return any(at >= since - EARLY and name in text for at, text in lines)


class Stocktaking:
    """Looks at the log once what was found is the node's: when its operation first writes rows."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._found: dict[str, tuple[str, datetime]] = {}
        """Name of a VM and when it was found, by operation."""

    def read(self, entry: Entry) -> None:
        """Hear that an activity has ended."""
        ended = ENDED.match(entry.text) if entry.kind == "end" else None
        if ended is None:
            return
        activity, operation, answer = ended.groups()
        if activity == "take_stock":
            name = found_vm(json.loads(answer))
            if name:
                self._found[operation] = name, self._pace.world.clock.now()
        elif operation in self._found:
            name, since = self._found.pop(operation)
            if not is_told(name, since, log_lines(self._pace.world.tables.rows())):
                text = f"{operation} takes {name}, which it has found, and nobody is told"
                self._pace.blame("I9", text)
