"""Which NICs a market asks for, and which markets the NICs of a node rule out."""

from typing import Any

import pytest

from shared.contracts.base import Work
from shared.contracts.node import Claimed
from shared.model.facts import Reason
from shared.model.ids import OperationId, node_key
from shared.model.market import Market
from shared.model.persistence import Persistence
from shared.model.run import Lifecycle, NicRef, RunState
from shared.model.wire import from_stored
from shared.names import nic_name, stem
from shared.policy.backends import (
    is_marked,
    is_pooled,
    joined,
    left,
    pooled,
    pools_of,
    tag_of,
)
from shared.policy.footing import Footing
from shared.policy.network import kept_zone, nics_wanted
from shared.policy.release import has_backends
from tests.unit.model.documents import LS, node, put
from tests.unit.policy.situations import D2, evicted, reasons, tried, wishing

WORK = Work(key=node_key("act-0000beef", "ssn-0000cafe"), operation_id=OperationId("op-1"))
PLAIN = NicRef(id="/nics/a", name="a", is_primary=True)


def claimed(**run: Any) -> Claimed:
    return Claimed(work=WORK, run=RunState(**run), version=1, document=node())


def market(zone: str | None = "1", **changes: Any) -> Market:
    return Market(size=D2, zone=zone, lifecycle=Lifecycle.SPOT, **changes)


def nic(**changes: Any) -> NicRef:
    return PLAIN.model_copy(update=changes)


# -- NICs for a market ----------------------------------------------------------------------------


def test_without_nics_those_of_the_document_are_asked_for_with_zone_and_speed() -> None:
    wanted = nics_wanted(claimed(generation=3), Footing(tries=2), market("2", accelerated=True))

    assert wanted is not None
    assert (wanted.generation, wanted.zone, wanted.accelerated) == (4, "2", True)
    assert wanted.existing == ()
    assert wanted.work.step == "nics-2"


@pytest.mark.parametrize(
    ("at_hand", "vm", "asked", "suits"),
    [
        pytest.param({}, "", {"accelerated": None}, True, id="nothing-known-of-the-size"),
        pytest.param({}, "", {"accelerated": False}, True, id="slow-and-slow"),
        pytest.param({}, "", {"accelerated": True}, False, id="slow-where-fast-is-possible"),
        pytest.param({}, "vm", {"accelerated": True}, True, id="slow-in-place-is-well-enough"),
        pytest.param({"accelerated": True}, "", {"accelerated": True}, True, id="fast-and-fast"),
        pytest.param({"accelerated": True}, "", {"accelerated": False}, False, id="too-fast"),
        pytest.param(
            {"accelerated": True}, "vm", {"accelerated": False}, False, id="too-fast-in-place"
        ),
        pytest.param({"accelerated": True}, "", {"accelerated": None}, True, id="speed-unknown"),
        pytest.param({"public_ip_zone": "1"}, "", {}, True, id="address-of-the-zone"),
        pytest.param({"public_ip_zone": "2"}, "", {}, False, id="address-of-another-zone"),
        pytest.param({"public_ip_zone": "2"}, "vm", {}, True, id="in-place-it-serves-already"),
    ],
)
def test_nics_at_hand_are_used_where_they_suit_the_market(
    at_hand: dict[str, Any],
    vm: str,
    asked: dict[str, Any],
    suits: bool,  # noqa: FBT001
) -> None:
    now_on = Footing(vm_id=vm, nics=(nic(**at_hand),))

    wanted = nics_wanted(claimed(), now_on, market(**asked))

    assert (wanted is None) is suits
    assert wanted is None or wanted.existing == now_on.nics


# -- markets for NICs -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("persists", "generation", "zone", "kept"),
    [
        (True, 1, "2", "2"),
        (True, 1, None, None),
        (True, 0, "2", None),
        (False, 1, "2", None),
    ],
)
def test_a_zonal_address_is_kept_once_a_vm_has_had_it(
    persists: bool,  # noqa: FBT001
    generation: int,
    zone: str | None,
    kept: str | None,
) -> None:
    """S89, I3: before that it is swapped; after it, it is the node's."""
    keeps = dict.fromkeys(("OsDisk", "DataDisks", "Network"), persists)
    persistence = Persistence.model_validate(
        {f"shouldPersist{name}": value for name, value in keeps.items()}
    )
    named = nic_name(stem(WORK.key), 1, 1)
    run = RunState(generation=generation, nics=(nic(), nic(public_ip_zone=zone, name=named)))

    assert kept_zone(run, persistence, stem(WORK.key)) == kept


