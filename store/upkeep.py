"""What retention has to come back to: nodes that are gone, secrets in flight, and its own lap.

A secret's name is written here before the secret is, and before a document that no longer names
it is: so a crash in between leaves a note, and whoever finds the note old compares it with the
node's document. Values never come here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.model.ids import NodeKey, node_key
from store.codec import json_of, json_values
from store.keys import join, time_text
from store.rows import Mode, Stored, Table, Values, Write, in_partition, take

_SECRETS: Final = "secrets"
_GONE: Final = "gone"
_LAP: Final = "lap"


@dataclass(frozen=True)
class Note:
    """One thing to come back to: a node, and the names of secrets it may have left."""

    key: NodeKey
    names: tuple[str, ...] = ()
    partition: str = ""
    row: str = ""


NoteList = list[Note]


class Upkeep:
    """Notes for retention, oldest first."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def note_secrets(self, key: NodeKey, names: tuple[str, ...], now: datetime) -> None:
        """Say that these secrets of a node may soon be named by no document."""
        row = join(time_text(now), key.account_id, key.node_id, *names[:1])
        await self._write(_SECRETS, row, key, names)

    async def secrets_noted(self, before: datetime, limit: int) -> NoteList:
        """Return notes about secrets that are older than a moment."""
        return await self._older(_SECRETS, before, limit)

    async def bury(self, key: NodeKey, now: datetime) -> None:
        """Say that a node is gone; a repeat at another moment is a second note, no harm."""
        await self._write(_GONE, join(time_text(now), key.account_id, key.node_id), key)

    async def gone(self, before: datetime, limit: int) -> NoteList:
        """Return the nodes that went before a moment."""
        return await self._older(_GONE, before, limit)

    async def done(self, note: Note) -> None:
        """Drop a note; one that is not there is dropped already."""
        await self._table.write(Write(Mode.DELETE, note.partition, note.row))

    async def lap(self) -> str:
        """Return where the lap over all nodes stands; empty: at its start."""
        stored = await self._table.get(_LAP, _LAP)
        return str(stored.values["at"]) if stored else ""

    async def set_lap(self, at: str) -> None:
        """Say where the lap over all nodes stands."""
        await self._table.write(Write(Mode.UPSERT, _LAP, _LAP, {"at": at}))

    async def _write(
        self, partition: str, row: str, key: NodeKey, names: tuple[str, ...] = ()
    ) -> None:
        values: Values = {
            "account": key.account_id,
            "node": key.node_id,
            **json_values("names", names),
        }
        await self._table.write(Write(Mode.UPSERT, partition, row, values))

    async def _older(self, partition: str, before: datetime, limit: int) -> NoteList:
        span = in_partition(partition, "", time_text(before))
        return [_note(stored) for stored in await take(self._table, span, limit)]


def _note(stored: Stored) -> Note:
    key = node_key(str(stored.values["account"]), str(stored.values["node"]))
    names = tuple(json_of(stored.values, "names"))
    return Note(key, names, stored.partition, stored.row)
