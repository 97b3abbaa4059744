"""What holds for every decision, whatever the node and the day."""

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.model.facts import DecisionInputs
from shared.model.market import Move, Rung
from shared.model.run import Lifecycle
from shared.policy.attach import attaches, copied_for
from shared.policy.decide import RESIZES_MAX, decide
from shared.policy.exclude import why_excluded
from shared.policy.footing import MARKETS_MAX
from tests.unit.policy.situations import (
    BODY,
    CATALOGUE,
    DATA_DISK,
    OS_DISK,
    after,
    evicted,
    shun,
    wishing,
)

UNHURRIED = settings(deadline=None)
"""Two cores are shared: how long an example takes says nothing."""
NAMES = st.sampled_from([size.name for size in CATALOGUE])
SIZES = st.lists(NAMES, max_size=6, unique=True).map(tuple)
ZONE = st.sampled_from([None, "1", "2"])
DISKS = st.builds(
    lambda zone, sku: {"zone": None if sku.endswith("ZRS") else zone, "sku": sku},
    ZONE,
    st.sampled_from(["Premium_LRS", "Premium_ZRS"]),
)
WISHES = st.builds(
    wishing,
    zones=st.sampled_from([(), ("1",), ("1", "2"), ("3", "2", "1")]),
    preferred_zone=st.sampled_from([None, "2"]),
    spot_sizes=SIZES,
    od_sizes=SIZES,
    preferred_sizes=SIZES,
    fallback_to_od=st.booleans(),
    prefers_od=st.booleans(),
    persists_os=st.booleans(),
    persists_data=st.booleans(),
    os_on_launch=st.booleans(),
    availability_vs_cost=st.integers(0, 100),
    extension_count=st.integers(0, 2),
)
MEMORY = st.builds(
    shun,
    NAMES,
    ZONE,
    st.sampled_from(list(Lifecycle)),
    scope=st.sampled_from([None, "size", "family", "family_in_zone", "lifecycle"]),
    shunned_until=st.sampled_from([None, after(-10), after(600)]),
    last_failure_at=st.sampled_from([None, after(-10), after(-5_000)]),
)
BODIES = st.none() | st.builds(
    lambda size, zone, lifecycle, down: BODY.model_copy(
        update={"size": size, "zone": zone, "lifecycle": lifecycle, "deallocated": down}
    ),
    NAMES,
    ZONE,
    st.sampled_from(list(Lifecycle)),
    st.booleans(),
)
INPUTS = st.builds(
    evicted,
    wishes=WISHES,
    memory=st.lists(MEMORY, max_size=4).map(tuple),
    body=BODIES,
    os_disk=DISKS.map(lambda update: OS_DISK.model_copy(update=update)),
    data_disks=DISKS.map(lambda update: (DATA_DISK.model_copy(update=update),)),
    attempt=st.integers(0, 3),
    launched_digest=st.sampled_from(["same", "older"]),
)


@UNHURRIED
@given(INPUTS)
def test_no_move_goes_to_an_excluded_market(inputs: DecisionInputs) -> None:
    decision = decide(inputs)

    excluded = {one.market for one in decision.exclusions}
    assert not {move.market for move in decision.moves} & excluded
    for move in decision.moves:
        if move.market not in decision.probes:
            assert why_excluded(move.market, inputs) is None


@UNHURRIED
@given(INPUTS)
def test_the_same_inputs_give_the_same_bytes(inputs: DecisionInputs) -> None:
    stored = DecisionInputs.model_validate_json(inputs.model_dump_json())

    assert decide(stored).model_dump_json() == decide(inputs).model_dump_json()


@UNHURRIED
@given(INPUTS)
def test_a_plan_is_bounded_and_names_each_market_once(inputs: DecisionInputs) -> None:
    markets = [move.market for move in decide(inputs).moves]

    assert len(markets) <= MARKETS_MAX
    assert len(set(markets)) == len(markets)


@UNHURRIED
@given(INPUTS)
def test_a_plan_without_moves_says_when_to_ask_again_and_only_then(inputs: DecisionInputs) -> None:
    decision = decide(inputs)

    assert (decision.next_ask_at is None) == bool(decision.moves)
    assert decision.next_ask_at is None or decision.next_ask_at > inputs.now


@UNHURRIED
@given(INPUTS)
def test_no_disk_goes_where_it_cannot_be_attached_without_a_copy(inputs: DecisionInputs) -> None:
    wishes = inputs.wishes
    for move in decide(inputs).moves:
        if move.rung is Rung.COPY:
            assert copied_for(wishes, inputs.os_disk, inputs.data_disks, move.market.zone)
            continue
        if wishes.persists_os and inputs.os_disk:
            assert attaches(inputs.os_disk, move.market.zone) or _in_place(move)
        if wishes.persists_data:
            assert all(attaches(d, move.market.zone) for d in inputs.data_disks) or _in_place(move)


@UNHURRIED
@given(INPUTS)
def test_what_is_started_in_place_stays_in_its_zone_and_lifecycle(inputs: DecisionInputs) -> None:
    for move in decide(inputs).moves:
        if _in_place(move):
            assert inputs.body is not None
            assert move.market.zone == inputs.body.zone
            assert move.market.lifecycle is inputs.body.lifecycle
            assert (move.rung is Rung.START) == (move.market.size == inputs.body.size)


@UNHURRIED
@given(INPUTS)
def test_once_a_vm_is_given_up_nothing_is_started_in_place(inputs: DecisionInputs) -> None:
    in_place = [_in_place(move) for move in decide(inputs).moves]

    assert in_place == sorted(in_place, reverse=True)
    resizes = [move for move in decide(inputs).moves if move.rung is Rung.RESIZE]
    assert len(resizes) <= RESIZES_MAX


@UNHURRIED
@given(INPUTS)
def test_the_second_lifecycle_never_comes_before_the_first(inputs: DecisionInputs) -> None:
    tiers = [score.tier[0] for score in decide(inputs).scores[: len(decide(inputs).moves)]]

    assert tiers == sorted(tiers)


@UNHURRIED
@given(INPUTS)
def test_on_demand_is_used_only_where_it_is_allowed(inputs: DecisionInputs) -> None:
    if not (inputs.wishes.fallback_to_od or inputs.wishes.prefers_od):
        assert all(move.market.lifecycle is Lifecycle.SPOT for move in decide(inputs).moves)


def _in_place(move: Move) -> bool:
    return move.rung in (Rung.START, Rung.RESIZE)
