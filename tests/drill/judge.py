"""The judge of a stack that runs: its history over HTTP, its records from Azurite."""

from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from local.arm.chronicle import Asked, Change, Happening
from local.arm.portrait import VM, Portrait
from local.stack.http import Web
from local.worlds.invariants import Breach, Records, Watch
from local.worlds.invariants.feed import Feed
from local.worlds.invariants.picture import is_up
from store.rows import Span, Stored, Table
from store.stores import tables_of
from store.tables import service_client
from tests.fuzz.records import records

EVERYTHING = Span("", "\uffff")
READ = ("nodes", "journal")


@dataclass
class Judge:
    """Hears the history of a stack's Azure and reads its tables, when asked to."""

    web: Web
    storage: str
    """Connection string of the tables."""
    watch: Watch = field(default_factory=Watch)
    counted: Counter[str] = field(default_factory=Counter)
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> Self:
        service = await self._open.enter_async_context(service_client(self.storage))
        find = tables_of(service)
        self._tables: dict[str, Table] = {name: find(name) for name in READ}
        self._feed = Feed(self.web.want, self._hear)
        await self._feed.skip()
        return self

    async def __aexit__(self, *_raised: object) -> None:
        await self._open.aclose()

    async def listen(self) -> datetime:
        """Hear what is new in Azure; return up to when."""
        return await self._feed.read()

    async def reckon(self) -> tuple[datetime, Records]:
        """Hear what is new, then judge the records too; return them and the moment."""
        now = await self.listen()
        told = records({name: await _rows(table) for name, table in self._tables.items()})
        self.watch.reckon(now, told)
        return now, told

    async def not_back(self) -> list[Breach]:
        """Return what is not yet as it must be once all trouble is over."""
        now, told = await self.reckon()
        busy = [
            Breach("L", now, f"node {view.id} is held by operation {view.operation}")
            for view in told.nodes.values()
            if view.operation
        ]
        return self.watch.converged(now, told) + busy

    def _hear(self, happening: Happening) -> None:
        self.watch.hear(happening)
        if isinstance(happening, Asked):
            self.counted["writes"] += happening.caller == "service"
        if isinstance(happening, Change) and happening.after and happening.after.type == VM:
            before, after = happening.before, happening.after
            self.counted["evictions"] += _is_evicted(after) and not _is_evicted(before)
            self.counted["launches"] += is_up(after) and not is_up(before)


def _is_evicted(vm: Portrait | None) -> bool:
    return bool(vm and vm.notice == "Started")


async def _rows(table: Table) -> list[Stored]:
    return [row async for row in table.query(EVERYTHING)]
