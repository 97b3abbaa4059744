"""The node's log: what its user reads, newest first."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from shared.model.ids import NodeKey
from shared.model.run import LogEntry
from store.codec import json_text, model_of, model_values
from store.dropping import drop_span
from store.keys import partition_of, reverse_time_text
from store.limits import WRITE_BYTES, entity_bytes
from store.rows import TRANSACTION_MAX, Mode, Table, Write, in_partition, take

BATCH_BYTES_MAX: Final = 900_000
"""Bytes in one transaction. Azure takes 4 MiB, but the HTTP client warns that a body over 1 MiB
holds up its event loop. Source: Azure docs, storage/tables, entity group transactions; aiohttp."""

_INDEX_MAX: Final = 9_999


class NodeLog:
    """The logs of all nodes."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def write(self, key: NodeKey, entries: Iterable[LogEntry]) -> None:
        """Write entries. A repeat writes the same rows again: nothing appears twice.

        Entries of one moment keep the order of the call that wrote them.
        """
        writes = [_write(key, index, entry) for index, entry in enumerate(entries)]
        unique = list({write.row: write for write in writes}.values())
        for batch in _batches(unique):
            await self._table.write(*batch)

    async def read(
        self,
        key: NodeKey,
        from_: datetime,
        to: datetime,
        limit: int = 500,
        severity: str | None = None,
    ) -> list[LogEntry]:
        """Return at most `limit` entries with from_ <= at <= to, newest first.

        `severity` keeps that severity only.
        """
        low, high = reverse_time_text(to), f"{reverse_time_text(from_)}~"
        only = {"severity": severity} if severity else {}
        span = in_partition(partition_of(key), low, high, only)
        return [
            model_of(row.values, "entry", LogEntry) for row in await take(self._table, span, limit)
        ]

    async def purge(self, key: NodeKey, before: datetime, limit: int) -> int:
        """Delete at most `limit` entries from before a moment; return how many there were."""
        span = in_partition(partition_of(key), f"{reverse_time_text(before)}~")
        return await drop_span(self._table, span, limit)

    async def forget(self, key: NodeKey, limit: int) -> int:
        """Delete at most `limit` rows of a node that is gone; return how many there were."""
        return await drop_span(self._table, in_partition(partition_of(key)), limit)


def _write(key: NodeKey, index: int, entry: LogEntry) -> Write:
    text = json_text(entry.model_dump(mode="json"))
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    row = f"{reverse_time_text(entry.at)}-{_INDEX_MAX - index:04d}-{digest}"
    values = {"severity": entry.severity, **model_values("entry", entry)}
    return Write(Mode.UPSERT, partition_of(key), row, values)


def _batches(writes: list[Write]) -> Iterable[list[Write]]:
    batch: list[Write] = []
    size_bytes = 0
    for write in writes:
        more_bytes = WRITE_BYTES + entity_bytes(write.partition, write.row, write.values)
        if batch and (len(batch) == TRANSACTION_MAX or size_bytes + more_bytes > BATCH_BYTES_MAX):
            yield batch
            batch, size_bytes = [], 0
        batch.append(write)
        size_bytes += more_bytes
    if batch:
        yield batch
