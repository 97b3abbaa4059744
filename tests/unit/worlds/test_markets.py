"""I9, by what may be remembered of a market."""

from dataclasses import replace

import pytest

from local.worlds.invariants import Records, Remembered
from tests.unit.worlds.history import DEALLOCATED, History, vm

UP = vm(size="d2", zone="1", spot=True)
HERE, THERE = ("d2", "1", True), ("d2", "2", True)


def told(history: History, *remembered: Remembered) -> list[str]:
    history.watch.reckon(history.now, Records(markets=remembered))
    return [one for one in history.broken if one == "I9"]


def worked(market: tuple[str, str, bool]) -> Remembered:
    return Remembered(market, worked=True, why="")


def failed(market: tuple[str, str, bool], why: str = "SkuNotAvailable") -> Remembered:
    return Remembered(market, worked=False, why=why)


@pytest.mark.parametrize("other", [THERE, ("d4", "1", True), ("d2", "1", False), ("d2", "", True)])
def test_a_market_is_remembered_to_have_room_where_a_vm_was_up(
    other: tuple[str, str, bool],
) -> None:
    assert told(History().has(UP), worked(HERE)) == []
    assert told(History().has(UP).loses(UP), worked(HERE)) == []
    assert told(History().has(UP), worked(other)) == ["I9"]


def test_a_market_is_passed_over_where_azure_refused_or_failed() -> None:
    refused = History().asked("PUT", UP, status=409, place="d2/1/SPOT")
    doomed = replace(UP, provisioning="Failed", power="", failure="SkuNotAvailable")

    assert told(refused, failed(HERE)) == []
    assert told(History().has(doomed), failed(HERE)) == []
    assert told(refused, failed(THERE)) == ["I9"]
    assert told(History().has(UP), failed(HERE)) == ["I9"]


def test_a_market_is_passed_over_for_what_azure_said() -> None:
    doomed = replace(UP, provisioning="Failed", failure="OSProvisioningTimedOut")

    assert told(History().has(doomed), failed(HERE, "VMProvisioningFailed")) == ["I9"]
    assert told(History().has(doomed).loses(doomed), failed(HERE, "SkuNotAvailable")) == ["I9"]


def test_a_vm_that_goes_down_or_away_closes_its_market() -> None:
    assert told(History().has(UP).is_now(UP, **DEALLOCATED), failed(HERE, "EvictedAtOnce")) == []
    assert told(History().has(UP).loses(UP), failed(HERE, "VmVanished")) == []


def test_no_market_takes_back_what_it_never_gave() -> None:
    refused = History().asked("PUT", UP, status=409, place="d2/1/SPOT")

    assert told(refused, failed(HERE, "EvictedAtOnce")) == ["I9"]


def test_what_a_vm_did_before_a_refusal_says_no_more_that_its_market_takes_back() -> None:
    history = History().has(UP).is_now(UP, **DEALLOCATED)
    early = history.now
    history.passes()
    history.asked("POST", UP, status=409, place="d2/1/SPOT")
    taken = failed(HERE, "EvictedAtOnce")

    assert told(history, replace(taken, at=early)) == []
    assert told(history, replace(taken, at=history.now)) == ["I9"]


def test_a_write_that_was_taken_closes_nothing() -> None:
    taken = History().asked("PUT", UP, status=201, place="d2/1/SPOT")

    assert told(taken, failed(HERE)) == ["I9"]
