"""One orchestration instance in memory, and the cache that keeps the busy ones warm."""

import json
from collections import OrderedDict
from dataclasses import dataclass, field
from sqlite3 import Row
from typing import Final

from azure.durable_functions.models.history.HistoryEvent import HistoryEvent

from local.host.durable.database import Database
from local.host.durable.events import SCHEDULED, Event, EventType, completed_task
from local.host.durable.steps import Kind, Step

FINISHED: Final = frozenset({"Completed", "Failed", "Terminated", "Canceled"})

COLUMNS: Final = (
    "id",
    "execution",
    "name",
    "version",
    "parent",
    "parent_execution",
    "parent_task",
    "input",
    "status",
)

CACHED_EVENTS_MAX: Final = 50_000
"""History events kept parsed over all instances: about 60 MB."""


@dataclass
class Instance:
    """State of one instance; its history is parsed once and then only grows.

    `input` is JSON text as it was given: a JSON string in it is itself the text of the input.
    `scheduled` maps task ids to what they were given to; `completed` holds the ids that are over,
    `stopped` the timers known to be cancelled.
    """

    id: str
    execution: str
    name: str
    version: str | None
    parent: str | None
    parent_execution: str | None
    parent_task: int | None
    input: str | None
    status: str
    waits: dict[str, int]
    opening: list[Event] = field(default_factory=list)
    events: list[HistoryEvent] = field(default_factory=list)
    scheduled: dict[int, str] = field(default_factory=dict)
    completed: set[int] = field(default_factory=set)
    stopped: set[int] = field(default_factory=set)
    last_stamp: str = ""

    @classmethod
    def of(cls, row: Row) -> "Instance":
        """Read an instance from its row, without history."""
        return cls(**{name: row[name] for name in COLUMNS}, waits=json.loads(row["waits"]))

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to this instance."""
        return self.status in FINISHED

    def append(self, body: Event) -> None:
        """Take one more history event."""
        if len(self.opening) < 2:  # noqa: PLR2004 - the SDK reads the version from the second
            self.opening.append(body)
        self.events.append(HistoryEvent(**body))
        if body["EventType"] in SCHEDULED:
            self.scheduled[body["EventId"]] = signature_of_event(body)
        task = completed_task(body)
        if task is not None:
            self.completed.add(task)
        if body["EventType"] == EventType.ORCHESTRATOR_STARTED:
            self.last_stamp = body["Timestamp"]

    def clear(self) -> None:
        """Forget the history, as continue-as-new does."""
        for part in (self.opening, self.events, self.scheduled, self.completed, self.waits):
            part.clear()
        self.stopped.clear()


def signature_of_event(body: Event) -> str:
    """Return what a scheduling event gave its task id to, comparable with `signature_of_step`."""
    match body["EventType"]:
        case EventType.TASK_SCHEDULED:
            return f"task {body['Name']}"
        case EventType.CHILD_CREATED:
            return f"child {body['Name']}"
        case EventType.EVENT_SENT:
            return f"event {json.loads(body['Input'])['op']} to {body['InstanceId']}"
    return "timer"


def signature_of_step(step: Step) -> str:
    """Return what a replay gives the task id to."""
    match step.kind:
        case Kind.ACTIVITY | Kind.HTTP:
            return f"task {step.name}"
        case Kind.CHILD:
            return f"child {step.name}"
        case Kind.CALL | Kind.SIGNAL:
            return f"event {step.name} to {step.target}"
    return "timer"


class Instances:
    """Loads instances, and keeps the recently used with their parsed histories."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._warm: OrderedDict[str, Instance] = OrderedDict()

    def get(self, instance_id: str) -> Instance | None:
        """Return an instance with its history, or None if there is no such instance."""
        found = self._warm.get(instance_id)
        if found is None:
            found = self._load(instance_id)
            if found is None:
                return None
            self._warm[instance_id] = found
            self._shrink()
        self._warm.move_to_end(instance_id)
        return found

    def forget(self, instance_id: str) -> None:
        """Read this instance from the file next time."""
        self._warm.pop(instance_id, None)

    def _load(self, instance_id: str) -> Instance | None:
        row = self._database.row("SELECT * FROM instances WHERE id = ?", instance_id)
        if row is None:
            return None
        instance = Instance.of(row)
        for line in self._database.rows(
            "SELECT body FROM history WHERE instance = ? AND execution = ? ORDER BY seq",
            instance.id,
            instance.execution,
        ):
            instance.append(json.loads(line["body"]))
        return instance

    def _shrink(self) -> None:
        total = sum(len(instance.events) for instance in self._warm.values())
        while total > CACHED_EVENTS_MAX and len(self._warm) > 1:
            _, dropped = self._warm.popitem(last=False)
            total -= len(dropped.events)
