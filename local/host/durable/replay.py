"""One replay of an orchestrator through the unmodified Durable SDK.

Task ids are the part that hangs orchestrations when a host gets them wrong. They are read from the
SDK itself: a context that notes each id in the moment the SDK gives it away. So ids are right for
every mix of retries, nested `task_all`/`task_any` and batches of completions. The JSON `actions`
that production derives them from serve the strict comparison only (`strict.py`). This leans on
private parts of azure-functions-durable 1.7; the dependency is pinned, and the tests walk hundreds
of random programs.
"""

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from types import GeneratorType
from typing import Any, Final

from azure.durable_functions.models import DurableOrchestrationContext
from azure.durable_functions.models.history.HistoryEvent import HistoryEvent
from azure.durable_functions.models.Task import AtomicTask, TaskBase
from azure.durable_functions.models.TaskOrchestrationExecutor import TaskOrchestrationExecutor

from local.host.durable.events import Event
from local.host.durable.sdk import hush
from local.host.durable.steps import Kind, Step, step_of_action, step_of_task

ERROR_MARK: Final = "\n\n$OutOfProcData$:"
SCHEMA: Final[dict[str, Any]] = {"upperSchemaVersion": 1, "upperSchemaVersionNew": 2}
LONG_TIMERS: Final[dict[str, Any]] = {
    "maximumShortTimerDuration": "6.00:00:00",
    "longRunningTimerIntervalDuration": "3.00:00:00",
}
"""What the Azure Storage provider sends: the SDK then cuts up long timers, refuses naive times."""


class RecordingContext(DurableOrchestrationContext):
    """The SDK's context, noting what each task id was given to."""

    def __init__(self, **arguments: Any) -> None:
        self.steps: list[Step] = []
        super().__init__(**arguments)

    def _add_to_open_tasks(self, task: TaskBase) -> None:
        if isinstance(task, AtomicTask) and task.id is None and not task._is_scheduled:  # noqa: SLF001
            void = self.will_continue_as_new
            self.steps.append(step_of_task(task, self.current_utc_datetime, void=void))
        super()._add_to_open_tasks(task)

    def _record_fire_and_forget_action(self, action: Any) -> None:
        self.steps.append(step_of_action(action, void=self.will_continue_as_new))
        super()._record_fire_and_forget_action(action)

    def waits(self) -> dict[str, int]:
        """Return how many waiters each external event has."""
        names = {k: v for k, v in self.open_tasks.items() if isinstance(k, str)}
        return {
            name: len(tasks) if isinstance(tasks, list) else 1
            for name, tasks in names.items()
            if not _is_entity_call(tasks)
        }


@dataclass(frozen=True)
class Turn:
    """All that the SDK is told for one replay: `opening` is the first two events as dicts."""

    function: Callable[..., Any]
    instance: str
    parent: str | None
    input: str | None
    opening: list[Event]
    events: list[HistoryEvent]
    long_timers: bool = False


@dataclass(frozen=True)
class Answer:
    """Where the orchestrator stands after a replay.

    `error` is the text of its exception; `broken` means that the SDK itself failed. `output` and
    `custom_status` are JSON texts, None when absent.
    """

    steps: list[Step]
    waits: dict[str, int]
    done: bool = False
    output: str | None = None
    error: str | None = None
    broken: bool = False
    custom_status: str | None = None
    actions: list[Any] = field(default_factory=list)

    @property
    def continues(self) -> Step | None:
        """The continue-as-new step, if the orchestrator asked for it."""
        return next((s for s in self.steps if s.kind is Kind.CONTINUE and not s.void), None)


def replay(turn: Turn) -> Answer:
    """Run the orchestrator over its whole history and say what it wants next."""
    context = RecordingContext(
        history=turn.opening,
        instanceId=turn.instance,
        isReplaying=False,
        parentInstanceId=turn.parent,
        input=turn.input,
        **SCHEMA,
        **(LONG_TIMERS if turn.long_timers else {}),
    )
    context._histories = turn.events  # noqa: SLF001 - parsed once, not at each replay
    vars(context)["_input_expected_type"] = getattr(turn.function, "_df_input_type", None)
    hush()
    executor = TaskOrchestrationExecutor()  # type: ignore[no-untyped-call]
    answer = _execute(executor, context, turn)
    _close(executor)
    return answer


def _execute(executor: TaskOrchestrationExecutor, context: RecordingContext, turn: Turn) -> Answer:
    body = vars(turn.function)["orchestrator_function"]
    try:
        text = executor.execute(context, turn.events, body)
    except Exception as problem:  # noqa: BLE001 - the SDK reports orchestrator errors by raising
        message = str(problem) or type(problem).__name__
        if ERROR_MARK not in message:
            return Answer([*context.steps], {}, done=True, error=message, broken=True)
        return _answer(context, json.loads(message.split(ERROR_MARK, 1)[1]))
    return _answer(context, json.loads(text))


def _answer(context: RecordingContext, state: dict[str, Any]) -> Answer:
    return Answer(
        steps=[*context.steps],  # a copy: closing the generator may run user code once more
        waits=context.waits(),
        done=bool(state["isDone"]) or bool(state.get("error")),
        output=_text(state.get("output")),
        error=state.get("error"),
        custom_status=_text(state.get("customStatus")),
        actions=state["actions"][0],
    )


def _close(executor: TaskOrchestrationExecutor) -> None:
    generator = getattr(executor, "generator", None)
    if isinstance(generator, GeneratorType):
        # What an abandoned replay says while it is closed has no addressee.
        with contextlib.suppress(Exception):
            generator.close()


def _is_entity_call(tasks: Any) -> bool:
    return getattr(tasks, "_api_name", "") == "CallEntityAction"


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value)
