"""The product's tables as the judge wants them: which node holds what, and the journal."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from local.worlds.invariants import NodeView, Records, Remembered, Told
from shared.model.ids import NodeKey
from shared.model.run import RunState
from store.codec import json_of
from store.node_rows import NodeRecord, key_of, record_of
from store.rows import Stored

Rows = Mapping[str, Iterable[Stored]]
"""Rows by table."""

WORDLESS: Final = "VMProvisioningFailed"
"""The product's word for a VM that failed while Azure does not say why."""
STEP: Final = "step"
"""What the row keys of intents begin with in the journal; its other rows point to them."""


def records(rows: Rows) -> Records:
    """Return what the tables say now."""
    views = [_view(record) for record in nodes(rows).values()]
    return Records(
        nodes={view.id: view for view in views},
        journal=_intents(rows),
        markets=[_remembered(row) for row in rows.get("markets", ())],
    )


def nodes(rows: Rows) -> dict[NodeKey, NodeRecord]:
    """Return the nodes by key."""
    parts: dict[str, dict[str, Stored]] = {}
    for row in rows.get("nodes", ()):
        parts.setdefault(row.partition, {})[row.row] = row
    found = ((key_of(part), part) for part in parts.values())
    read = ((key, record_of(key, part)) for key, part in found)
    return {key: record for key, record in read if record is not None}


def told(rows: Rows, severity: str, since: datetime | None = None) -> int:
    """Return how many lines of the log are of a severity, and not from before a moment."""
    of_it = [row for row in rows.get("log", ()) if row.values.get("severity") == severity]
    entries = [json_of(row.values, "entry") for row in of_it] if since else ()
    late = [one for one in entries if since and datetime.fromisoformat(one["at"]) >= since]
    return len(late if since else of_it)


def log_lines(rows: Rows) -> list[tuple[datetime, str]]:
    """Return what the nodes' logs say, and when."""
    entries = [json_of(row.values, "entry") for row in rows.get("log", ())]
    return [(datetime.fromisoformat(one["at"]), one["message"]) for one in entries]


def hides_a_cause(rows: Rows) -> bool:
    """Tell whether a log tells of a VM that failed without Azure's word for it, which it gives."""
    messages = (json_of(row.values, "entry")["message"] for row in rows.get("log", ()))
    return any(WORDLESS in one for one in messages)


def _intents(rows: Rows) -> list[Mapping[str, Any]]:
    return [
        json_of(row.values, "intent")
        for row in rows.get("journal", ())
        if row.row.startswith(STEP) and "intent" in row.values
    ]


def _remembered(row: Stored) -> Remembered:
    size, zone, lifecycle = (json_of(row.values, name) for name in ("size", "zone", "lifecycle"))
    worked = json_of(row.values, "last_success_at")
    failed = json_of(row.values, "last_failure_at")
    return Remembered(
        market=(size.lower(), zone or "", lifecycle == "SPOT"),
        worked=bool(worked),
        why=(json_of(row.values, "reason") or "unknown") if failed else "",
        at=datetime.fromisoformat(failed) if failed else None,
    )


def _view(record: NodeRecord) -> NodeView:
    run, operation = record.run, record.operation
    busy = operation is not None and operation.finished_at is None
    return NodeView(
        id=record.key.node_id,
        status=run.status.value,
        holds=frozenset(_held(run)),
        operation=operation.id if operation and busy else "",
        busy_since=operation.locked_at if operation and busy else None,
        waiting_until=run.waiting.until if run.waiting else None,
        reason=(run.waiting.reason if run.waiting else run.error_reason) or "",
        told=_told(run),
        disks=frozenset(
            (disk.id.lower(), disk.zone or "")
            for disk in (run.os_disk, *run.data_disks)
            if disk is not None
        ),
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
        born=run.vm.vm_id or "",
        since=run.vm.launched_at,
        image=run.image.lower(),
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
    yield from (one.lower() for one in (*run.leftovers, *run.lent, *run.snapshots, *run.untold))
    yield from (one.id.lower() for one in run.retained)
