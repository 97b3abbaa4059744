"""Nodes: three rows each (`doc`, `run`, `op`), so that their writers do not collide.

The `op` row is the lock: one operation at a time writes `run`. Its ETag decides every race; the
row in table nodelist is a copy for lists, refreshed after each change and mended by the next one.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from shared.model.ids import NodeKey, OperationId
from shared.model.run import Operation, Progress, RunState
from store.codec import model_of
from store.errors import Conflict, Gone
from store.keys import encode, partition_of
from store.node_rows import (
    NodeRecord,
    document_write,
    held_by,
    key_of,
    lock_writes,
    operation_write,
    record_of,
    run_write,
)
from store.rows import RACES_MAX, Mode, Span, Stored, Table, Values, Write, in_partition, take
from store.summary import (
    SUMMARY_COLUMNS,
    NodeSummary,
    document_values,
    progress_values,
    run_values,
    summary_of,
)

Summaries = list[NodeSummary]


class Nodes:
    """The nodes of all accounts."""

    def __init__(self, nodes: Table, listed: Table) -> None:
        self._nodes = nodes
        self._listed = listed

    async def create(
        self, key: NodeKey, document: dict[str, Any], run: RunState, operation: Operation
    ) -> None:
        """Write a new node, held by `operation`: its three rows at once, then its list row.

        Raises Conflict if the id is taken. A repeat with the same operation is done already.
        """
        try:
            await self._nodes.write(
                document_write(Mode.INSERT, key, 1, document),
                run_write(Mode.INSERT, key, run),
                operation_write(Mode.INSERT, key, operation),
            )
        except Conflict:
            record = await self.get(key)
            if not record or not record.operation or record.operation.id != operation.id:
                raise
        await self.repair(key)

    async def get(self, key: NodeKey) -> NodeRecord | None:
        """Read a node's three rows in one query."""
        rows = {row.row: row async for row in self._nodes.query(in_partition(partition_of(key)))}
        return record_of(key, rows)

    async def list(self, account_id: str) -> Summaries:
        """Read an account's list rows, in order of node id; nothing else is touched."""
        span = replace(in_partition(encode(account_id)), columns=SUMMARY_COLUMNS)
        return [summary_of(row) async for row in self._listed.query(span)]

    async def documents(self, account_id: str) -> AsyncIterator[NodeRecord]:
        """Read an account's nodes whole, one after the other as their pages arrive."""
        rows: dict[str, Stored] = {}
        span = Span(
            f"{encode(account_id)}.", f"{encode(account_id)}/"
        )  # "/" is the character after "."
        async for row in self._nodes.query(span):
            if rows and row.partition != next(iter(rows.values())).partition:
                if record := record_of(key_of(rows), rows):
                    yield record
                rows = {}
            rows[row.row] = row
        if rows and (record := record_of(key_of(rows), rows)):
            yield record

    async def after(self, lap: str, limit: int) -> tuple[tuple[NodeKey, ...], str]:
        """Return at most `limit` nodes of all accounts, and where the next call goes on.

        `lap` is what the call before returned, at first empty; empty again: there are no more.
        """
        low = f"{lap}!" if lap else ""
        span = Span(low, "~", "doc", "doc!", columns=("version",))
        rows = await take(self._nodes, span, limit)
        keys = tuple(key_of({row.row: row}) for row in rows)
        return keys, rows[-1].partition if len(rows) == limit else ""

    async def put_document(self, record: NodeRecord, document: dict[str, Any]) -> int:
        """Replace the configuration that `record` was read with; return its new version.

        Raises Conflict if it changed since, Gone if the node was deleted. A repeat of the same
        change is done already.
        """
        key, version = record.key, record.version + 1
        write = document_write(Mode.REPLACE, key, version, document)
        try:
            await self._nodes.write(replace(write, etag=record.document_etag))
        except Conflict:
            now = await self.get(key)
            if now is None or (now.version, now.document) != (version, document):
                raise
        await self._relist(key, document_values(version, document))
        return version

    async def put_run(
        self, key: NodeKey, run: RunState, operation_id: OperationId | None = None
    ) -> None:
        """Replace the runtime state; the writer is the operation that holds the node.

        With `operation_id`, only if that operation still holds the node: else Conflict. So a late
        repeat of an activity cannot write over what came after. Raises Gone for a deleted node.
        """
        write = run_write(Mode.REPLACE, key, run)
        if operation_id is None:
            await self._nodes.write(write)
        else:
            await self._put_run_fenced(key, write, operation_id)
        await self._relist(key, run_values(run))

    async def _put_run_fenced(self, key: NodeKey, write: Write, operation_id: OperationId) -> None:
        for _ in range(RACES_MAX):
            stored = await self._nodes.get(partition_of(key), "op")
            if stored is None:
                raise Gone(f"node {key.node_id} was deleted")
            operation = model_of(stored.values, "operation", Operation)
            if operation.id != operation_id or operation.finished_at:
                raise Conflict(f"operation {operation_id} does not hold {key.node_id}")
            guard = Write(Mode.MERGE, partition_of(key), "op", {}, stored.etag)
            try:
                await self._nodes.write(guard, write)
            except Conflict:
                continue
            return
        raise Conflict(f"row op of {key.node_id} would not hold still")

    async def merge_progress(self, key: NodeKey, progress: Progress) -> None:
        """Say how far the operation is: two cheap merges, no read. Nothing for a deleted node."""
        values = progress_values(progress)
        writes = [
            self._nodes.write(Write(Mode.MERGE, partition_of(key), "run", values)),
            self._listed.write(_list_write(Mode.MERGE, key, values)),
        ]
        for answer in await asyncio.gather(*writes, return_exceptions=True):
            if isinstance(answer, BaseException) and not isinstance(answer, Gone):
                raise answer

    async def lock(self, record: NodeRecord, operation: Operation) -> bool:
        """Give the node to `operation`, if nobody holds it and nobody did since `record` was read.

        False: somebody was quicker; read again, decide again. The caller writes the op_watch due
        row before this, so that an operation locked but never started is found. A repeat with the
        same operation is True while that is unfinished, and False once it is finished.
        """
        if record.operation and not record.operation.finished_at:
            return held_by(await self.get(record.key), operation.id)
        if record.operation and record.operation.id == operation.id:
            return False
        try:
            await self._nodes.write(*lock_writes(record, operation))
        except (Conflict, Gone):
            return held_by(await self.get(record.key), operation.id)
        return True

    async def claim(
        self, key: NodeKey, operation_id: OperationId, now: datetime
    ) -> NodeRecord | None:
        """Say that the operation's orchestration runs: its first step. Return the node.

        None refuses: another operation holds the node, or this one finished, and what finished
        must not run twice. A repeat returns the node again and keeps the first `claimed_at`.
        """
        for _ in range(RACES_MAX):
            record = await self.get(key)
            if record is None or not held_by(record, operation_id):
                return None
            if record.operation is None or record.operation.claimed_at:
                return record
            claimed = record.operation.model_copy(update={"claimed_at": now})
            write = operation_write(Mode.REPLACE, key, claimed, record.operation_etag)
            try:
                (etag,) = await self._nodes.write(write)
            except (Conflict, Gone):
                continue
            return replace(record, operation=claimed, operation_etag=etag)
        raise Conflict(f"row op of {key.node_id} would not hold still")

    async def finish(
        self, key: NodeKey, operation_id: OperationId, run: RunState, now: datetime
    ) -> bool:
        """Write the last runtime state and release the node, both at once.

        False if another operation holds the node, or it was deleted. A repeat is True, keeps the
        first result and mends the list row.
        """
        for _ in range(RACES_MAX):
            record = await self.get(key)
            if record is None or not record.operation or record.operation.id != operation_id:
                return False
            if record.operation.finished_at:
                await self._relist(key, run_values(record.run))
                return True
            finished = record.operation.model_copy(update={"finished_at": now})
            release = operation_write(Mode.REPLACE, key, finished, record.operation_etag)
            try:
                await self._nodes.write(run_write(Mode.REPLACE, key, run), release)
            except (Conflict, Gone):
                continue
            await self._relist(key, run_values(run))
            return True
        raise Conflict(f"row op of {key.node_id} would not hold still")

    async def delete(self, key: NodeKey) -> None:
        """Remove the node's rows at once, then its list row. A repeat is done already."""
        for _ in range(RACES_MAX):
            rows = [row.row async for row in self._nodes.query(in_partition(partition_of(key)))]
            if not rows:
                break
            try:
                await self._nodes.write(*(Write(Mode.DELETE, partition_of(key), r) for r in rows))
            except Gone:
                continue
        await self.repair(key)

    async def repair(self, key: NodeKey) -> None:
        """Make the list row what the node's rows say, or remove it if there are none."""
        record = await self.get(key)
        if record is None:
            await self._listed.write(_list_write(Mode.DELETE, key))
            return
        values = document_values(record.version, record.document) | run_values(record.run)
        await self._listed.write(_list_write(Mode.UPSERT, key, values))
        if not await self._nodes.get(partition_of(key), "doc"):  # deleted since it was read
            await self._listed.write(_list_write(Mode.DELETE, key))

    async def _relist(self, key: NodeKey, values: Values) -> None:
        try:
            await self._listed.write(_list_write(Mode.MERGE, key, values))
        except Gone:  # its writer was killed before it got here, or the node is gone
            await self.repair(key)


def _list_write(mode: Mode, key: NodeKey, values: Values | None = None) -> Write:
    return Write(mode, encode(key.account_id), encode(key.node_id), values or {})
