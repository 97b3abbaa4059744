"""Reserved capacity: where it comes in the order of markets, and when it is not used."""

from typing import Any

import pytest

from shared.model.facts import DecisionInputs, QuotaFacts, Reservation
from shared.model.market import Rung
from shared.policy.decide import decide
from shared.policy.footing import Footing, after_refusal, is_open
from shared.policy.words import story
from tests.unit.policy.situations import BODY, D2, D4, OD, evicted, new, shun, tried, wishing

GROUP = "/groups/ours"
OTHER = "/groups/theirs"
OVER_SPOT, OVER_OD = "utilizeOverSpot", "utilizeOverOD"


def kept(group_id: str = GROUP, size: str = D2, zone: str = "1", free: int = 1) -> Reservation:
    return Reservation(group_id=group_id, size=size, zone=zone, free=free)


def with_groups(*reservations: Reservation, when: str = OVER_SPOT, **wishes: Any) -> DecisionInputs:
    return new(wishes=wishing(reserved=when, **wishes), reservations=reservations or (kept(),))


def places(inputs: DecisionInputs) -> list[tuple[str, str]]:
    """Decide; return the lifecycle and the group of each move."""
    return [(one.market.lifecycle.value, one.market.reservation) for one in decide(inputs).moves]


def closed(inputs: DecisionInputs) -> dict[str, str]:
    """Decide; return why the places of each group are not open."""
    found = decide(inputs).exclusions
    return {one.market.reservation: one.code.value for one in found if one.market.reservation}


def test_reserved_capacity_comes_before_spot_if_so_asked() -> None:
    """R73, R71."""
    assert places(with_groups()) == [("OD", GROUP), ("SPOT", ""), ("OD", "")]


def test_or_it_comes_in_place_of_on_demand() -> None:
    """R74, R71."""
    assert places(with_groups(when=OVER_OD)) == [("SPOT", ""), ("OD", GROUP), ("OD", "")]


def test_before_spot_it_needs_no_leave_to_fall_back_and_in_place_of_on_demand_it_does() -> None:
    over_spot = with_groups(fallback_to_od=False)
    over_od = with_groups(when=OVER_OD, fallback_to_od=False)

    assert places(over_spot) == [("OD", GROUP), ("SPOT", "")]
    assert places(over_od) == [("SPOT", "")]
    assert closed(over_od) == {GROUP: "OD_NOT_ALLOWED"}


def test_nothing_is_looked_for_that_is_not_asked_for() -> None:
    assert places(with_groups(when="")) == [("SPOT", ""), ("OD", "")]


@pytest.mark.parametrize(
    "reservation", [kept(size=D4), kept(zone="2")], ids=["another size", "another zone"]
)
def test_a_place_is_for_its_size_in_its_zone(reservation: Reservation) -> None:
    """R72."""
    assert places(with_groups(reservation)) == [("SPOT", ""), ("OD", "")]


def test_the_first_group_that_has_a_place_is_used() -> None:
    assert places(with_groups(kept(OTHER), kept(GROUP)))[0] == ("OD", OTHER)
    assert places(with_groups(kept(OTHER, free=0), kept(GROUP)))[0] == ("OD", GROUP)


def test_what_is_all_in_use_is_passed_over_and_told() -> None:
    assert closed(with_groups(kept(free=0))) == {GROUP: "RESERVATION_FULL"}


def test_a_vm_in_a_proximity_group_or_with_an_ultra_disk_cannot_be_there() -> None:
    near = with_groups(in_proximity_group=True)
    ultra = with_groups(data_disk_skus=("UltraSSD_LRS",), data_disk_luns=(0,))
    sizes = tuple(one.model_copy(update={"ultra_zones": ("1",)}) for one in ultra.sizes)

    assert closed(near) == {GROUP: "NOT_RESERVABLE"}
    assert closed(ultra.model_copy(update={"sizes": sizes})) == {GROUP: "NOT_RESERVABLE"}


def test_neither_quota_nor_refusals_of_the_market_around_it_close_a_place_that_is_kept() -> None:
    full = QuotaFacts(name="cores", used=2, limit=2)
    inputs = with_groups().model_copy(
        update={"quotas": (full,), "memory": (shun(D2, lifecycle=OD),)}
    )

    assert places(inputs) == [("OD", GROUP), ("SPOT", "")]


def test_a_vm_is_not_started_into_capacity_that_it_is_not_bound_to() -> None:
    body = BODY.model_copy(update={"lifecycle": OD})
    outside = evicted(body=body, wishes=wishing(reserved=OVER_SPOT), reservations=(kept(),))
    inside = outside.model_copy(
        update={"body": body.model_copy(update={"reservation": GROUP.upper()})}
    )

    assert tried(outside)[0] == (D2, "1", "OD", Rung.REATTACH.value)
    assert tried(inside)[0] == (D2, "1", "OD", Rung.START.value)


def test_a_refusal_of_a_place_says_nothing_of_other_places() -> None:
    moves = decide(with_groups()).moves
    refused = after_refusal(Footing(), moves[0].market, "FAMILY")

    assert [is_open(move, refused, 0.0, moves) for move in moves] == [False, True, True]


def test_the_log_names_the_group_and_those_that_cannot_be_read() -> None:
    inputs = with_groups().model_copy(update={"groups_missing": (OTHER,)})

    said = story(decide(inputs))

    assert "OD Standard_D2s_v5 in zone 1, reserved by ours" in said
    assert f"{OTHER} cannot be read" in said
