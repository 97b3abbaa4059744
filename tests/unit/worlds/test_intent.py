import pytest

from local.worlds.invariants import Promise
from tests.unit.worlds.history import DEALLOCATED, History, vm

STOP = "VirtualMachineDeallocationInitiated"
EVICTION = "VirtualMachinePreempted"


def stopped(history: History, *, told_after_min: float | None = 1.0) -> History:
    """Somebody deallocates the VM; the event comes so long after it is down."""
    history.lives().asked("POST", vm(), caller="ada", action="deallocate/action")
    history.goes_down(vm())
    if told_after_min is not None:
        history.passes(told_after_min - 1.0).told(vm(), STOP)
    return history


def evicted(history: History) -> History:
    history.lives().is_now(vm(), notice="Started", power="deallocating")
    return history.is_now(vm(), notice="", **DEALLOCATED).told(vm(), EVICTION)


@pytest.mark.parametrize(("method", "action"), [("POST", "start/action"), ("DELETE", "")])
def test_undoing_a_stop_that_was_reported_breaks_i5(method: str, action: str) -> None:
    history = stopped(History()).asked(method, vm(), action=action)

    assert history.broken == ["I5"]
    assert "was stopped by ada" in str(history.watch.breaches[0])


def test_a_stop_reported_after_the_hold_may_have_been_undone() -> None:
    assert stopped(History(), told_after_min=3.5).asked("POST", vm()).broken == []


def test_a_stop_that_nobody_reported_may_be_undone() -> None:
    assert stopped(History(), told_after_min=None).asked("POST", vm()).broken == []


def test_a_call_that_azure_refuses_undoes_nothing() -> None:
    assert stopped(History()).asked("POST", vm(), status=409).broken == []


def test_the_user_may_ask_for_the_node_again() -> None:
    assert stopped(History()).wishes("up").asked("POST", vm()).broken == []


def test_whoever_may_not_stop_is_undone() -> None:
    history = stopped(History(Promise(vm_admins=("grace",)))).asked("POST", vm())

    assert history.broken == []


def test_a_vm_that_its_stopper_started_again_is_nobodys_stop() -> None:
    history = stopped(History()).is_now(vm(), power="running", allocated=True).goes_down(vm())

    assert history.asked("POST", vm()).broken == []


def test_mending_an_eviction_is_lawful() -> None:
    history = evicted(History()).asked("POST", vm())

    assert history.reckons(status="RESUMING").broken == ["I6"]  # no intent was told here


def test_a_node_that_rests_after_a_reported_eviction_breaks_i5() -> None:
    history = evicted(History()).reckons(status="STOPPED", holds=frozenset(History().there))

    assert history.broken == ["I5"]
    assert "evicted, which was known, yet the node is STOPPED" in str(history.watch.breaches[0])


def test_a_node_that_its_user_put_to_rest_may_rest() -> None:
    history = evicted(History()).wishes("down").reckons(status="PAUSED")

    assert history.broken == []
