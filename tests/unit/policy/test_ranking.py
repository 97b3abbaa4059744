"""In which order open markets are tried, and what happens when none is."""

import json
from typing import Any

import pytest

from shared.model.facts import DecisionInputs, Price
from shared.policy.decide import LEFT_OVER_KEPT, decide
from shared.policy.footing import MARKETS_MAX
from shared.policy.shun import next_ask
from tests.unit.policy.situations import (
    CATALOGUE,
    D2,
    D4,
    D8,
    E2,
    NOON,
    OD,
    PRICES,
    SPOT,
    after,
    evicted,
    new,
    shun,
    tried,
    wishing,
)


def names(inputs: DecisionInputs) -> list[str]:
    return [name for name, *_ in tried(inputs)]


def zones(inputs: DecisionInputs) -> list[str | None]:
    return [zone for _, zone, *_ in tried(inputs)]


def priced(**usd: float) -> tuple[Price, ...]:
    """Spot prices: d2=0.01 ..."""
    sizes = {"d2": D2, "d4": D4, "d8": D8, "e2": E2}
    return tuple(Price(size=sizes[k], lifecycle=SPOT, usd_per_hour=v) for k, v in usd.items())


def test_the_cheaper_of_two_equal_markets_comes_first() -> None:
    inputs = new(prices=priced(d2=0.02, e2=0.01), wishes=wishing(spot_sizes=(D2, E2)))

    assert names(inputs)[:2] == [E2, D2]


def test_preferred_sizes_come_first_whatever_they_cost() -> None:
    """S26."""
    wishes = wishing(spot_sizes=(D2, D8), preferred_sizes=(D8.lower(),))

    assert names(evicted(wishes=wishes))[0] == D8


def test_the_preferred_zone_comes_first_and_the_others_follow() -> None:
    """S25."""
    wishes = wishing(zones=("1", "2", "3"), preferred_zone="3", fallback_to_od=False)

    assert zones(new(wishes=wishes)) == ["3", "1", "2"]


def test_a_preferred_size_in_another_zone_comes_before_another_size_in_the_preferred_zone() -> None:
    wishes = wishing(
        zones=("1", "2"), preferred_zone="2", spot_sizes=(D2, E2), preferred_sizes=(E2,)
    )

    assert [(name, zone) for name, zone, *_ in tried(new(wishes=wishes))][:3] == [
        (E2, "2"),
        (E2, "1"),
        (D2, "2"),
    ]


def test_on_demand_comes_after_all_spot_markets() -> None:
    wishes = wishing(spot_sizes=(D2, D4, E2), zones=("1", "2"))
    lifecycles = [lifecycle for *_, lifecycle, _ in tried(evicted(wishes=wishes))]

    assert lifecycles == sorted(lifecycles, reverse=True)
    assert set(lifecycles) == {"SPOT", "OD"}


def test_a_node_that_prefers_on_demand_tries_it_first_and_spot_after() -> None:
    lifecycles = [
        lifecycle
        for *_, lifecycle, _ in tried(
            evicted(wishes=wishing(prefers_od=True, fallback_to_od=False))
        )
    ]

    assert lifecycles == ["OD", "SPOT"]


@pytest.mark.parametrize(("blend", "first"), [(0, E2), (100, D2)])
def test_cost_and_availability_are_blended_as_the_user_says(blend: int, first: str) -> None:
    """R69, R70."""
    wishes = wishing(spot_sizes=(D2, E2), availability_vs_cost=blend)
    just_evicted = shun(E2, shunned_until=None, last_failure_at=None, last_eviction_at=NOON)
    inputs = new(prices=priced(d2=0.02, e2=0.01), wishes=wishes, memory=(just_evicted,))

    assert names(inputs)[0] == first


@pytest.mark.parametrize(
    "memory",
    [
        pytest.param({"last_eviction_at": after(-600)}, id="evicted-here"),
        pytest.param({"last_failure_at": after(-600)}, id="refused-here"),
    ],
)
def test_our_own_memory_counts_against_a_market(memory: dict[str, Any]) -> None:
    nothing: dict[str, Any] = {"shunned_until": None, "last_failure_at": None}
    inputs = new(
        wishes=wishing(spot_sizes=(D2, E2)),
        prices=priced(d2=0.01, e2=0.0101),
        memory=(shun(D2, **(nothing | memory)),),
    )

    assert names(inputs)[0] == E2


def test_a_success_after_the_failure_clears_a_market() -> None:
    past: dict[str, Any] = {
        "shunned_until": None,
        "last_failure_at": after(-600),
        "last_success_at": after(-60),
    }
    inputs = new(
        wishes=wishing(spot_sizes=(D2, E2)),
        prices=priced(d2=0.01, e2=0.0101),
        memory=(shun(D2, **past),),
    )

    assert names(inputs)[0] == D2


