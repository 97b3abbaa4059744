"""Azure's refusals, sync and async, as one `ArmError`; and what an activity answers to each."""

import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, ParamSpec, TypeVar

from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from shared.contracts.base import NoCapacity, Refused, Throttled
from shared.failures import Kind, Rule, classify

P = ParamSpec("P")
Answer = TypeVar("Answer")

CONFLICT_WAIT_S: Final = 3.0
"""Seconds before facts are read again after a 409 or 412: Azure's short operations take less."""
THROTTLE_WAIT_S: Final = 10.0
"""Where a 429 names no time: the SDK's own default for Compute."""


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
    return ArmError(status, str(code), str(message), _seconds(header))


def _seconds(header: str | None) -> float | None:
    try:
        return float(header) if header else None
    except ValueError:
        return None


def answering(
    function: Callable[P, Awaitable[Answer]],
) -> Callable[P, Coroutine[Any, Any, Answer | NoCapacity | Refused | Throttled]]:
    """Let an activity answer refusals as values: style's failure table decides which.

    Raises Transient for broken connections and Azure's own failures; a bug passes through.
    """

    @functools.wraps(function)
    async def guarded(
        *args: P.args, **kwargs: P.kwargs
    ) -> Answer | NoCapacity | Refused | Throttled:
        try:
            return await function(*args, **kwargs)
        except ClientAuthenticationError as error:
            return Refused(code="AuthenticationFailed", message=error.message)
        except (ServiceRequestError, ServiceResponseError) as error:
            raise Transient(str(error)) from error
        except HttpResponseError as error:
            return answer_to(arm_error(error))
        except ArmError as error:
            return answer_to(error)

    return guarded


def answer_to(error: ArmError) -> NoCapacity | Refused | Throttled:
    """Return the value that stands for a refusal; raise Transient where repeating may help."""
    rule = error.rule
    match rule.kind:
        case Kind.TRANSIENT:
            raise Transient(str(error)) from error
        case Kind.THROTTLED:
            return Throttled(retry_after_s=error.retry_after_s or THROTTLE_WAIT_S)
        case Kind.CONFLICT:
            return Throttled(retry_after_s=error.retry_after_s or rule.wait_s or CONFLICT_WAIT_S)
        case Kind.CAPACITY | Kind.QUOTA:
            return NoCapacity(code=error.code, message=error.message, scope=rule.scope)
        case _:
            return Refused(code=error.code, message=error.message)
