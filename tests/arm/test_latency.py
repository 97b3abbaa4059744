"""How long things take: drawn by one seed, of the measured shape."""

import statistics

import pytest

from local.arm.latency import TABLE, TAIL_CAP, draw
from local.arm.persistence import NoJournal
from local.arm.world import World
from local.clock import scaled_clock


def world(seed: int = 1, **settings: object) -> World:
    made = World(scaled_clock(1.0), seed, NoJournal())
    made.facts["settings"] = settings
    return made


@pytest.mark.parametrize("operation", ["vm.create.image", "vm.start", "vm.deallocate"])
def test_draws_have_the_measured_least_median_and_ninetieth(operation: str) -> None:
    row = TABLE[operation]
    one = world()
    draws = sorted(draw(one, operation) for _ in range(4_000))

    assert draws[0] >= row.least_s
    assert statistics.median(draws) == pytest.approx(row.p50_s, rel=0.05)
    assert draws[3_600] == pytest.approx(row.p90_s, rel=0.08)
    assert draws[-1] <= row.p50_s + TAIL_CAP * (row.p90_s - row.p50_s)


def test_one_seed_gives_one_history_and_another_gives_another() -> None:
    one, same, other = world(7), world(7), world(8)

    draws = [[draw(each, "vm.start") for _ in range(20)] for each in (one, same, other)]

    assert draws[0] == draws[1]
    assert draws[0] != draws[2]


def test_medians_and_their_scale_are_settings() -> None:
    assert draw(world(latency="median"), "vm.start") == TABLE["vm.start"].p50_s
    assert draw(world(latency="median", latency_scale=2), "vm.start") == 2 * TABLE["vm.start"].p50_s


def test_every_row_names_its_source_and_is_in_order() -> None:
    for row in TABLE.values():
        assert row.source
        assert row.least_s <= row.p50_s <= row.p90_s
