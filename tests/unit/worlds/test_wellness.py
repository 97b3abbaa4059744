"""I15, by the ways in which a VM may be recycled."""

from datetime import timedelta

import pytest

from local.worlds.invariants import Promise
from tests.unit.worlds.history import NODE, History, vm

HEALED = Promise(heals_after=timedelta(minutes=5))


def recycled(history: History, number: int = 1) -> History:
    step = f"mooring/{NODE}-recycle-0a1b2c3{number}/deallocate-0"
    return history.asked("POST", vm(), action="deallocate/action", request_id=step)


def silent(history: History, minutes: float) -> History:
    """The VM is up, and its agent has been silent for a while."""
    return history.lives().is_now(vm(), silent=True).passes(minutes - 1)


def test_a_vm_that_has_been_silent_for_its_time_is_replaced() -> None:
    assert recycled(silent(History(HEALED), 5)).broken == []


@pytest.mark.parametrize("promise", [HEALED, Promise()])
def test_recycling_a_vm_that_is_well_or_that_nobody_wants_healed_breaks_i15(
    promise: Promise,
) -> None:
    well = recycled(History(promise).lives())

    assert well.broken == ["I15"]
    assert "not unwell" in str(well.watch.breaches[0])
    assert recycled(silent(History(Promise()), 60)).broken == ["I15"]


def test_recycling_a_vm_before_its_time_is_over_breaks_i15() -> None:
    assert recycled(silent(History(HEALED), 4)).broken == ["I15"]


def test_an_agent_that_reported_again_begins_anew() -> None:
    history = silent(History(HEALED), 30).is_now(vm(), silent=False)

    assert recycled(history.is_now(vm(), silent=True).passes(1)).broken == ["I15"]


def test_what_its_owner_or_its_schedule_asks_for_is_lawful() -> None:
    asked, scheduled = History().lives(), History(Promise(recycles=True)).lives()
    asked.watch.recycles(NODE, asked.now)

    assert (recycled(asked).broken, recycled(scheduled).broken) == ([], [])
    assert recycled(asked.passes(180), 2).broken == ["I15"]
