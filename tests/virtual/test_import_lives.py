"""Imports under chance: each life is drawn from its seed, and judged after all that happens.

More of them: `python -m tests.virtual.import_lives FIRST LAST`.
"""

import pytest

from tests.virtual.import_lives import draw, play

SEEDS = range(12)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_import_ends_whole_or_not_at_all_whatever_befalls_it(seed: int) -> None:
    """Its node lives on through an eviction, or its source is as it was; I1 to I11 hold."""
    played = play(seed)

    assert played.wrong == []
    assert played.state in ("ImportCompleted", "ImportFailed")


def test_the_lives_that_are_played_have_both_ends_and_troubles() -> None:
    drawn = [draw(seed) for seed in SEEDS]

    assert {life.room for life in drawn} == {True, False}
    assert {life.running for life in drawn} == {True, False}
    assert {life.network_kept for life in drawn} == {True, False}
    assert any(life.troubles for life in drawn)
    assert any(life.faults for life in drawn)


def test_equal_seeds_are_equal_lives() -> None:
    assert draw(7) == draw(7) != draw(8)
