"""Azure's refusals, sync and async, as one `ArmError`; and what an activity answers to each."""

import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, ParamSpec, TypeVar

from azure.core.exceptions import (
    ClientAuthenticationError,
    DecodeError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from shared.contracts.base import Changed, NoCapacity, Refused, Throttled
from shared.failures import Kind, Rule, classify

P = ParamSpec("P")
Answer = TypeVar("Answer")

THROTTLE_WAIT_S: Final = 10.0
"""Where a 429 names no time: the SDK's own default for Compute."""
FORBIDDEN: Final = frozenset({401, 403})
"""Statuses by which somebody said no. An identity that gave no token at all, or a sign-in service
that is unwell, said nothing about us."""

UNSETTLED: Final = frozenset({Kind.TRANSIENT, Kind.THROTTLED})
"""Kinds of failure of a write that say nothing of what became of its resource."""

Refusal = Refused | Changed | Throttled
"""What any activity may answer in place of its outcome."""


class Transient(Exception):  # noqa: N818 - style's word for what the durable retry repeats
    """The connection broke, or Azure is unwell: repeat the activity."""


class ArmError(Exception):
    """One refusal of Azure Resource Manager."""

    def __init__(self, status: int, code: str, message: str, retry_after_s: float | None) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.retry_after_s = retry_after_s

    @property
    def rule(self) -> Rule:
        """The row of the failure table that fits."""
        return classify(self.code, self.message, self.status)


def arm_error(error: HttpResponseError) -> ArmError:
    """Read the SDK's exception; a failed operation is polled with 200 and carries its own code."""
    status = error.status_code or 0
    body: Any = error.error
    code = getattr(body, "code", None) or f"Http{status}"
    message = getattr(body, "message", None) or error.message or ""
    for detail in getattr(body, "details", None) or ():
        code = code if getattr(body, "code", None) else (detail.code or code)
        message = f"{message} {detail.code}: {detail.message}".strip()
    response: Any = error.response
    header = response.headers.get("Retry-After") if response is not None else None
    return ArmError(status, str(code), str(message), seconds_of(header))


def seconds_of(header: str | None) -> float | None:
    """Read a Retry-After in seconds; None for a date, which Azure's APIs for VMs never send."""
    try:
        return float(header) if header else None
    except ValueError:
        return None


def answering(
    function: Callable[P, Awaitable[Answer]],
) -> Callable[P, Coroutine[Any, Any, Answer | Refusal]]:
    """Let an activity answer refusals as values: style's failure table decides which.

    Raises Transient for broken connections and Azure's own failures; a bug passes through.
    """

    @functools.wraps(function)
    async def guarded(*args: P.args, **kwargs: P.kwargs) -> Answer | Refusal:
        try:
            return await _broken_is_transient(function(*args, **kwargs))
        except ArmError as error:
            return answer_to(error)

    return guarded


def answering_room(
    function: Callable[P, Awaitable[Answer]],
) -> Callable[P, Coroutine[Any, Any, Answer | NoCapacity | Refusal]]:
    """Do as `answering` for an activity that asks Azure for room: capacity and quota are told."""

    @functools.wraps(function)
    async def guarded(*args: P.args, **kwargs: P.kwargs) -> Answer | NoCapacity | Refusal:
        try:
            return await _broken_is_transient(function(*args, **kwargs))
        except ArmError as error:
            return room_answer_to(error)

    return guarded


async def _broken_is_transient(work: Awaitable[Answer]) -> Answer:
    """Await; raise Transient for what broke on the way, ArmError for what Azure refused."""
    try:
        return await work
    except ClientAuthenticationError as error:
        if error.status_code not in FORBIDDEN:
            raise Transient(f"no token: {error.message}") from error
        problem = arm_error(error)
        raise ArmError(problem.status, "AuthenticationFailed", problem.message, None) from error
    except (ServiceRequestError, ServiceResponseError, DecodeError) as error:
        raise Transient(str(error)) from error
    except HttpResponseError as error:
        raise arm_error(error) from error


def room_answer_to(error: ArmError) -> NoCapacity | Refusal:
    """Return the value that stands for a refusal, NoCapacity among them."""
    rule = error.rule
    if rule.kind in (Kind.CAPACITY, Kind.QUOTA):
        return NoCapacity(code=error.code, message=error.message, scope=rule.scope)
    return answer_to(error)


def answer_to(error: ArmError) -> Refusal:
    """Return the value that stands for a refusal; raise Transient where repeating may help."""
    rule = error.rule
    match rule.kind:
        case Kind.TRANSIENT:
            raise Transient(str(error)) from error
        case Kind.THROTTLED:
            return Throttled(retry_after_s=error.retry_after_s or THROTTLE_WAIT_S)
        case Kind.CONFLICT:
            wait_s = error.retry_after_s or rule.wait_s
            if wait_s:
                return Throttled(retry_after_s=wait_s)
            return Changed(code=error.code, message=error.message)
        case _:
            return Refused(code=error.code, message=error.message)
