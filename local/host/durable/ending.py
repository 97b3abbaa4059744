"""How an execution ends: completed, failed, terminated, or continued as new."""

import json
from typing import Any

from local.host import log
from local.host.durable.events import Event, EventType, event
from local.host.durable.instances import Instance
from local.host.durable.ledger import After, Ledger
from local.host.durable.replay import Answer
from local.host.durable.steps import Step


class Ending:
    """Writes the end of one instance's execution, and tells its parent in the same commit."""

    def __init__(self, ledger: Ledger, instance: Instance, after: After) -> None:
        self._ledger = ledger
        self._database = ledger.database
        self._instance = instance
        self._after = after

    def finish(self, answer: Answer) -> None:
        """End the execution as the orchestrator's last answer says."""
        if answer.error is not None:
            text = f"Orchestrator function '{self._instance.name}' failed: {answer.error}"
            log.warn("orchestration_failed", instance=self._instance.id, error=answer.error)
            self._close("Failed", json.dumps(text), answer.custom_status)
            self._tell_parent(EventType.CHILD_FAILED, Reason=text, Details=answer.error)
        elif answer.continues is not None:
            self._continue(answer.continues)
        else:
            self._close("Completed", answer.output, answer.custom_status)
            self._tell_parent(EventType.CHILD_COMPLETED, Result=answer.output)

    def terminate(self, body: Event) -> None:
        """End the execution from outside; children live on."""
        reason = body.get("Reason") or ""
        if self._instance.events:
            self._ledger.append(self._instance, [body])
        row = self._database.row(
            "SELECT custom_status FROM instances WHERE id = ?", self._instance.id
        )
        self._close("Terminated", json.dumps(reason), row["custom_status"] if row else None)
        self._tell_parent(EventType.CHILD_FAILED, Reason=reason, Details="Terminated")

    def _close(self, status: str, output: str | None, custom_status: str | None) -> None:
        instance = self._instance
        now = self._ledger.now()
        if instance.events and status != "Terminated":
            failed = EventType.EXECUTION_FAILED if status == "Failed" else None
            kind = failed or EventType.EXECUTION_COMPLETED
            self._ledger.append(instance, [event(kind, now, OrchestrationStatus=status)])
        instance.status = status
        self._database.execute(
            "UPDATE instances SET status = ?, output = ?, custom_status = ?, updated = ?,"
            " waits = '{}' WHERE id = ?",
            status,
            output,
            custom_status,
            now,
            instance.id,
        )
        self._database.execute("DELETE FROM inbox WHERE instance = ?", instance.id)
        self._database.execute("DELETE FROM timers WHERE instance = ?", instance.id)
        self._after.finished.append(instance.id)

    def _tell_parent(self, kind: EventType, **fields: Any) -> None:
        instance = self._instance
        if instance.parent is None:
            return
        body = event(kind, self._ledger.now(), TaskScheduledId=instance.parent_task, **fields)
        self._ledger.post(instance.parent, instance.parent_execution, body)
        self._after.instances.append(instance.parent)

    def _continue(self, step: Step) -> None:
        instance = self._instance
        self._database.execute("DELETE FROM history WHERE instance = ?", instance.id)
        self._database.execute("DELETE FROM timers WHERE instance = ?", instance.id)
        instance.clear()
        instance.execution = self._ledger.new_id()
        instance.input = json.dumps(step.input)
        instance.status = "Running"
        self._database.execute(
            "UPDATE instances SET execution = ?, input = ?, status = ?, waits = '{}', updated = ?"
            " WHERE id = ?",
            instance.execution,
            instance.input,
            instance.status,
            self._ledger.now(),
            instance.id,
        )
        self._ledger.post_start(instance)
        self._after.instances.append(instance.id)
