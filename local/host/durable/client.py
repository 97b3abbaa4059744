"""What a durable client can ask of the engine. Every method is one transaction."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from local.host.durable.engine import Engine
from local.host.durable.episode import MISSING
from local.host.durable.events import EventType, event
from local.host.durable.instances import FINISHED, Instance
from local.host.durable.ledger import After
from local.host.durable.rewind import rewind_instance


class Reply(StrEnum):
    """How a request about an instance was taken."""

    ACCEPTED = "accepted"
    NOT_FOUND = "not found"
    GONE = "gone"
    CONFLICT = "conflict"


class RefusedError(ValueError):
    """A request that can never succeed; the text says why."""


@dataclass(frozen=True)
class Start:
    """A new orchestration: `input` is JSON text, None for no input."""

    name: str
    instance: str | None = None
    input: str | None = None
    version: str | None = None


class Client:
    """Starts, signals, stops and forgets orchestrations and entities."""

    def __init__(self, engine: Engine, *, replace_running: bool, default_version: str) -> None:
        self._engine = engine
        self._ledger = engine.ledger
        self._database = engine.database
        self._replace_running = replace_running
        self._default_version = default_version

    def start(self, start: Start) -> str | None:
        """Start an orchestration and return its id; None if that id is already running.

        Raises RefusedError for an unknown orchestrator or an id that Azure Storage cannot hold.
        """
        if start.name not in self._engine.registry.orchestrators:
            raise RefusedError(MISSING.format(start.name, "an orchestrator"))
        instance_id = start.instance or self._ledger.new_id()
        if instance_id.startswith("@") or any(char in instance_id for char in "/\\?#"):
            raise RefusedError(
                f"instance id '{instance_id}' must not start with @ or hold / \\ ? #"
            )
        with self._database.transaction():
            if self._ledger.running(instance_id) and not self._replace_running:
                return None
            self._create(start, instance_id)
        self._engine.wake(instance_id)
        return instance_id

    def raise_event(self, instance: str, name: str, text: str) -> Reply:
        """Send an external event; `text` is its JSON body."""
        json.loads(text)
        return self._send(instance, EventType.EVENT_RAISED, Name=name, Input=text)

    def terminate(self, instance: str, reason: str) -> Reply:
        """Stop an orchestration for good; what it started goes on."""
        return self._send(instance, EventType.EXECUTION_TERMINATED, Reason=reason)

    def suspend(self, instance: str, reason: str) -> Reply:
        """Let an orchestration stand still; messages wait for it."""
        return self._send(instance, EventType.SUSPENDED, Reason=reason)

    def resume(self, instance: str, reason: str) -> Reply:
        """Let a suspended orchestration go on."""
        return self._send(instance, EventType.RESUMED, Reason=reason)

    def rewind(self, instance: str, reason: str) -> Reply:
        """Run a failed orchestration again from where it failed."""
        status = self._ledger.status(instance)
        if status is None:
            return Reply.NOT_FOUND
        if status != "Failed":
            return Reply.GONE
        after = After()
        with self._database.transaction():
            rewind_instance(self._ledger, instance, reason, after)
        self._engine.settle(after)
        return Reply.ACCEPTED

    def restart(self, instance: str, *, new_id: bool) -> tuple[Reply, str]:
        """Start an orchestration again with its old input; return the id that runs."""
        row = self._database.row("SELECT * FROM instances WHERE id = ?", instance)
        if row is None:
            return Reply.NOT_FOUND, instance
        if not new_id and row["status"] not in FINISHED:
            return Reply.CONFLICT, instance
        target = self._ledger.new_id() if new_id else instance
        with self._database.transaction():
            self._create(Start(row["name"], target, row["input"], row["version"]), target)
        self._engine.wake(target)
        return Reply.ACCEPTED, target

    def purge(self, instances: list[str]) -> int:
        """Forget finished instances; return how many there were."""
        with self._database.transaction():
            ended = [i for i in instances if self._ledger.status(i) in FINISHED]
            return sum(self._ledger.erase(instance) for instance in ended)

    def signal(self, name: str, key: str, operation: str, text: str) -> Reply:
        """Send an operation to an entity without waiting; `text` is the JSON of its input."""
        if not self._engine.entities.knows(name):
            return Reply.NOT_FOUND
        entity = f"@{name.lower()}@{key}"
        self._engine.entities.signal(entity, operation, text)
        self._engine.wake_entity(entity)
        return Reply.ACCEPTED

    def entity(self, name: str, key: str) -> str | None:
        """Return an entity's state as JSON text, None if it does not exist."""
        return self._engine.entities.state(f"@{name.lower()}@{key}")

    def _create(self, start: Start, instance_id: str) -> None:
        instance = Instance(
            id=instance_id,
            execution=self._ledger.new_id(),
            name=start.name,
            version=start.version or self._default_version,
            parent=None,
            parent_execution=None,
            parent_task=None,
            input=start.input,
            status="Pending",
            waits={},
        )
        self._ledger.create(instance)

    def _send(self, instance: str, kind: EventType, **fields: Any) -> Reply:
        with self._database.transaction():
            status = self._ledger.status(instance)
            if status is None:
                return Reply.NOT_FOUND
            if status in FINISHED:
                return Reply.GONE
            self._ledger.post(instance, None, event(kind, self._ledger.now(), **fields))
        self._engine.wake(instance)
        return Reply.ACCEPTED
