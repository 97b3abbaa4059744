"""Three hundred lives with faults at every step, and nothing is lost; a life can be replayed."""

import logging
from collections.abc import Iterator

import pytest

from local.clock import START
from local.worlds.invariants import Breach
from tests.fuzz.__main__ import first_wrong, story
from tests.fuzz.life import Life, draw
from tests.fuzz.outcome import Outcome
from tests.fuzz.play import play
from tests.fuzz.shrink import shrink
from tests.fuzz.steps import Evicted

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SEEDS = 300
A_PART = 25


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("first", range(1, SEEDS + 1, A_PART))
def test_lives_with_faults_at_every_step_lose_nothing_and_come_back(first: int) -> None:
    ill = []
    for seed in range(first, first + A_PART):
        outcome = play(draw(seed))
        if outcome.ill:
            ill.append("\n".join(story(outcome)))

    assert not ill, "\n\n".join(ill)


def test_a_seed_replays_byte_for_byte() -> None:
    first, again, other = play(draw(42)), play(draw(42)), play(draw(43))

    assert first.log
    assert first.log == again.log
    assert first.log != other.log


def test_a_bad_life_is_shrunk_to_what_matters_and_told_with_its_replay() -> None:
    """As if an eviction were a breach: what is left is one eviction."""
    life = draw(42)
    assert len(life.steps) > 3
    breach = Breach("I2", START, "it was evicted")

    def play_it(tried: Life) -> Outcome:
        evicted = any(isinstance(step, Evicted) for step in tried.steps)
        return Outcome(tried, [breach] if evicted else [])

    short = shrink(play_it(life), play_it)

    assert [type(step) for step in short.life.steps] == [Evicted]
    assert "make fuzz SEED=42" in story(short)[0]
    assert "it was evicted" in first_wrong(short)
