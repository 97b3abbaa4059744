"""The product's tables as the judge wants them: which node holds what, and the journal."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from local.worlds.invariants import NodeView, Records, Told
from shared.model.ids import NodeKey
from shared.model.run import RunState
from store.codec import json_of
from store.node_rows import NodeRecord, key_of, record_of
from store.rows import Stored

Rows = Mapping[str, Iterable[Stored]]
"""Rows by table."""

STEP: Final = "step"
"""What the row keys of intents begin with in the journal; its other rows point to them."""


def records(rows: Rows) -> Records:
    """Return what the tables say now."""
    views = [_view(record) for record in nodes(rows).values()]
    return Records(nodes={view.id: view for view in views}, journal=_intents(rows))


def nodes(rows: Rows) -> dict[NodeKey, NodeRecord]:
    """Return the nodes by key."""
    parts: dict[str, dict[str, Stored]] = {}
    for row in rows.get("nodes", ()):
        parts.setdefault(row.partition, {})[row.row] = row
    found = ((key_of(part), part) for part in parts.values())
    read = ((key, record_of(key, part)) for key, part in found)
    return {key: record for key, record in read if record is not None}


def told(rows: Rows, severity: str) -> int:
    """Return how many lines of the log are of a severity."""
    return sum(row.values.get("severity") == severity for row in rows.get("log", ()))


def _intents(rows: Rows) -> list[Mapping[str, Any]]:
    return [
        json_of(row.values, "intent")
        for row in rows.get("journal", ())
        if row.row.startswith(STEP) and "intent" in row.values
    ]


def _view(record: NodeRecord) -> NodeView:
    run, operation = record.run, record.operation
    busy = operation is not None and operation.finished_at is None
    return NodeView(
        id=record.key.node_id,
        status=run.status.value,
        holds=frozenset(_held(run)),
        operation=operation.id if operation and busy else "",
        waiting_until=run.waiting.until if run.waiting else None,
        reason=(run.waiting.reason if run.waiting else run.error_reason) or "",
        told=_told(run),
        retained=frozenset(one.id.lower() for one in run.retained),
    )


def _told(run: RunState) -> Told | None:
    if run.vm is None:
        return None
    slots = [("os", run.os_disk), *((str(one.lun), one) for one in run.data_disks)]
    addresses = [one for nic in run.nics for one in (nic.private_ip, nic.public_ip)]
    return Told(
        vm=run.vm.id.lower(),
        size=run.vm.size.lower(),
        zone=run.vm.zone or "",
        spot=run.vm.lifecycle == "SPOT",
        disks=frozenset((slot, disk.id.lower(), disk.zone or "") for slot, disk in slots if disk),
        nics=frozenset(nic.id.lower() for nic in run.nics),
        addresses=frozenset(one for one in addresses if one),
    )


def _held(run: RunState) -> Iterable[str]:
    if run.vm:
        yield run.vm.id.lower()
    for disk in (*((run.os_disk,) if run.os_disk else ()), *run.data_disks):
        yield disk.id.lower()
    for nic in run.nics:
        yield nic.id.lower()
        if nic.public_ip_id:
            yield nic.public_ip_id.lower()
    yield from (one.lower() for one in (*run.leftovers, *run.snapshots, *run.untold))
    yield from (one.id.lower() for one in run.retained)
