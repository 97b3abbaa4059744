import pytest

from local.worlds.invariants import NodeView, Records
from tests.unit.worlds.history import NODE, History, vm

STEP = f"mooring/{NODE}-replace-0a1b2c3d/start-0"


def at_rest(history: History | None = None) -> History:
    """The owner has the VM stopped."""
    history = (history or History()).lives().wishes("down")
    return history.goes_down(vm())


def shown(history: History, status: str) -> list[str]:
    """Return what is not as it must be once faults have stopped, the node showing a status."""
    records = Records({NODE: NodeView(NODE, status)})
    return [breach.sentence for breach in history.watch.converged(history.now, records)]


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_bringing_up_what_its_owner_put_to_rest_breaks_i11(method: str) -> None:
    history = at_rest().asked(method, vm(), request_id=STEP)

    assert history.broken == ["I11"]
    assert "which its owner put to rest, was brought up" in str(history.watch.breaches[0])


def test_a_vm_that_is_not_there_yet_is_known_by_the_operation_that_makes_it() -> None:
    history = History().lives().wishes("down").loses(vm())

    assert history.asked("PUT", vm(), request_id=STEP).broken == ["I11"]


def test_a_call_that_azure_refuses_brings_nothing_up() -> None:
    assert at_rest().asked("POST", vm(), request_id=STEP, status=409).broken == []


def test_taking_it_down_and_away_is_what_its_owner_wants() -> None:
    history = at_rest().asked("POST", vm(), request_id=STEP, action="deallocate/action")

    assert history.asked("DELETE", vm(), request_id=STEP).broken == []


def test_its_owner_may_wish_it_up_again() -> None:
    assert at_rest().wishes("up").asked("POST", vm(), request_id=STEP).broken == []


def test_a_person_who_starts_it_ends_its_rest() -> None:
    history = at_rest().asked("POST", vm(), caller="ada").goes_down(vm())

    assert history.asked("POST", vm(), request_id=STEP).broken == []


@pytest.mark.parametrize("kind", ["pause", "resume", "recycle", "stop", "start"])
def test_what_the_owner_asked_for_does_not_undo_a_stop_made_meanwhile(kind: str) -> None:
    history = History().lives().wishes("up")
    history.asked("POST", vm(), caller="ada", action="deallocate/action").goes_down(vm())
    history.told(vm(), "VirtualMachineDeallocationInitiated")
    history.watch.recycles(NODE, history.now)
    step = f"mooring/{NODE}-{kind}-0a1b2c3d/delete-vm-0"

    assert history.asked("DELETE", vm(), request_id=step).broken == []


def test_a_node_at_rest_is_paused_without_a_vm_or_stopped_with_one_that_is_down() -> None:
    stopped, paused = at_rest(), at_rest().loses(vm())

    assert shown(stopped, "STOPPED") == shown(paused, "STOPPED") == shown(paused, "PAUSED") == []
    assert "is PAUSED with 1 VMs" in shown(stopped, "PAUSED")[0]
    assert "is ACTIVE with 1 VMs, 0 of them on a host" in shown(stopped, "ACTIVE")[0]
    assert "is ERROR" in shown(paused, "ERROR")[0]


def test_a_node_that_should_rest_and_runs_is_told() -> None:
    history = at_rest().is_now(vm(), power="running", allocated=True)

    assert "is STOPPED with 1 VMs, 1 of them on a host" in shown(history, "STOPPED")[0]


def test_a_node_that_a_person_started_need_not_rest() -> None:
    history = at_rest().asked("POST", vm(), caller="ada")

    assert shown(history.is_now(vm(), power="running", allocated=True), "ACTIVE") == []