def test_a_zonal_address_of_an_imported_vm_is_kept_from_the_first() -> None:
    """S71: the node's first VM is to have it, so it goes where the address serves."""
    keeps = dict.fromkeys(("OsDisk", "DataDisks", "Network"), True)
    persistence = Persistence.model_validate(
        {f"shouldPersist{name}": value for name, value in keeps.items()}
    )
    came = nic(public_ip_zone="2").model_copy(update={"name": "legacy-nic"})

    assert kept_zone(RunState(nics=(came,)), persistence, stem(WORK.key)) == "2"


def test_a_kept_zonal_address_rules_the_other_zones_out_and_says_so() -> None:
    """S89: Azure refuses a VM in another zone than its address; so its zone is waited for."""
    inputs = evicted(wishes=wishing(zones=("1", "2")), address_zone="2")

    assert reasons(inputs)[D2, "1", "SPOT"] == Reason.ADDRESS_ZONE
    assert {zone for _, zone, *_ in tried(inputs)} == {"2"}


def test_a_regional_vm_may_have_an_address_of_a_zone() -> None:
    inputs = evicted(wishes=wishing(zones=()), address_zone="2")

    assert (D2, None, "SPOT") not in reasons(inputs)


# -- pools ----------------------------------------------------------------------------------------

A, B, C = (f"/subscriptions/s/resourceGroups/g/x/{name}" for name in "ABC")


def test_pools_join_what_is_there_and_leave_what_an_edit_took_away() -> None:
    tag = tag_of([A, B])

    assert joined([C, A], [B, C], tag) == (C, B)
    assert joined([C.upper()], [C], "") == (C.upper(),)


def test_leaving_spares_what_neither_the_document_names_nor_the_tag() -> None:
    assert left([A, B, C], [B.lower()], tag_of([A])) == (C,)


def test_a_tag_names_pools_in_any_case_and_all_that_a_document_may_name_fit() -> None:
    pools = [f"{A}/{number}" for number in range(25)]

    assert is_marked(A.upper(), tag_of([A, B]))
    assert not is_marked(C, tag_of([A, B]))
    assert len(tag_of(pools)) <= 256
    assert tag_of([]) == ""


def test_pools_of_balancers_and_gateways_are_told_apart_by_their_ids() -> None:
    """S90: several pools of several gateways and balancers, each once."""
    balancers = [
        {"type": kind, "resourceGroupName": "g", "name": "n", "backendPoolNames": ["p", "P", "q"]}
        for kind in ("loadBalancer", "applicationGateway")
    ]
    document = put(node(), f"{LS}.loadBalancersConfig", {"loadBalancers": balancers})

    found = pools_of(from_stored(document), "s")

    base = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network"
    assert [pool.id for pool in found] == [
        f"{base}/{kind}/n/backendAddressPools/{name}"
        for kind in ("loadBalancers", "applicationGateways")
        for name in ("P", "q")
    ]


def test_a_nic_in_pools_that_the_document_no_longer_names_is_still_to_be_taken_out() -> None:
    balancer = {"type": "loadBalancer", "resourceGroupName": "g", "name": "n"}
    config = {"loadBalancers": [{**balancer, "backendPoolNames": ["p"]}]}
    before = claimed()
    behind = before.model_copy(
        update={"document": put(node(), f"{LS}.loadBalancersConfig", config)}
    )

    after = pooled(behind, (PLAIN, nic(is_primary=False)))

    assert [bool(one.pool_marks) for one in after] == [True, False]
    assert is_pooled(behind, after)
    assert not is_pooled(before, after)
    assert has_backends(node(), after)
    assert not has_backends(node(), pooled(before, after))
