"""What one transaction writes, and what must be woken once it is committed."""

import json
import random
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from local.clock import Clock
from local.host.durable.database import Database
from local.host.durable.events import Event, EventType, event, stamp
from local.host.durable.instances import FINISHED, Instance, Instances


class TaskKey(NamedTuple):
    """One task of one execution."""

    instance: str
    execution: str
    task: int


@dataclass
class After:
    """What a committed transaction set going."""

    instances: list[str] = field(default_factory=list)
    entities: list[str] = field(default_factory=list)
    work: list[TaskKey] = field(default_factory=list)
    timers: list[tuple[TaskKey, datetime]] = field(default_factory=list)
    cancelled: list[TaskKey] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        parts = (
            ("work", [key.task for key in self.work]),
            ("timers", [key.task for key, _ in self.timers]),
            ("cancelled", [key.task for key in self.cancelled]),
            ("children", self.instances),
            ("entities", self.entities),
            ("finished", self.finished),
        )
        return " ".join(f"{name}={value}" for name, value in parts if value)


class Ledger:
    """The statements that more than one part of the engine makes; call inside a transaction."""

    def __init__(self, database: Database, clock: Clock, rng: random.Random) -> None:
        self.database = database
        self.clock = clock
        self.instances = Instances(database)
        self._rng = rng

    def now(self) -> str:
        """Return the present moment as text."""
        return stamp(self.clock.now())

    def new_id(self) -> str:
        """Return a fresh id: 32 hex digits."""
        return uuid.UUID(int=self._rng.getrandbits(128), version=4).hex

    def post(self, instance: str, execution: str | None, body: Event) -> None:
        """Put a message into an inbox; with an execution, only that execution will take it."""
        self.database.execute(
            "INSERT INTO inbox (instance, execution, body) VALUES (?, ?, ?)",
            instance,
            execution,
            json.dumps(body),
        )

    def create(self, instance: Instance) -> None:
        """Write a new instance over whatever finished one bore its id, and post its start."""
        self.erase(instance.id)
        now = self.now()
        self.database.execute(
            "INSERT INTO instances (id, execution, name, version, parent, parent_execution,"
            " parent_task, input, status, created, updated) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            instance.id,
            instance.execution,
            instance.name,
            instance.version,
            instance.parent,
            instance.parent_execution,
            instance.parent_task,
            instance.input,
            "Pending",
            now,
            now,
        )
        self.post_start(instance)

    def post_start(self, instance: Instance) -> None:
        """Post the event that begins an execution."""
        body = event(
            EventType.EXECUTION_STARTED,
            self.now(),
            Name=instance.name,
            Version=instance.version or "",
            Input=instance.input,
            OrchestrationInstance={"InstanceId": instance.id, "ExecutionId": instance.execution},
            ParentInstance=_parent(instance),
            Tags=None,
        )
        self.post(instance.id, instance.execution, body)

    def status(self, instance: str) -> str | None:
        """Return an instance's status, None if there is no such instance."""
        row = self.database.row("SELECT status FROM instances WHERE id = ?", instance)
        return row["status"] if row else None

    def running(self, instance: str) -> bool:
        """Whether an instance exists and is not finished."""
        status = self.status(instance)
        return status is not None and status not in FINISHED

    def erase(self, instance: str) -> bool:
        """Remove an instance with all that belongs to it; whether there was one."""
        for table in ("history", "inbox", "work", "timers"):
            self.database.execute(f"DELETE FROM {table} WHERE instance = ?", instance)  # noqa: S608
        self.instances.forget(instance)
        return self.database.execute("DELETE FROM instances WHERE id = ?", instance) > 0

    def append(self, instance: Instance, bodies: list[Event]) -> None:
        """Add events to a history, in memory and in the file."""
        rows: list[tuple[Any, ...]] = []
        for body in bodies:
            position = len(instance.events)
            rows.append((instance.id, instance.execution, position, json.dumps(body)))
            instance.append(body)
        self.database.insert_many("INSERT INTO history VALUES (?, ?, ?, ?)", rows)


def _parent(instance: Instance) -> dict[str, Any] | None:
    if instance.parent is None:
        return None
    return {
        "InstanceId": instance.parent,
        "ExecutionId": instance.parent_execution,
        "TaskScheduleId": instance.parent_task,
    }
