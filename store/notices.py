"""Notices: what was heard about a node's VM, each event once, in the order it was heard.

Readers ask "what is new since the last I read", so the row key is a number given on arrival: one
counter per node, raised in the transaction that writes the notice. Times would not do: an event
can arrive hours late and still be new, and two writers' clocks differ. Nobody who has read up to a
number can find a lower one later.

Whether an event was heard before is told by a second row, keyed by the event's identity: source
and event id; without an id source, kind, VM and moment. Both rows and the counter are written at
once or not at all.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Final

from shared.model.ids import NodeKey
from shared.model.run import Notice
from store.codec import json_text, model_of, model_values
from store.dropping import drop_rows, drop_span
from store.errors import Conflict
from store.keys import partition_of
from store.rows import RACES_MAX, Mode, Stored, Table, Write, after_prefix, in_partition, take

_COUNTER: Final = "counter"
_HEARD: Final = "n-"


class Notices:
    """The notices of all nodes."""

    def __init__(self, table: Table, random_bytes: Callable[[int], bytes]) -> None:
        self._table = table
        self._random_bytes = random_bytes

    async def add(self, key: NodeKey, notice: Notice) -> bool:
        """Write a notice, giving it its place in the order; False: this event was heard before.

        A lost reply is settled by reading back, so True means that this call wrote it. A caller
        killed after writing has woken nobody: wake the node on False as well.
        """
        token = self._random_bytes(8).hex()
        identity = Write(Mode.INSERT, partition_of(key), _identity(notice), {"token": token})
        for _ in range(RACES_MAX):
            counter = await self._table.get(partition_of(key), _COUNTER)
            try:
                await self._table.write(identity, *_numbered(key, notice, counter))
            except Conflict:
                heard = await self._table.get(partition_of(key), identity.row)
                if heard:
                    return heard.values["token"] == token
                continue
            return True
        raise Conflict(f"notices of {key.node_id} would not hold still")

    async def since(self, key: NodeKey, after_row_key: str = "") -> list[Notice]:
        """Return what was heard after the notice of that key (all, if empty), in order."""
        low = f"{after_row_key}!" if after_row_key else _HEARD
        span = in_partition(partition_of(key), low, after_prefix(_HEARD))
        return [_notice(stored) async for stored in self._table.query(span)]

    async def purge(self, key: NodeKey, up_to: str, before: datetime, limit: int) -> int:
        """Forget at most `limit` notices heard before a moment, none after the key `up_to`.

        Returns how many. Their identities go, too: an event as old as that, should it come again,
        is heard again, and is about an earlier VM. The counter stays.
        """
        span = in_partition(partition_of(key), _HEARD, f"{up_to}!" if up_to else _HEARD)
        notices = [_notice(stored) for stored in await take(self._table, span, limit)]
        old = [notice for notice in notices if notice.heard_at < before]
        for notice in old:
            await drop_rows(self._table, partition_of(key), [notice.key, _identity(notice)])
        return len(old)

    async def forget(self, key: NodeKey, limit: int) -> int:
        """Delete at most `limit` rows of a node that is gone; return how many there were."""
        return await drop_span(self._table, in_partition(partition_of(key)), limit)


def _numbered(key: NodeKey, notice: Notice, counter: Stored | None) -> tuple[Write, Write]:
    number = int(counter.values["heard"]) + 1 if counter else 1
    row = f"{_HEARD}{number:012d}"
    values = model_values("notice", notice.model_copy(update={"key": row}))
    raised = Write(Mode.UPSERT, partition_of(key), _COUNTER, {"heard": number})
    # Who comes second for a number meets its row, and the transaction leaves the counter alone.
    return raised, Write(Mode.INSERT, partition_of(key), row, values)


def _identity(notice: Notice) -> str:
    parts = [notice.source, notice.event_id]
    if not notice.event_id:
        moment = notice.occurred_at.timestamp()
        parts += [notice.kind, notice.vm_resource_id.lower(), str(moment)]
    return f"event-{hashlib.sha256(json_text(parts).encode()).hexdigest()}"


def _notice(stored: Stored) -> Notice:
    return model_of(stored.values, "notice", Notice)
