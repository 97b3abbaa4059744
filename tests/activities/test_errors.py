"""What an activity answers to each refusal of Azure's."""

from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, DecodeError, ServiceRequestError

from activities.azure.errors import (
    THROTTLE_WAIT_S,
    ArmError,
    Transient,
    answer_to,
    answering,
    room_answer_to,
    seconds_of,
)
from shared.contracts.base import Changed, NoCapacity, Refused, Throttled
from shared.failures import BUSY_S, RULES, Kind


def refusal(
    code: str, message: str = "words", status: int = 409, wait_s: float | None = None
) -> ArmError:
    return ArmError(status, code, message, wait_s)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_row_of_the_table_has_its_answer(rule: Any) -> None:
    status = rule.status[0] if rule.status else 200
    error = refusal(rule.code or "Code", f"{rule.text} {rule.also}", status)
    kind, wait_s = error.rule.kind, error.rule.wait_s

    if kind is Kind.TRANSIENT:
        with pytest.raises(Transient):
            answer_to(error)
        return
    answer = answer_to(error)

    wanted: dict[Kind, type] = {
        Kind.THROTTLED: Throttled,
        Kind.CONFLICT: Throttled if wait_s else Changed,
    }
    assert type(answer) is wanted.get(kind, Refused)


def test_a_conflict_that_waiting_ends_is_waited_for_and_any_other_is_a_change_of_facts() -> None:
    assert answer_to(refusal("Conflict")) == Throttled(retry_after_s=BUSY_S)
    assert isinstance(answer_to(refusal("PreconditionFailed", status=412)), Changed)
    assert answer_to(refusal("Odd", status=412, wait_s=9)) == Throttled(retry_after_s=9)


def test_a_throttled_call_waits_as_long_as_azure_says_or_else_a_usual_time() -> None:
    assert answer_to(refusal("X", status=429, wait_s=17)) == Throttled(retry_after_s=17)
    assert answer_to(refusal("X", status=429)) == Throttled(retry_after_s=THROTTLE_WAIT_S)


def test_only_who_asks_for_room_hears_that_there_is_none() -> None:
    error = refusal("SkuNotAvailable")

    assert isinstance(room_answer_to(error), NoCapacity)
    assert isinstance(answer_to(error), Refused)


@pytest.mark.parametrize(
    "raised",
    [
        ServiceRequestError("broken"),
        DecodeError("half a body"),
        ClientAuthenticationError("the identity endpoint gave no token"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_says_nothing_of_our_request_is_repeated(raised: Exception) -> None:
    async def act() -> None:
        raise raised

    with pytest.raises(Transient):
        await answering(act)()


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), (None, None), ("Wed, 21 Oct 2026 07:28:00 GMT", None)]
)
def test_a_retry_after_is_read_in_seconds(header: str | None, seconds: float | None) -> None:
    assert seconds_of(header) == seconds
