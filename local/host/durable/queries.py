"""Reading instances and histories in the shapes that Durable's HTTP API returns."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from sqlite3 import Row
from typing import Any

from local.host.durable.database import Database
from local.host.durable.events import (
    SCHEDULED,
    Event,
    EventType,
    completed_task,
    moment,
    stamp,
    wire_name,
)

HIDDEN = frozenset({EventType.ORCHESTRATOR_STARTED, EventType.ORCHESTRATOR_COMPLETED})


@dataclass(frozen=True)
class Show:
    """Which parts of an instance a caller wants."""

    history: bool = False
    history_output: bool = False
    input: bool = True


@dataclass(frozen=True)
class Filter:
    """Which instances a caller wants; empty fields do not restrict."""

    created_from: str = ""
    created_to: str = ""
    statuses: tuple[str, ...] = ()
    prefix: str = ""


class Queries:
    """Read-only questions about instances."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def one(self, instance: str, show: Show) -> dict[str, Any] | None:
        """Return one instance as the API shows it, None if there is none."""
        row = self._database.row("SELECT * FROM instances WHERE id = ?", instance)
        return self._shown(row, show) if row else None

    def many(
        self, wanted: Filter, show: Show, after: tuple[str, str], top: int
    ) -> list[dict[str, Any]]:
        """Return at most `top` instances (0 = all) in order of creation, past the given place."""
        return [self._shown(row, show) for row in self._rows(wanted, after, top)]

    def ids(self, wanted: Filter) -> list[str]:
        """Return the ids of all instances wanted."""
        return [row["id"] for row in self._rows(wanted, ("", ""), 0)]

    def place(self, instance: str) -> tuple[str, str]:
        """Return where an instance stands in the order of creation."""
        row = self._database.row("SELECT created FROM instances WHERE id = ?", instance)
        return (row["created"] if row else "", instance)

    def history(self, instance: str) -> list[Event]:
        """Return the raw history events of the current execution."""
        rows = self._database.rows(
            "SELECT h.body FROM history h JOIN instances i"
            " ON i.id = h.instance AND i.execution = h.execution WHERE i.id = ? ORDER BY h.seq",
            instance,
        )
        return [json.loads(row["body"]) for row in rows]

    def _rows(self, wanted: Filter, after: tuple[str, str], top: int) -> list[Row]:
        clauses = ["(created, id) > (?, ?)"]
        values: list[Any] = [*after]
        if wanted.created_from:
            clauses.append("created >= ?")
            values.append(_utc(wanted.created_from))
        if wanted.created_to:
            clauses.append("created <= ?")
            values.append(_utc(wanted.created_to))
        if wanted.statuses:
            clauses.append(f"status IN ({','.join('?' * len(wanted.statuses))})")
            values += wanted.statuses
        if wanted.prefix:
            clauses.append("substr(id, 1, ?) = ?")
            values += [len(wanted.prefix), wanted.prefix]
        text = " AND ".join(clauses)
        limit = f" LIMIT {int(top)}" if top else ""
        query = f"SELECT * FROM instances WHERE {text} ORDER BY created, id{limit}"  # noqa: S608
        return self._database.rows(query, *values)

    def _shown(self, row: Row, show: Show) -> dict[str, Any]:
        shown = {
            "name": row["name"],
            "instanceId": row["id"],
            "runtimeStatus": row["status"],
            "input": _value(row["input"]) if show.input else None,
            "customStatus": _value(row["custom_status"]),
            "output": _value(row["output"]),
            "createdTime": _seconds(row["created"]),
            "lastUpdatedTime": _seconds(row["updated"]),
        }
        if show.history:
            shown["historyEvents"] = _story(self.history(row["id"]), show)
        return shown


def _value(text: str | None) -> Any:
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text


def _utc(text: str) -> str:
    return stamp(moment(text.replace(" ", "+")))


def _seconds(text: str) -> str:
    return moment(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _story(bodies: list[Event], show: Show) -> list[dict[str, Any]]:
    scheduled = {body["EventId"]: body for body in bodies if body["EventType"] in SCHEDULED}
    done = {task for body in bodies if (task := completed_task(body)) is not None}
    hidden = {
        task
        for task, body in scheduled.items()
        if task in done and body["EventType"] != EventType.EVENT_SENT
    }
    return [
        _line(body, scheduled, show)
        for body in bodies
        if body["EventType"] not in HIDDEN and body["EventId"] not in hidden
    ]


def _line(body: Event, scheduled: dict[int, Event], show: Show) -> dict[str, Any]:
    line = {"EventType": wire_name(body["EventType"]), "Timestamp": body["Timestamp"]}
    task = completed_task(body)
    origin = body if task is None else scheduled.get(task, body)
    if origin.get("Name") and origin["EventType"] != EventType.EVENT_RAISED:
        line["FunctionName"] = origin["Name"]
    if origin is not body:
        line["ScheduledTime"] = origin["Timestamp"]
    line |= {key: body[key] for key in _keys(show) if body.get(key) is not None}
    for key in ("Result", "Input"):
        if isinstance(line.get(key), str):
            line[key] = _value(line[key])
    return line


def _keys(show: Show) -> Iterable[str]:
    yield from ("Name", "Reason", "Details", "FireAt", "OrchestrationStatus")
    if show.history_output:
        yield "Result"
    if show.input:
        yield "Input"
