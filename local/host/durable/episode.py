"""One episode: take messages, replay, carry out the new steps. One transaction, or nothing.

A crash at any point leaves the state before or after an episode, never between: what was taken
from the inbox, what was appended to the history and what was set going are one commit.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from local.host import log
from local.host.durable.effects import Effects
from local.host.durable.ending import Ending
from local.host.durable.events import Event, EventType, event
from local.host.durable.inbox import Delivery, take
from local.host.durable.instances import Instance
from local.host.durable.ledger import After, Ledger
from local.host.durable.replay import Answer, Turn, replay
from local.host.durable.steps import Kind
from local.host.durable.strict import nondeterminism, production_hazard
from local.host.options import Options

MISSING = "The function '{}' doesn't exist, is disabled, or is not {} function."


@dataclass(frozen=True)
class Registry:
    """The durable functions of an app by registered name; entities by lower-cased name."""

    orchestrators: Mapping[str, Callable[..., Any]]
    activities: Mapping[str, Any]
    entities: Mapping[str, Callable[..., Any]]


class Episodes:
    """Runs episodes. Synchronous, so an instance can never be in two of them."""

    def __init__(self, registry: Registry, ledger: Ledger, options: Options) -> None:
        self._registry = registry
        self._ledger = ledger
        self._database = ledger.database
        self._options = options

    def run(self, instance_id: str) -> After:
        """Run the next episode of an instance, if its inbox holds anything to run it for."""
        after = After()
        try:
            with self._database.transaction():
                self._run(instance_id, after)
        except BaseException:
            self._ledger.instances.forget(instance_id)  # memory may be ahead of the file
            raise
        return after

    def _run(self, instance_id: str, after: After) -> None:
        rows = self._database.rows(
            "SELECT * FROM inbox WHERE instance = ? ORDER BY id", instance_id
        )
        instance = self._ledger.instances.get(instance_id)
        if instance is None or instance.finished:
            self._database.execute("DELETE FROM inbox WHERE instance = ?", instance_id)
            return
        delivery = take(instance, rows, hold_events=self._options.hold_events)
        self._database.insert_many(
            "DELETE FROM inbox WHERE id = ?", [(row,) for row in delivery.rows]
        )
        ending = Ending(self._ledger, instance, after)
        if delivery.terminated is not None:
            ending.terminate(delivery.terminated)
        elif delivery.only_control:
            self._control(instance, delivery)
        else:
            self._turn(instance, delivery, after)

    def _control(self, instance: Instance, delivery: Delivery) -> None:
        if not delivery.events:
            return
        if instance.events:
            self._ledger.append(instance, delivery.events)
        running = "Running" if instance.events else "Pending"
        self._save(instance, "Suspended" if delivery.suspended else running)

    def _turn(self, instance: Instance, delivery: Delivery, after: After) -> None:
        now = max(self._ledger.now(), instance.last_stamp)  # orchestration time never goes back
        self._ledger.append(
            instance, [event(EventType.ORCHESTRATOR_STARTED, now), *delivery.events]
        )
        answer = self._ask(instance)
        effects = Effects(self._ledger, instance, after, now)
        scheduled = [] if answer.broken else self._schedule(instance, answer, effects)
        self._ledger.append(instance, [*scheduled, event(EventType.ORCHESTRATOR_COMPLETED, now)])
        instance.waits = answer.waits
        self._watch_size(instance)
        if answer.done and not self._held_open(instance, answer):
            Ending(self._ledger, instance, after).finish(answer)
        else:
            self._save(instance, "Suspended" if delivery.suspended else "Running", answer)
            if self._options.hold_events and answer.waits:
                after.instances.append(instance.id)  # an event held back may fit a new waiter

    def _ask(self, instance: Instance) -> Answer:
        function = self._registry.orchestrators.get(instance.name)
        if function is None:
            text = MISSING.format(instance.name, "an orchestrator")
            return Answer([], {}, done=True, error=text, broken=True)
        started = json.loads(instance.input) if instance.input is not None else None
        answer = replay(
            Turn(
                function,
                instance.id,
                instance.parent,
                input_text(started, instance.input),
                instance.opening,
                instance.events,
                long_timers=self._options.strict,
            )
        )
        return self._judge(instance, answer)

    def _judge(self, instance: Instance, answer: Answer) -> Answer:
        problem = nondeterminism(instance, answer.steps)
        if problem is None and self._options.strict and not answer.broken:
            problem = production_hazard(answer)
        if problem is not None:
            log.error("orchestration_refused", instance=instance.id, reason=problem)
            return Answer(answer.steps, {}, done=True, error=problem, broken=True)
        return self._refuse_unknown(answer)

    def _refuse_unknown(self, answer: Answer) -> Answer:
        known = {
            Kind.ACTIVITY: (self._registry.activities, "an activity"),
            Kind.CHILD: (self._registry.orchestrators, "an orchestrator"),
        }
        for position, step in enumerate(answer.steps):
            table, noun = known.get(step.kind, ((step.name,), ""))
            if step.kind in (Kind.CALL, Kind.SIGNAL):
                name = str(step.target).split("@")[1]
                missing, noun = name not in self._registry.entities, "an entity"
            else:
                name, missing = step.name, step.name not in table
            if missing and not step.void:
                text = MISSING.format(name, noun)
                return replace(answer, steps=answer.steps[:position], done=True, error=text)
        return answer

    def _schedule(self, instance: Instance, answer: Answer, effects: Effects) -> list[Event]:
        created = []
        for task, step in enumerate(answer.steps):
            if step.void or step.kind is Kind.CONTINUE:
                continue
            if task not in instance.scheduled:
                body = effects.schedule(task, step)
                if body is not None:
                    created.append(body)
            elif step.cancelled and task not in instance.completed | instance.stopped:
                effects.cancel(task)
                instance.stopped.add(task)
        return created

    def _held_open(self, instance: Instance, answer: Answer) -> bool:
        # The engine completes an instance only when none of its tasks is open any more.
        if answer.broken:
            return False
        return any(
            step.holds_completion and task not in instance.completed
            for task, step in enumerate(answer.steps)
        )

    def _save(self, instance: Instance, status: str, answer: Answer | None = None) -> None:
        instance.status = status
        custom = ", custom_status = ?" if answer is not None else ""
        values = [answer.custom_status] if answer is not None else []
        self._database.execute(
            f"UPDATE instances SET status = ?, waits = ?, updated = ?{custom} WHERE id = ?",  # noqa: S608
            status,
            json.dumps(instance.waits),
            self._ledger.now(),
            *values,
            instance.id,
        )

    def _watch_size(self, instance: Instance) -> None:
        if len(instance.events) > self._options.max_history_events:
            log.warn("history_is_long", instance=instance.id, events=len(instance.events))


def input_text(value: Any, raw: str | None) -> str | None:
    """Return the text that `get_input()` parses: a JSON string is itself the text of the input.

    A string that is no JSON text was posted by hand; it stays a string.
    """
    if not isinstance(value, str):
        return None if value is None else raw
    try:
        json.loads(value)
    except ValueError:
        return raw
    return value
