"""I12: who is in which backend pool."""

from dataclasses import replace
from typing import Any

import pytest

from local.arm.portrait import NIC
from local.worlds.invariants import Promise
from local.worlds.invariants.promises import Asked, Told
from tests.unit.worlds.history import NODE, History, id_of, nic, vm

BALANCER = "rg/providers/microsoft.network/loadbalancers/front/backendaddresspools"
WEB, API = (f"/subscriptions/s/resourcegroups/{BALANCER}/{name}" for name in ("web", "api"))
TOLD = Told(vm().id, "", "", spot=True, disks=frozenset(), nics=frozenset(), addresses=frozenset())


def document(*pools: str) -> dict[str, Any]:
    one = {
        "type": "loadBalancer",
        "resourceGroupName": "RG",
        "name": "Front",
        "backendPoolNames": list(pools),
    }
    config = {"loadBalancers": [one]} if pools else None
    return {"compute": {"launchSpecification": {"loadBalancersConfig": config}}}


def behind(*pools: str) -> History:
    """A node whose document names pools; its VM is up, and in none."""
    return History(Promise(asked=Asked.of(document(*pools)))).lives()


def judged(history: History, **view: Any) -> list[str]:
    told = view.pop("told", TOLD)
    history.reckons(**{"status": "ACTIVE", "told": told, "holds": frozenset()} | view)
    return [one for one in history.broken if one == "I12"]


def test_an_active_node_in_its_pools_is_as_it_must_be() -> None:
    history = behind("Web").is_now(nic(), pools=(WEB,))

    assert judged(history) == []


@pytest.mark.parametrize("pools", [(), (API,), (WEB, API)])
def test_an_active_node_in_none_in_others_or_in_more_breaks_i12(pools: tuple[str, ...]) -> None:
    history = behind("web").is_now(nic(), pools=pools)

    assert judged(history) == ["I12"]


def test_a_node_is_not_judged_while_something_is_under_way_or_its_vm_is_down() -> None:
    assert judged(behind("web"), operation="op-1") == []
    assert judged(behind("web"), status="RESUMING") == []
    assert judged(behind("web").goes_down(vm())) == []


def test_an_edit_takes_effect_with_the_next_vm_so_either_document_fits() -> None:
    history = behind("web").is_now(nic(), pools=(WEB,))
    history.watch.promise(NODE, Promise(asked=Asked.of(document())))

    assert judged(history) == []
    assert judged(history.is_now(nic(), pools=())) == []


def test_a_nic_that_no_vm_of_the_node_has_is_in_no_pool() -> None:
    old = replace(nic("old", public=""), pools=(WEB,))
    history = behind("web").is_now(nic(), pools=(WEB,)).has(old)

    assert judged(history) == ["I12"]
    assert judged(history.loses(old), status="ACTIVE") == ["I12"]


def test_a_paused_node_is_in_no_pool_and_a_stopped_one_may_be() -> None:
    paused = behind("web").is_now(nic(), pools=(WEB,)).goes_down(vm())

    assert judged(paused, status="STOPPED") == []
    assert judged(paused.loses(vm()), status="PAUSED", told=None) == ["I12"]


def test_a_vm_that_somebody_deleted_is_not_missed_here() -> None:
    assert judged(behind("web").is_now(nic(), pools=(WEB,)).loses(vm())) == []


def test_what_is_only_kept_for_a_time_is_left_alone() -> None:
    """The NIC of an imported VM is in its pools until it goes."""
    old = replace(nic("old", public=""), pools=(WEB,))
    history = behind("web").is_now(nic(), pools=(WEB,)).has(old)

    assert judged(history, retained=frozenset({id_of(NIC, "old")})) == []
