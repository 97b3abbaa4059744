"""Compares a replay with what was scheduled before, and with what production would make of it."""

from collections.abc import Iterable
from typing import Any, Final

from local.host.durable.instances import Instance, signature_of_step
from local.host.durable.replay import Answer
from local.host.durable.steps import Kind, Step

WAIT_FOR_EVENT: Final = 6
WHEN_ANY: Final = 11
WITH_RETRY: Final = frozenset({1, 3})


def nondeterminism(instance: Instance, steps: list[Step]) -> str | None:
    """Say where a replay left the path of its history; production fails such an instance too."""
    for task, before in instance.scheduled.items():
        now = signature_of_step(steps[task]) if task < len(steps) else "nothing"
        if now != before:
            return (
                f"Non-Deterministic workflow detected: task {task} was '{before}' in the history"
                f" and is '{now}' in this replay of '{instance.name}'"
            )
    return None


def production_hazard(answer: Answer) -> str | None:
    """Say why these actions would get other task ids in production and hang there.

    Production derives ids from the JSON actions, one for each leaf. A leaf listed twice (a task
    yielded first and then once more inside an earlier built `task_all`) shifts all later ids; a
    retry inside a `task_any` can shift them when older tasks are waited for again.
    """
    leaves = sum(1 for _ in _leaves(answer.actions))
    given = sum(1 for step in answer.steps if not step.void and not _is_retry(step))
    if leaves != given:
        return f"a task is listed twice: {leaves} actions where the SDK gave {given} task ids"
    if any(_retries_in_any(action, inside=False) for action in answer.actions):
        return "a call with retry options inside task_any: production may derive other ids"
    return None


def _is_retry(step: Step) -> bool:
    # A retry timer carries no task; a repeated attempt carries one whose action is anonymous.
    if step.task is None:
        return step.kind is Kind.TIMER
    return type(step.task.action_repr).__name__ == "NoOpAction"


def _leaves(actions: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    for action in actions:
        if "compoundActions" in action:
            yield from _leaves(action["compoundActions"])
        elif action["actionType"] != WAIT_FOR_EVENT:
            yield action


def _retries_in_any(action: dict[str, Any], *, inside: bool) -> bool:
    inside = inside or action["actionType"] == WHEN_ANY
    if action["actionType"] in WITH_RETRY:
        return inside
    return any(_retries_in_any(part, inside=inside) for part in action.get("compoundActions", ()))