def test_an_unpriced_market_comes_after_priced_ones() -> None:
    inputs = new(prices=priced(d8=0.5), wishes=wishing(spot_sizes=(D2, D8)))

    assert names(inputs)[0] == D8


def test_without_any_price_the_node_still_finds_a_market() -> None:
    assert names(evicted(prices=()))[0] == D2


def test_equal_markets_are_told_apart_by_name() -> None:
    inputs = new(prices=priced(d2=0.01, e2=0.01), wishes=wishing(spot_sizes=(E2, D2)))

    assert names(inputs)[:2] == [D2, E2]


def test_a_full_zone_does_not_use_up_all_tries() -> None:
    many = tuple(
        CATALOGUE[0].model_copy(update={"name": f"Standard_D{n}s_v5"}) for n in range(2, 22)
    )
    wishes = wishing(spot_sizes=tuple(one.name for one in many), zones=("1", "2", "3"))
    inputs = evicted(sizes=many, prices=(), wishes=wishes)
    spot = [zone for _, zone, lifecycle, _ in tried(inputs) if lifecycle == "SPOT"]

    assert {zone: spot.count(zone) for zone in spot} == {"1": 4, "2": 3, "3": 2}


def test_a_long_list_of_spot_markets_leaves_room_for_on_demand() -> None:
    many = tuple(
        CATALOGUE[0].model_copy(update={"name": f"Standard_D{n}s_v5"}) for n in range(2, 42)
    )
    wishes = wishing(
        spot_sizes=tuple(one.name for one in many), od_sizes=(many[0].name, many[1].name)
    )
    decision = decide(evicted(sizes=many, wishes=wishes))

    assert len(decision.moves) == MARKETS_MAX
    assert [move.market.lifecycle for move in decision.moves[-2:]] == [OD, OD]
    assert len(decision.scores) == MARKETS_MAX + LEFT_OVER_KEPT


CLOSED = wishing(spot_sizes=(D2, D4), fallback_to_od=False)


def test_with_every_market_shunned_a_node_waits_first() -> None:
    decision = decide(evicted(wishes=CLOSED, memory=(shun(D2), shun(D4))))

    assert decision.moves == ()
    assert decision.next_ask_at == after(30)


def test_a_waiting_node_tries_again_where_the_refusal_is_oldest() -> None:
    memory = (shun(D2, last_failure_at=after(-60)), shun(D4, last_failure_at=after(-300)))
    decision = decide(evicted(wishes=CLOSED, memory=memory, attempt=1))

    assert [market.size for market in decision.probes] == [D4, D2]
    assert {move.market for move in decision.moves} == set(decision.probes)
    assert decision.next_ask_at is None


def test_a_market_refused_within_the_nodes_own_wait_is_left_alone() -> None:
    memory = (shun(D2, last_failure_at=after(-20)), shun(D4, last_failure_at=after(-20)))

    assert decide(evicted(wishes=CLOSED, memory=memory, attempt=1)).moves == ()


def test_what_the_node_cannot_use_is_not_tried_however_long_it_waits() -> None:
    wishes = wishing(spot_sizes=("Standard_Z9",), fallback_to_od=False)

    assert decide(evicted(wishes=wishes, attempt=9)).moves == ()


@pytest.mark.parametrize(
    ("attempt", "seconds"), [(0, 30), (1, 60), (2, 120), (4, 480), (5, 900), (60, 900)]
)
def test_the_wait_doubles_up_to_a_quarter_of_an_hour(attempt: int, seconds: float) -> None:
    assert next_ask(NOON, attempt) == after(seconds)


def test_the_wait_ends_when_a_shun_does() -> None:
    memory = [shun(D2, shunned_until=after(200)), shun(D4, shunned_until=after(-5))]

    assert next_ask(NOON, 9, memory) == after(200)


def test_a_decision_is_made_again_byte_for_byte_from_its_stored_inputs() -> None:
    wishes = wishing(zones=("1", "2", "3"), spot_sizes=(D2, D4, E2), extension_count=2)
    memory = (shun(D4), shun(E2, "2", shunned_until=None, last_eviction_at=after(-4_321.7)))
    inputs = evicted(wishes=wishes, memory=memory, prices=PRICES)
    decision = decide(inputs)
    for exclude_defaults in (False, True):
        stored = json.dumps(inputs.model_dump(mode="json", exclude_defaults=exclude_defaults))

        again = decide(DecisionInputs.model_validate(json.loads(stored)))

        assert again.model_dump_json() == decision.model_dump_json()
