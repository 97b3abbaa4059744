"""Retention: what is old is deleted, a bounded piece of work at each call.

A timer calls it; each call goes on where the one before ended, whoever made it. Two at once do
the same deletes twice, which is harmless. What is kept, and how long, is in docs/architecture.md.
"""

import logging
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from shared.clock import Clock
from shared.model.ids import NodeKey
from shared.model.secrets import references
from shared.model.wire import from_stored
from store import spent
from store.errors import StoreError
from store.stores import Stores
from store.upkeep import Note

NODES_A_CALL: Final = 100
"""Living nodes looked at by one call. Four small queries each: some seconds of waiting. At a call
each ten minutes 14,400 nodes a day; a fleet of 100,000 is gone through once a week."""
NOTES_A_CALL: Final = 100
"""Gone nodes, and notes about secrets, looked at by one call."""
USAGE_HOUR: Final = 4
"""Hour (UTC) in which days of usage are dropped: they grow old by the day."""
ROWS_A_TABLE: Final = 1_000
"""Rows deleted of one node's part of one table by one call; the rest waits for the next lap."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Periods:
    """How long things are kept."""

    log: timedelta = timedelta(days=90)
    """Lines of a node's log, with the inputs of its decisions."""
    notices: timedelta = timedelta(days=30)
    """What was heard of a VM, once a verdict took it into account. Far longer than any sender
    repeats an event: 24 h. Source: Azure docs, event-grid, delivery and retry."""
    journal: timedelta = timedelta(days=90)
    """Intents and outcomes. The lineage of disks stays as long as its node."""
    gone: timedelta = timedelta(days=30)
    """Log, notices and journal of a node after it was deleted."""
    usage: timedelta = timedelta(days=400)
    """Hours and dollars by day, of nodes that are gone, too: a year can be compared with the last.
    """
    secrets: timedelta = timedelta(hours=1)
    """How long a secret may be kept before a document names it: longer than any request runs."""


@dataclass
class Purged:
    """What one call deleted: rows, secrets, and nodes of which nothing is left."""

    log: int = 0
    notices: int = 0
    journal: int = 0
    secrets: int = 0
    gone: int = 0
    usage: int = 0


@dataclass(frozen=True)
class Retention:
    """Deletes what was kept long enough."""

    stores: Stores
    clock: Clock
    periods: Periods = field(default_factory=Periods)
    nodes_a_call: int = NODES_A_CALL
    rows_a_table: int = ROWS_A_TABLE

    async def purge(self) -> Purged:
        """Do one call's work; return what was deleted. A repeat goes on from there."""
        purged, now, upkeep = Purged(), self.clock.now(), self.stores.upkeep
        for note in await upkeep.secrets_noted(now - self.periods.secrets, NOTES_A_CALL):
            await _alone(note.key, self._secrets(note, purged))
        for note in await upkeep.gone(now - self.periods.gone, NOTES_A_CALL):
            await _alone(note.key, self._gone(note, purged))
        keys, lap = await self.stores.nodes.after(await upkeep.lap(), self.nodes_a_call)
        for key in keys:
            await _alone(key, self._living(key, now, purged))
        await upkeep.set_lap(lap)
        if now.hour == USAGE_HOUR:
            before = (now - self.periods.usage).date()
            purged.usage = await self.stores.usage.purge(before, self.nodes_a_call)
        return purged

    async def _secrets(self, note: Note, purged: Purged) -> None:
        """Delete the noted secrets that the node's document does not name."""
        record = await self.stores.nodes.get(note.key)
        named = references(from_stored(record.document)) if record else frozenset[str]()
        for name in set(note.names) - named:
            await spent.forget(self.stores.secrets, name)
            purged.secrets += 1
        await self.stores.upkeep.done(note)

    async def _gone(self, note: Note, purged: Purged) -> None:
        """Delete what is left of a node that is gone; the note goes when nothing is left."""
        if await self.stores.nodes.get(note.key):
            return  # noted, and not deleted yet: the delete was cut short and will be repeated
        stores, most, left = self.stores, self.rows_a_table, False
        for forget in (stores.log.forget, stores.notices.forget, stores.journal.forget):
            left |= await forget(note.key, most) == most
        if not left:
            await stores.upkeep.done(note)
            purged.gone += 1

    async def _living(self, key: NodeKey, now: datetime, purged: Purged) -> None:
        """Delete what is old of a node that lives."""
        record = await self.stores.nodes.get(key)
        if record is None:
            return
        stores, periods, most = self.stores, self.periods, self.rows_a_table
        operation = record.operation
        running = operation.id if operation and not operation.finished_at else None
        purged.log += await stores.log.purge(key, now - periods.log, most)
        purged.journal += await stores.journal.purge(key, now - periods.journal, most, running)
        read = record.run.notices_read
        purged.notices += await stores.notices.purge(key, read, now - periods.notices, most)


async def _alone(key: NodeKey, work: Awaitable[None]) -> None:
    """Do one node's work; what goes wrong is its own, and comes again."""
    try:
        await work
    except StoreError as error:
        _log.warning("retention.failed", extra={"node": key.node_id, "why": str(error)})
