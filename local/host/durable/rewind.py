"""Rewind: a failed orchestration goes back to before its failed tasks and runs them again."""

import json

from local.host.durable.events import Event, EventType, event
from local.host.durable.instances import Instance
from local.host.durable.ledger import After, Ledger

ENDS = frozenset({EventType.EXECUTION_FAILED, EventType.EXECUTION_COMPLETED})


def rewind_instance(ledger: Ledger, instance_id: str, reason: str, after: After) -> None:
    """Take failures out of a failed instance's history, and out of its failed children's.

    A failed activity is scheduled again under its old task id. A failed child is rewound itself,
    and answers again when it ends. Call inside a transaction.
    """
    instance = ledger.instances.get(instance_id)
    if instance is None or instance.status != "Failed":
        return
    bodies = _history(ledger, instance)
    activities = _failed(bodies, EventType.TASK_FAILED)
    children = _failed(bodies, EventType.CHILD_FAILED)
    names = {
        body["EventId"]: body["InstanceId"]
        for body in bodies
        if body["EventType"] == EventType.CHILD_CREATED
    }
    kept = [body for body in bodies if not _is_failure(body, activities)]
    _rewrite(ledger, instance, kept)
    now = ledger.now()
    body = event(EventType.GENERIC, now, Data=f"Rewound: {reason}")
    ledger.post(instance_id, instance.execution, body)
    ledger.instances.forget(instance_id)
    after.instances.append(instance_id)
    for task in children:
        rewind_instance(ledger, names[task], reason, after)


def _history(ledger: Ledger, instance: Instance) -> list[Event]:
    rows = ledger.database.rows(
        "SELECT body FROM history WHERE instance = ? AND execution = ? ORDER BY seq",
        instance.id,
        instance.execution,
    )
    return [json.loads(row["body"]) for row in rows]


def _failed(bodies: list[Event], kind: EventType) -> list[int]:
    return [body["TaskScheduledId"] for body in bodies if body["EventType"] == kind]


def _is_failure(body: Event, activities: list[int]) -> bool:
    kind = body["EventType"]
    if kind in (EventType.TASK_FAILED, EventType.CHILD_FAILED) or kind in ENDS:
        return True
    return kind == EventType.TASK_SCHEDULED and body["EventId"] in activities


def _rewrite(ledger: Ledger, instance: Instance, kept: list[Event]) -> None:
    database = ledger.database
    database.execute("DELETE FROM history WHERE instance = ?", instance.id)
    database.insert_many(
        "INSERT INTO history VALUES (?, ?, ?, ?)",
        [(instance.id, instance.execution, at, json.dumps(b)) for at, b in enumerate(kept)],
    )
    database.execute(
        "UPDATE instances SET status = 'Running', output = NULL, updated = ? WHERE id = ?",
        ledger.now(),
        instance.id,
    )
