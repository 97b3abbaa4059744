"""What one task id stands for, read from the Durable SDK's own task objects."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from azure.durable_functions.models.actions.CallActivityAction import CallActivityAction
from azure.durable_functions.models.actions.CallActivityWithRetryAction import (
    CallActivityWithRetryAction,
)
from azure.durable_functions.models.actions.CallEntityAction import CallEntityAction
from azure.durable_functions.models.actions.CallHttpAction import CallHttpAction
from azure.durable_functions.models.actions.CallSubOrchestratorAction import (
    CallSubOrchestratorAction,
)
from azure.durable_functions.models.actions.CallSubOrchestratorWithRetryAction import (
    CallSubOrchestratorWithRetryAction,
)
from azure.durable_functions.models.actions.ContinueAsNewAction import ContinueAsNewAction
from azure.durable_functions.models.actions.CreateTimerAction import CreateTimerAction
from azure.durable_functions.models.actions.NoOpAction import NoOpAction
from azure.durable_functions.models.actions.SignalEntityAction import SignalEntityAction
from azure.durable_functions.models.Task import AtomicTask, LongTimerTask

from local.host.durable.events import stamp

RETRY_TIMER = "-WithRetry timer"
WIRE_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


class Kind(StrEnum):
    """Kinds of durable steps."""

    ACTIVITY = "activity"
    HTTP = "http"
    CHILD = "child"
    TIMER = "timer"
    CALL = "call"
    SIGNAL = "signal"
    CONTINUE = "continue"


@dataclass(frozen=True)
class Step:
    """The effect that belongs to one task id.

    `name` is the function, entity operation or timer's firing time; `target` the instance id of a
    child or entity. `void` marks a step after continue-as-new, which takes an id and does nothing.
    """

    kind: Kind
    name: str
    input: str | None = None
    target: str | None = None
    version: str | None = None
    task: AtomicTask | None = None
    void: bool = False

    @property
    def holds_completion(self) -> bool:
        """Whether the instance stays Running until this step is over."""
        waits = self.kind in (Kind.ACTIVITY, Kind.HTTP, Kind.CHILD, Kind.TIMER)
        return waits and not self.void and not self.cancelled

    @property
    def cancelled(self) -> bool:
        """Whether the orchestrator has cancelled this timer."""
        if self.kind is not Kind.TIMER or self.task is None:
            return False
        if isinstance(self.task.parent, LongTimerTask):
            return bool(self.task.parent.is_canceled())
        return bool(getattr(_action(self.task), "is_cancelled", False))


def step_of_task(task: Any, now: datetime, *, void: bool) -> Step:
    """Return the step of a task that has just been given its id, at orchestration time `now`."""
    action = _action(task)
    if isinstance(action, NoOpAction):
        if action.metadata == RETRY_TIMER:
            return Step(Kind.TIMER, _retry_at(task.parent, now), void=void)
        action = task.parent.actions  # the attempt repeats what was retried
    return _step(action, task, void=void)


def step_of_action(action: Any, *, void: bool) -> Step:
    """Return the step of a fire-and-forget action: a signal, or continue-as-new."""
    return _step(action, None, void=void)


def _step(action: Any, task: AtomicTask | None, *, void: bool) -> Step:
    match action:
        case CallActivityAction() | CallActivityWithRetryAction():
            return Step(Kind.ACTIVITY, action.function_name, action.input_, task=task, void=void)
        case CallSubOrchestratorAction() | CallSubOrchestratorWithRetryAction():
            return _child(action, task, void=void)
        case CreateTimerAction():
            # The wire says Z whatever the zone is: production misreads other zones likewise.
            return Step(Kind.TIMER, action.fire_at.strftime(WIRE_TIME), task=task, void=void)
        case CallEntityAction() | SignalEntityAction():
            kind = Kind.CALL if isinstance(action, CallEntityAction) else Kind.SIGNAL
            return Step(kind, action.operation, action.input_, action.instance_id, void=void)
        case CallHttpAction():
            request = json.dumps(action.http_request.to_json())
            return Step(Kind.HTTP, "BuiltIn::HttpActivity", request, task=task, void=void)
        case ContinueAsNewAction():
            return Step(Kind.CONTINUE, "", action.input_, void=void)
    raise TypeError(f"unknown durable action {type(action).__name__}")


def _child(action: Any, task: AtomicTask | None, *, void: bool) -> Step:
    return Step(
        Kind.CHILD,
        action.function_name,
        getattr(action, "_input", None),
        action.instance_id,
        getattr(action, "version", None),
        task,
        void,
    )


def _action(task: AtomicTask) -> Any:
    shown = task.action_repr
    return shown[0] if isinstance(shown, list) else shown


def _retry_at(parent: Any, now: datetime) -> str:
    # After the last failure one more timer is part of the protocol; it fires at once.
    options = parent.retry_options
    if parent.num_attempts >= options.max_number_of_attempts:
        return stamp(now)
    return stamp(now + timedelta(milliseconds=options.first_retry_interval_in_milliseconds))
