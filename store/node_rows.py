"""A node's three rows as one record, and the writes to them."""

from dataclasses import dataclass, field
from typing import Any

from shared.model.ids import NodeKey, OperationId, node_key
from shared.model.run import Operation, RunState
from store.codec import json_of, json_values, model_of, model_values
from store.keys import decode, partition_of
from store.rows import Mode, Stored, Values, Write
from store.summary import progress_of, progress_values


@dataclass(frozen=True)
class NodeRecord:
    """A node as it was read. Unfinished `operation`: it holds the node."""

    key: NodeKey
    document: dict[str, Any]
    version: int
    run: RunState
    operation: Operation | None
    document_etag: str = field(default="", repr=False, compare=False)
    operation_etag: str = field(default="", repr=False, compare=False)


def held_by(record: NodeRecord | None, operation_id: OperationId) -> bool:
    """Say whether that operation holds the node: it is in row `op`, unfinished."""
    operation = record.operation if record else None
    return operation is not None and operation.id == operation_id and not operation.finished_at


def lock_writes(record: NodeRecord, operation: Operation) -> tuple[Write, ...]:
    """Return the writes that give the node to an operation, if it is still as it was read."""
    if record.operation:
        return (operation_write(Mode.REPLACE, record.key, operation, record.operation_etag),)
    exists = Write(Mode.MERGE, partition_of(record.key), "run")  # Gone if the node was deleted
    return exists, operation_write(Mode.INSERT, record.key, operation)


def document_write(mode: Mode, key: NodeKey, version: int, document: dict[str, Any]) -> Write:
    """Return the write of row `doc`."""
    values: Values = {"version": version, **json_values("document", document)}
    return Write(mode, partition_of(key), "doc", values)


def run_write(mode: Mode, key: NodeKey, run: RunState) -> Write:
    """Return the write of row `run`. Progress is a property of its own, so that it merges."""
    body = model_values("run", run.model_copy(update={"progress": None}))
    return Write(mode, partition_of(key), "run", {**body, **progress_values(run.progress)})


def operation_write(
    mode: Mode, key: NodeKey, operation: Operation, etag: str | None = None
) -> Write:
    """Return the write of row `op`."""
    return Write(mode, partition_of(key), "op", model_values("operation", operation), etag)


def key_of(rows: dict[str, Stored]) -> NodeKey:
    """Return the key of the node whose rows these are."""
    account_id, _, node_id = decode(next(iter(rows.values())).partition).partition(".")
    return node_key(account_id, node_id)


def record_of(key: NodeKey, rows: dict[str, Stored]) -> NodeRecord | None:
    """Read a node from its rows; None if it has none, or no longer all."""
    document, run, operation = rows.get("doc"), rows.get("run"), rows.get("op")
    if document is None or run is None:
        return None
    return NodeRecord(
        key=key,
        document=json_of(document.values, "document"),
        version=int(document.values["version"]),
        run=model_of(run.values, "run", RunState).model_copy(update={"progress": progress_of(run)}),
        operation=model_of(operation.values, "operation", Operation) if operation else None,
        document_etag=document.etag,
        operation_etag=operation.etag if operation else "",
    )
