"""From the steps of a replay to rows: work, timers, children, entity messages."""

import json
from datetime import UTC, datetime

from local.host import log
from local.host.durable.events import Event, EventType, event
from local.host.durable.instances import Instance
from local.host.durable.ledger import After, Ledger, TaskKey
from local.host.durable.steps import WIRE_TIME, Kind, Step


class Effects:
    """Carries out the new steps of one instance, inside the episode's transaction."""

    def __init__(self, ledger: Ledger, instance: Instance, after: After, now: str) -> None:
        self._ledger = ledger
        self._database = ledger.database
        self._instance = instance
        self._after = after
        self._now = now

    def schedule(self, task: int, step: Step) -> Event | None:
        """Set one step going; return its history event, if it leaves one."""
        match step.kind:
            case Kind.ACTIVITY | Kind.HTTP:
                return self._work(task, step)
            case Kind.TIMER:
                return self._timer(task, step)
            case Kind.CHILD:
                return self._child(task, step)
            case Kind.CALL | Kind.SIGNAL:
                return self._entity(task, step)
        return None

    def cancel(self, task: int) -> None:
        """Stop a timer that is still running; a timer that fired meanwhile is left alone."""
        key = self._key(task)
        self._database.execute(
            "DELETE FROM timers WHERE instance = ? AND execution = ? AND task = ?", *key
        )
        self._after.cancelled.append(key)

    def _key(self, task: int) -> TaskKey:
        return TaskKey(self._instance.id, self._instance.execution, task)

    def _work(self, task: int, step: Step) -> Event:
        key = self._key(task)
        self._database.execute(
            "INSERT INTO work (instance, execution, task, kind, name, input) VALUES (?,?,?,?,?,?)",
            *key,
            step.kind,
            step.name,
            step.input,
        )
        self._after.work.append(key)
        return event(
            EventType.TASK_SCHEDULED, self._now, task, Name=step.name, Version="", Input=step.input
        )

    def _timer(self, task: int, step: Step) -> Event:
        key = self._key(task)
        body = event(EventType.TIMER_CREATED, self._now, task, FireAt=step.name)
        if not step.cancelled:
            self._database.execute("INSERT INTO timers VALUES (?, ?, ?, ?)", *key, step.name)
            fire_at = datetime.strptime(step.name, WIRE_TIME).replace(tzinfo=UTC)
            self._after.timers.append((key, fire_at))
        return body

    def _child(self, task: int, step: Step) -> Event:
        parent = self._instance
        target = step.target or f"{parent.id}:{parent.execution[:8]}:{task}"
        body = event(
            EventType.CHILD_CREATED,
            self._now,
            task,
            Name=step.name,
            Version=step.version or "",
            InstanceId=target,
            Input=step.input,
        )
        if self._ledger.running(target):
            self._refuse_child(task, target)
            return body
        child = Instance(
            id=target,
            execution=self._ledger.new_id(),
            name=step.name,
            version=step.version,
            parent=parent.id,
            parent_execution=parent.execution,
            parent_task=task,
            input=json.dumps(step.input),
            status="Pending",
            waits={},
        )
        self._ledger.create(child)
        self._after.instances.append(target)
        return body

    def _refuse_child(self, task: int, target: str) -> None:
        reason = f"An Orchestration instance with the id '{target}' is already running"
        log.warn("child_refused", instance=self._instance.id, child=target)
        self._ledger.post(
            self._instance.id,
            self._instance.execution,
            event(
                EventType.CHILD_FAILED,
                self._now,
                TaskScheduledId=task,
                Reason=reason,
                Details="",
            ),
        )
        self._after.instances.append(self._instance.id)

    def _entity(self, task: int, step: Step) -> Event:
        entity = str(step.target)
        request = self._ledger.new_id()
        signal = step.kind is Kind.SIGNAL
        encoded = json.dumps(step.input)
        caller = (None, None) if signal else (self._instance.id, self._instance.execution)
        self._database.execute(
            "INSERT INTO entity_inbox (entity, request, operation, input, parent, parent_execution)"
            " VALUES (?,?,?,?,?,?)",
            entity,
            request,
            step.name,
            encoded,
            *caller,
        )
        self._after.entities.append(entity)
        message = {
            "op": step.name,
            "signal": signal,
            "input": encoded,
            "id": request,
            "parent": self._instance.id,
        }
        return event(
            EventType.EVENT_SENT,
            self._now,
            task,
            InstanceId=entity,
            Name="op",
            Input=json.dumps(message),
        )
