import pytest

from local.worlds.invariants import Promise, Records
from tests.unit.worlds.history import DEALLOCATED, NODE, History, vm

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


@pytest.mark.parametrize(("named_after_min", "broken"), [(0.5, ["I5"]), (2.5, []), (None, [])])
def test_where_not_everybody_may_it_must_be_known_in_time_who_it_was(
    named_after_min: float | None, broken: list[str]
) -> None:
    history = stopped(History(Promise(vm_admins=("ada",))))
    if named_after_min is not None:
        history.passes(named_after_min).named(vm())

    assert history.asked("POST", vm()).broken == broken


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


@pytest.mark.parametrize(("status", "broken"), [("Scheduled", ["I5"]), ("Canceled", [])])
def test_an_eviction_of_which_only_the_warning_was_taken_is_known(
    status: str, broken: list[str]
) -> None:
    history = History().lives().is_now(vm(), notice="Scheduled").warned(vm(), status)
    history.is_now(vm(), notice="Started", power="deallocating")
    history.is_now(vm(), notice="", **DEALLOCATED)

    history.reckons(status="STOPPED", holds=frozenset(history.there))

    assert history.broken == broken


def test_a_warning_of_what_never_came_says_nothing_of_the_next_eviction() -> None:
    history = History().lives().is_now(vm(), notice="Scheduled").warned(vm())
    history.is_now(vm(), notice="").is_now(vm(), notice="Started", power="deallocating")
    history.is_now(vm(), notice="", **DEALLOCATED)

    history.reckons(status="STOPPED", holds=frozenset(history.there))

    assert history.broken == []


def test_a_node_that_its_user_put_to_rest_may_rest() -> None:
    history = evicted(History()).wishes("down").reckons(status="PAUSED")

    assert history.broken == []


def misled(told_after_min: float | None) -> History:
    """Azure takes the VM, and says that it is being stopped, and later that it was taken."""
    history = History().lives().is_now(vm(), notice="Started", power="deallocating")
    history.told(vm(), STOP).is_now(vm(), notice="", **DEALLOCATED)
    if told_after_min is not None:
        history.passes(told_after_min).told(vm(), EVICTION)
    return history


def rests(history: History) -> list[str]:
    view = history.view(status="STOPPED", holds=frozenset(history.there))
    return [str(one) for one in history.watch.converged(history.now, Records({NODE: view}))]


def test_an_eviction_of_which_only_a_stop_was_told_may_be_taken_for_one() -> None:
    assert rests(misled(None)) == []
    assert len(rests(misled(1.0))) == 1
    assert len(rests(evicted(History()))) == 1


def test_an_eviction_that_was_told_late_is_mended_within_the_hold() -> None:
    early, late = misled(0.5), misled(1.5)

    assert early.reckons(status="STOPPED", holds=frozenset(early.there)).broken == ["I5"]
    assert late.reckons(status="STOPPED", holds=frozenset(late.there)).broken == []
    late.passes(3.0)
    assert late.reckons(status="STOPPED", holds=frozenset(late.there)).broken == ["I5"]
