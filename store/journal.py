"""The journal: what an operation is about to do to Azure, and how it ended; where disks come from.

An intent is written before its Azure write and its outcome after. An intent without an outcome may
be under way, so whoever continues after a crash looks at Azure first.
"""

import asyncio
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict

from shared.model.ids import NodeKey, OperationId
from shared.model.run import Intent
from store.codec import model_of, model_values
from store.dropping import drop_rows, drop_span
from store.errors import Conflict, Gone
from store.keys import arm_key, join, partition_of, reverse_time_text
from store.rows import (
    Mode,
    Stored,
    Table,
    Write,
    after_prefix,
    in_partition,
    take,
    with_prefix,
)

_STEP: Final = "step"
_RECENT: Final = "time"
_LINEAGE: Final = "lineage"


class Lineage(BaseModel):
    """One disk or snapshot and what it was made from. `kind` says how (`snapshot`, `copy` ...)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    child_id: str
    parent_id: str
    kind: str
    at: datetime


class Journal:
    """The journals of all nodes."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def intend(self, key: NodeKey, intent: Intent) -> Intent | None:
        """Write an intent before its effect; return the earlier one if this step had begun before.

        A repeat keeps the first `intended_at` and takes the outcome away: the step is under way
        again. Exactly the same intent is taken for the echo of a lost reply, not for a repeat.
        """
        row = join(_STEP, intent.operation_id, intent.step)
        values = {**model_values("intent", intent)}
        pointer = join(_RECENT, reverse_time_text(intent.intended_at), row)
        try:
            await self._table.write(
                Write(Mode.INSERT, partition_of(key), row, values),
                Write(Mode.INSERT, partition_of(key), pointer, {"row": row}),
            )
        except Conflict:
            return await self._intend_again(key, row, intent)
        return None

    async def _intend_again(self, key: NodeKey, row: str, intent: Intent) -> Intent | None:
        stored = await self._table.get(partition_of(key), row)
        if stored is None:
            raise Gone(f"intent {row} of {key.node_id} vanished")
        earlier = _intent(stored)
        if earlier == intent:
            return None
        again = intent.model_copy(update={"intended_at": earlier.intended_at})
        await self._table.write(
            Write(Mode.UPSERT, partition_of(key), row, model_values("intent", again))
        )
        return earlier

    async def outcome(
        self, key: NodeKey, operation_id: OperationId, step: str, outcome: str, now: datetime
    ) -> None:
        """Write how a step ended; a repeat overwrites. Gone if it was never intended."""
        row = join(_STEP, operation_id, step)
        stored = await self._table.get(partition_of(key), row)
        if stored is None:
            raise Gone(f"step {step} of {operation_id} was never intended")
        ended = _intent(stored).model_copy(update={"outcome": outcome, "ended_at": now})
        await self._table.write(
            Write(Mode.REPLACE, partition_of(key), row, model_values("intent", ended))
        )

    async def of_operation(self, key: NodeKey, operation_id: OperationId) -> list[Intent]:
        """Return an operation's intents in the order they were first intended."""
        span = with_prefix(partition_of(key), f"{join(_STEP, operation_id)}!")
        intents = [_intent(stored) async for stored in self._table.query(span)]
        return sorted(intents, key=lambda intent: (intent.intended_at, intent.step))

    async def recent(self, key: NodeKey, limit: int = 50) -> list[Intent]:
        """Return the node's last intents, newest first."""
        span = with_prefix(partition_of(key), f"{_RECENT}!")
        rows = [str(row.values["row"]) for row in await take(self._table, span, limit)]
        found = await asyncio.gather(*(self._table.get(partition_of(key), row) for row in rows))
        return [_intent(stored) for stored in found if stored]

    async def add_lineage(self, key: NodeKey, child: Lineage) -> None:
        """Write what a disk or snapshot was made from; the first word on a child stands."""
        row = f"{_LINEAGE}!{arm_key(child.child_id)}"
        try:
            await self._table.write(
                Write(Mode.INSERT, partition_of(key), row, model_values("lineage", child))
            )
        except Conflict:
            return

    async def lineage(self, key: NodeKey) -> list[Lineage]:
        """Return all disks and snapshots and their parents, oldest first."""
        span = with_prefix(partition_of(key), f"{_LINEAGE}!")
        found = [
            model_of(stored.values, "lineage", Lineage) async for stored in self._table.query(span)
        ]
        return sorted(found, key=lambda child: (child.at, child.child_id))

    async def purge(
        self, key: NodeKey, before: datetime, limit: int, running: OperationId | None = None
    ) -> int:
        """Delete at most `limit` intents from before a moment; return how many.

        Those of the operation that runs stay, however old, and so does the lineage of disks.
        """
        low = f"{join(_RECENT, reverse_time_text(before))}~"
        span = in_partition(partition_of(key), low, after_prefix(f"{_RECENT}!"))
        kept = f"{join(_STEP, running)}!" if running else None
        old = [
            [str(pointer.values["row"]), pointer.row]
            for pointer in await take(self._table, span, limit)
            if not (kept and str(pointer.values["row"]).startswith(kept))
        ]
        await drop_rows(self._table, partition_of(key), [row for pair in old for row in pair])
        return len(old)

    async def forget(self, key: NodeKey, limit: int) -> int:
        """Delete at most `limit` rows of a node that is gone; return how many there were."""
        return await drop_span(self._table, in_partition(partition_of(key)), limit)


def _intent(stored: Stored) -> Intent:
    return model_of(stored.values, "intent", Intent)
