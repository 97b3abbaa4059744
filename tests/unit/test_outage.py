"""An outage is waited out by the seam; a bug is not."""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.azure.errors import Transient
from shared.contracts.node import CLAIM
from shared.durable import OUTAGE, OUTAGE_WAITS_S
from shared.model.run import Row
from store.errors import Unavailable

NOW = datetime(2030, 1, 1, tzinfo=UTC)


class Recorder:
    """A durable context that says what it was asked for."""

    instance_id = "ssn-1-create-1"

    def __init__(self) -> None:
        self.current_utc_datetime = NOW

    def get_input(self) -> None:
        raise AssertionError("not asked for")

    def call_activity_with_retry(self, name: str, _options: Any, _payload: Any = None) -> str:
        return name

    def create_timer(self, fire_at: datetime) -> float:
        waited_s = (fire_at - self.current_utc_datetime).total_seconds()
        self.current_utc_datetime += timedelta(seconds=waited_s)
        return waited_s


def claiming() -> Generator[Any, Any, Any]:
    return CLAIM(Recorder(), Row())  # type: ignore[arg-type]


def failure(error: Exception) -> Exception:
    """As the durable SDK tells an orchestration of a failed activity."""
    return Exception(f"Activity function 'x' failed: {type(error).__name__}: {error} \n stack")


@pytest.mark.parametrize("error", [Transient("reset"), Unavailable("503")])
def test_an_outage_is_waited_out_with_longer_and_longer_pauses(error: Exception) -> None:
    steps = claiming()
    assert next(steps) == CLAIM.name
    waits = []
    for _ in range(5):
        waits.append(steps.throw(failure(error)))
        assert next(steps) == CLAIM.name

    assert tuple(waits) == OUTAGE_WAITS_S[:5]


def test_an_outage_without_end_fails_the_operation() -> None:
    steps = claiming()
    next(steps)
    for _ in OUTAGE_WAITS_S:
        steps.throw(failure(Transient("reset")))
        next(steps)

    with pytest.raises(Exception, match="Transient: reset"):
        steps.throw(failure(Transient("reset")))


def test_a_bug_is_no_outage() -> None:
    steps = claiming()
    next(steps)

    with pytest.raises(Exception, match="KeyError"):
        steps.throw(failure(KeyError("x")))


def test_the_names_that_mean_an_outage_are_those_of_the_exceptions() -> None:
    assert all(OUTAGE.search(kind.__name__) for kind in (Transient, Unavailable))
