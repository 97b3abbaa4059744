"""I16, by the ways in which a VM that is up may be shut down."""

from datetime import timedelta

import pytest

from local.arm.portrait import Portrait
from local.worlds.invariants import Promise
from tests.unit.worlds.history import NODE, History, id_of, nic, vm

DRAINED = Promise(drains=timedelta(minutes=2), recycles=True)
IN_POOL = (f"{id_of('microsoft.network/loadbalancers', 'front')}/backendaddresspools/web",)


def served() -> History:
    """The usual VM, in a backend pool."""
    return History(DRAINED).lives().is_now(nic(), pools=IN_POOL)


def leaves(history: History, kind: str = "pause") -> History:
    return asked(history, "PUT", nic(), kind).is_now(nic(), pools=())


def ended(history: History, kind: str = "pause", method: str = "POST") -> History:
    return asked(history, method, vm(), kind)


def asked(history: History, method: str, portrait: Portrait, kind: str) -> History:
    step = f"mooring/{NODE}-{kind}-0a1b2c3d/step"
    more = {"action": "deallocate/action"} if method == "POST" else {}
    return history.asked(method, portrait, request_id=step, **more)


def test_a_vm_that_has_had_its_draining_time_may_go() -> None:
    assert ended(leaves(served()).passes(1)).broken == []


@pytest.mark.parametrize(
    ("kind", "method"), [("pause", "POST"), ("recycle", "DELETE"), ("delete", "DELETE")]
)
def test_a_vm_that_is_shut_down_before_its_draining_time_is_over_breaks_i16(
    kind: str, method: str
) -> None:
    history = ended(leaves(served(), kind), kind, method)

    assert history.broken == ["I16"]
    assert "60.0 s after nic had left" in str(history.watch.breaches[0])


def test_a_vm_that_is_shut_down_in_its_pools_breaks_i16_unless_leaving_was_tried() -> None:
    refused = asked(served(), "PUT", nic(), "pause")

    assert ended(served()).broken == ["I16"]
    assert ended(refused).broken == []


def test_a_vm_that_is_moved_evicted_or_was_down_when_it_left_has_no_such_time() -> None:
    evicted = leaves(served()).is_now(vm(), notice="Scheduled")
    down = leaves(served().goes_down(vm()))
    up_again = down.is_now(vm(), power="running", allocated=True)

    assert ended(leaves(served(), "replace"), "replace").broken == []
    assert ended(leaves(served(), "delete"), "delete", "POST").broken == []
    assert ended(evicted).broken == []
    assert ended(up_again).broken == []


def test_the_vm_that_a_node_is_made_of_has_the_time_that_its_import_says() -> None:
    def imported(drains_min: float, minutes: float, *, leave: bool = True) -> History:
        history = served()
        history.watch.inherit(NODE, vm().id, DRAINED, timedelta(minutes=drains_min))
        history = leaves(history, "import_vm") if leave else history
        return ended(history.passes(minutes), "import_vm")

    assert (imported(5, 3).broken, imported(5, 5).broken) == (["I16"], [])
    assert (imported(5, 9, leave=False).broken, imported(0, 0, leave=False).broken) == (["I16"], [])


def test_a_nic_of_another_vm_does_not_matter() -> None:
    other = nic("other")
    history = served().has(other).is_now(other, pools=IN_POOL).is_now(nic(), pools=())

    # The VM's own left two minutes ago, the other one minute ago.
    assert ended(history.is_now(other, pools=())).broken == []
