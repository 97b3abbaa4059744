"""I9, at the moment at which an operation is written down as over."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from local.worlds.invariants import Records, Told
from tests.unit.worlds.history import NODE, History, vm

STARTING: dict[str, Any] = {"provisioning": "Updating", "power": "starting", "allocated": True}


def taken() -> History:
    """A node's VM was taken by Azure."""
    return History().lives().goes_down(vm())


def set_going(at: datetime, born: str = "") -> Told:
    """What a node shows of its VM that was set going at a moment."""
    nothing = frozenset[str]()
    return Told(vm().id, "d2", "", False, frozenset(), nothing, nothing, born or vm().born, at)


def settled(history: History, **view: Any) -> list[str]:
    """Return what is wrong when an operation that set the VM going just now has ended so."""
    told = view.pop("told", None) or set_going(history.now)
    values = {"status": "ACTIVE", "told": told} | view
    history.watch.settled(history.now, Records({NODE: history.view(**values)}))
    return history.broken


def test_a_vm_that_is_being_started_is_not_shown_as_up() -> None:
    history = taken().is_now(vm(), **STARTING)

    assert history.watch.is_any_coming
    assert settled(history) == ["I9"]
    assert "is shown as up, and Azure is still starting it" in str(history.watch.breaches[0])


def test_one_that_runs_is() -> None:
    history = taken().is_now(vm(), **STARTING).has(vm())

    assert not history.watch.is_any_coming
    assert settled(history) == []


def test_while_an_operation_goes_on_or_has_failed_nothing_is_shown_as_up() -> None:
    history = taken().is_now(vm(), **STARTING)

    assert settled(history, operation="op-1") == []
    assert settled(history, status="STARTING") == []
    assert settled(history, told=set_going(history.now, "another")) == []


def test_one_that_came_up_and_is_started_again_by_somebody_was_up() -> None:
    history = taken().is_now(vm(), **STARTING)
    told = set_going(history.now)
    history.has(vm()).goes_down(vm()).has(replace(vm(), **STARTING))

    assert settled(history, told=told) == []
