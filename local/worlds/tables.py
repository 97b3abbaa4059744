"""The product's tables in this process, seen from the world: latency, faults, and a dead host.

The product opens them by name (`memory:NAME`); this side finds them by the same name, as the host
finds the app.
"""

import asyncio
import importlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from local.worlds.faults import Killed, LostReply, LostRequest, Moment, TableCall, TableFault
from local.worlds.faults import TableHook as Hook
from local.worlds.logbook import Logbook
from local.worlds.loop import OWNER
from local.worlds.wire import Kill, Span

MODULE: Final = "store.memory"
WRITE: Final = "write"


@dataclass
class Tables:
    """One database by name; `hook` decides what befalls each call."""

    name: str
    log: Logbook
    dice: Random
    latency_s: Span
    """There and back."""
    kill: Kill
    hook: Hook | None = None
    struck: Counter[str] = field(default_factory=Counter)
    """How many calls met each kind of fault."""
    called: int = 0
    """Calls so far."""
    _fates: dict[object, TableFault] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._module = importlib.import_module(MODULE)
        self._database: Any = self._module.database(self.name)
        self._database.before = self._before
        self._database.after = self._after

    @property
    def setting(self) -> str:
        """What the product's settings say to find these tables."""
        return f"memory:{self.name}"

    def rows(self) -> Mapping[str, Sequence[Any]]:
        """Return the rows of every table (partition, row, values, etag), for whoever judges."""
        rows: Mapping[str, Sequence[Any]] = self._database.rows()
        return rows

    def forget(self) -> None:
        """Drop the database."""
        self._module.forget(self.name)

    async def _before(self, call: Any) -> None:
        _require_alive()
        fault = self._fault(call) if self.hook and OWNER.get() is not None else None
        if isinstance(fault, Killed) and fault.moment is Moment.BEFORE:
            await self.kill(fault)
        if self.latency_s[1] > 0:
            await asyncio.sleep(self.dice.uniform(*self.latency_s))
            _require_alive()
        if isinstance(fault, LostRequest):
            raise self._module.Lost
        if fault is not None:
            self._fates[asyncio.current_task()] = fault

    async def _after(self, call: Any) -> None:
        if call.verb == WRITE:
            self.log.add("table", f"{call.table} {call.partition} {','.join(call.rows)}")
        fault = self._fates.pop(asyncio.current_task(), None) if self._fates else None
        if isinstance(fault, Killed):
            await self.kill(fault)
        if isinstance(fault, LostReply):
            raise self._module.Lost
        _require_alive()

    def _fault(self, call: Any) -> TableFault | None:
        self.called += 1
        hook = self.hook
        seen = TableCall(call.verb.value, call.table, call.partition, call.rows, self.called)
        fault = hook(seen) if hook else None
        if fault is not None:
            self.struck[type(fault).__name__] += 1
        return fault


def _require_alive() -> None:
    """Let nothing through that a killed host's tasks still try while they are cancelled."""
    if getattr(OWNER.get(), "dead", False):
        raise asyncio.CancelledError("the host was killed")
