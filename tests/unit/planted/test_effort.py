"""Whether the same lives take more than they did, or serve their owners worse."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fuzz.comparing import Counted, compare, keep
from tests.fuzz.effort import CALLS, wasted
from tests.fuzz.figures import Figures
from tests.fuzz.serving import DOWN, ON_DEMAND

LIVES = (Counted({"disks/write": 4, "vm/write": 1}, {}, ()),) * 50


def wasteful(**writes: int) -> list[Counted]:
    return [replace(one, writes={**one.writes, **writes}) for one in LIVES]


def test_lives_that_take_more_of_one_operation_are_told_from_those_that_take_the_same() -> None:
    dearer = [*wasteful(**{"vm/write": 2, "disks/write": 3})[:20], *LIVES[20:]]

    assert wasted(LIVES, LIVES) == ""
    assert wasted(LIVES, dearer) == "70 in place of 50 of vm/write"
    assert wasted(LIVES, wasteful(**{"vm/write": 2})) == "20% more writes to Azure"
    assert wasted(LIVES[:39], wasteful(**{"vm/write": 9})[:39]) == ""  # too few to tell


def test_lives_that_take_more_calls_or_recover_later_are_told_from_those_that_do_not() -> None:
    usual = [replace(one, counts={CALLS: 40}, recovery_s=[30.0]) for one in LIVES]
    busier = [replace(one, counts={CALLS: 52}) for one in usual]
    later = [replace(one, recovery_s=[38.0]) for one in usual]

    assert wasted(usual, usual) == ""
    assert wasted(usual, busier) == "30% more calls to Azure"
    assert wasted(usual, later) == "38 s down in place of 30 s"
    assert wasted(usual, [*later[:10], *usual[10:]]) == ""  # most of them are as they were


def served(name: str, *values: int) -> list[Counted]:
    return [Counted({}, {name: value}, ()) for value in values]


def test_lives_of_which_most_that_differ_serve_worse_are_told_from_chance() -> None:
    usual = served(DOWN, *[100] * 20)

    said = wasted(usual, served(DOWN, *[130] * 12, *[100] * 8))
    assert said == "seconds down: 12 lives are worse, 0 better"
    assert wasted(usual, served(DOWN, *[130] * 10, *[100] * 10)) == ""  # too few to tell
    assert wasted(usual, served(DOWN, *[130] * 12, *[70] * 8)) == ""  # chance
    assert wasted(usual, served(DOWN, *[129] * 20)) == ""  # nobody notices
    quick = [Counted({}, {}, (20.0, 30.0))] * 20
    said = wasted(quick, [Counted({}, {}, (26.0, 30.0))] * 20)
    assert said == "seconds to recover: 20 lives are worse, 0 better"
    assert wasted(quick, [Counted({}, {}, (26.0,))] * 20) == ""  # others were taken
    assert wasted(served(ON_DEMAND, *[0] * 20), served(ON_DEMAND, *[60] * 20))


def test_figures_are_kept_and_the_same_seeds_compared_with_them(tmp_path: Path) -> None:
    path = tmp_path / "before.json"
    before = {seed: Figures(counts=Counter({DOWN: 100})) for seed in range(1, 31)}
    after = {seed: Figures(counts=Counter({DOWN: 150})) for seed in range(11, 41)}
    keep(path, before)

    assert compare(path, before) == ""
    assert compare(path, after) == "seconds down: 20 lives are worse, 0 better"
    with pytest.raises(ValueError, match="none of these seeds"):
        compare(path, {99: Figures()})
