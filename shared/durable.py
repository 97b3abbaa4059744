"""The typed seam between runbooks and Durable Functions.

An `Activity` is a name and types. Calling one yields the durable task, checks the reply and
returns it typed, so that a runbook's `match` is checked by mypy. Two replies never reach a
runbook: `Throttled` is waited out by a durable timer, and `StillRunning` is asked again with its
token. What is raised in an activity (`Transient`) is repeated by the durable retry policy, and in
an outage that outlasts it after longer and longer pauses.

Runbooks are plain generators of one input; `serve` makes them orchestrators.
"""

import json
import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final, Generic, Protocol, TypeAlias, TypeVar, cast

from azure.durable_functions import RetryOptions
from pydantic import BaseModel, TypeAdapter

from shared.contracts.base import OperationInput, StillRunning, Throttled
from shared.model.run import Row

Request_contra = TypeVar("Request_contra", bound=Row, contravariant=True)
Outcome_co = TypeVar("Outcome_co", covariant=True)
In = TypeVar("In", bound=OperationInput)
T = TypeVar("T")

Durable: TypeAlias = Generator[Any, Any, T]
"""A runbook, or a part of one: yields durable tasks, returns a T."""

SLOW_MAX: Final = 240
"""Times that one activity may answer "not yet": with `POLL_S` between, well over an hour, longer
than any Azure operation we start (extensions: 90 minutes by default, then they fail)."""
POLL_S: Final = 5.0
"""Seconds between two looks at an operation that outlasted its activity."""
THROTTLE_MAX_S: Final = 900.0
"""Longest wait that we grant Azure at once: its throttling windows are 3 and 30 minutes, and what
is left of them is asked for again. Source: Azure docs, troubleshooting-throttling-errors."""
SOON_MAX: Final = 4
"""Times that one activity is asked again as soon as it says; after them each `LATER_S` at the
earliest, which is less than Azure refills of the writes to one VM (four a minute). Source: Azure
docs, compute-throttling-limits."""
LATER_S: Final = 20.0
RETRY_FIRST_MS: Final = 2_000
RETRY_ATTEMPTS: Final = 8
"""Broken connections: eight tries over a quarter of a minute. What lasts longer is an outage."""
OUTAGE: Final = re.compile(r"\b(Transient|Unavailable)\b")
"""Names of the exceptions that say that Azure, or our tables, did not answer. A failed activity
reaches an orchestration as text."""
OUTAGE_WAITS_S: Final = (30.0, 60.0, 120.0, 300.0, *(600.0,) * 36)
"""Pauses before an activity is begun anew in an outage: six hours in all, after which the operation
fails visibly. Nothing is lost by waiting, and an ERROR would need a person."""


class Context(Protocol):
    """What runbooks use of `DurableOrchestrationContext`."""

    @property
    def instance_id(self) -> str:
        """The orchestration's id: the operation's id."""
        ...

    @property
    def current_utc_datetime(self) -> datetime:
        """The replayed present."""
        ...

    def get_input(self) -> Any:
        """Return the orchestration's input."""
        ...

    def call_activity_with_retry(self, name: str, retry_options: Any, input_: Any = None) -> Any:
        """Return the task of an activity."""
        ...

    def create_timer(self, fire_at: datetime) -> Any:
        """Return the task of a timer."""
        ...


class OutOfPatience(Exception):  # noqa: N818 - said of us, not of Azure
    """An activity has answered "not yet" more often than its bound allows."""


@dataclass(frozen=True)
class Activity(Generic[Request_contra, Outcome_co]):
    """A name and types; registered under the same name by `function_app`."""

    name: str
    request: type[Any]
    replies: Any
    """The outcomes a runbook sees, and `Slow` where the activity waits on Azure."""

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.replies)

    def __call__(self, context: Context, request: Request_contra) -> Durable[Outcome_co]:
        """Run the activity until it answers with an outcome."""
        body = cast("Row", request)
        told_off = 0
        for _ in range(SLOW_MAX):
            reply = yield from self._once(context, body)
            if isinstance(reply, StillRunning):
                body = body.model_copy(update={"token": reply.token})
                yield from pause(context, reply.again_s or POLL_S)
            elif isinstance(reply, Throttled):
                told_off += 1
                wait_s = max(reply.retry_after_s, LATER_S if told_off > SOON_MAX else 0.0)
                yield from pause(context, min(wait_s, THROTTLE_MAX_S))
            else:
                return cast("Outcome_co", reply)
        raise OutOfPatience(f"{self.name} did not end within {SLOW_MAX} looks")

    def _once(self, context: Context, request: Row) -> Durable[Any]:
        for wait_s in OUTAGE_WAITS_S:
            try:
                return (yield from self._tried(context, request))
            except Exception as failure:
                if not OUTAGE.search(str(failure)):
                    raise
            yield from pause(context, wait_s)
        return (yield from self._tried(context, request))

    def _tried(self, context: Context, request: Row) -> Durable[Any]:
        options = RetryOptions(RETRY_FIRST_MS, RETRY_ATTEMPTS)
        payload = request.model_dump(mode="json")
        raw = yield context.call_activity_with_retry(self.name, options, payload)
        return self._adapter.validate_python(raw)


def pause(context: Context, seconds: float) -> Durable[None]:
    """Wait by durable timer."""
    yield context.create_timer(context.current_utc_datetime + timedelta(seconds=seconds))


def serve(
    body: Callable[[Context, In], Durable[BaseModel]],
    input_type: type[In],
    fail: Callable[[Context, In, str], Durable[object]],
) -> Callable[[Context], Durable[dict[str, Any]]]:
    """Turn a runbook into an orchestrator: JSON in, models inside, JSON out.

    Whatever escapes the runbook goes to `fail`, which ends the operation visibly and releases the
    node; then it is raised, so that the instance is Failed and shows the reason.
    """

    def orchestrator(context: Context) -> Durable[dict[str, Any]]:
        raw = context.get_input()
        request = input_type.model_validate(json.loads(raw) if isinstance(raw, str) else raw)
        try:
            result = yield from body(context, request)
        except Exception as error:
            yield from fail(context, request, f"{type(error).__name__}: {error}")
            raise
        return result.model_dump(mode="json")

    orchestrator.__name__ = body.__name__
    orchestrator.__doc__ = body.__doc__
    return orchestrator
