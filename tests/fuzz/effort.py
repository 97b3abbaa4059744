"""Whether the same lives take more, or serve their owners worse, than they did."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import sqrt
from statistics import mean, median
from typing import Final, Protocol

from tests.fuzz.serving import DOWN, ERRORS, ON_DEMAND

RECOVERY: Final = "seconds to recover"
LIVES_MIN: Final = 40
"""Ours: in sum, fewer differ by chance."""
WRITES_MORE: Final = 1.03
"""The same lives take the same writes: this much more in sum is no chance."""
ONE_WRITE_MORE: Final = 1.2
"""Of one operation, where it is at least `ONE_WRITE_LEAST` more."""
ONE_WRITE_LEAST: Final = 15
CALLS_MORE: Final = 1.25
"""Of all calls, most of which look how far an operation is."""
LATER: Final = 1.25
"""The median recovery of the same lives: this much longer is no chance."""
RECOVERIES_MIN: Final = 30
"""Ours: the medians of fewer differ by chance."""
WORSE_BY: Final[Mapping[str, float]] = {RECOVERY: 3, DOWN: 30, ON_DEMAND: 60, ERRORS: 1}
"""Of one life: what its owner notices. Of recoveries the mean, in seconds, of as many."""
SIGNS: Final = 3.3
"""Standard deviations by which the lives that are worse may outnumber those that are better by
chance: one comparison in two thousand goes beyond (sign test). Ten lives that are worse, and none
better, do not."""
CALLS: Final = "Azure calls"


class Figures(Protocol):
    """What was counted in one life."""

    @property
    def writes(self) -> Mapping[str, int]:
        """Writes to Azure by operation."""

    @property
    def counts(self) -> Mapping[str, int]:
        """Whatever else happened, by name."""

    @property
    def recovery_s(self) -> Sequence[float]:
        """How long the node was down by each eviction."""


def wasted(before: Sequence[Figures], after: Sequence[Figures]) -> str:
    """Say what the same lives, in the same order, take more of than before; empty: nothing.

    In sum only where they are enough; life by life where most of those that differ are worse.
    """
    return (_more(before, after) if len(after) >= LIVES_MIN else "") or _worse(before, after)


def _more(before: Sequence[Figures], after: Sequence[Figures]) -> str:
    sound, with_it = (_writes(each) for each in (before, after))
    if sound and with_it.total() > sound.total() * WRITES_MORE:
        return f"{with_it.total() / sound.total() - 1:.0%} more writes to Azure"
    for name, count in with_it.most_common():
        least = sound[name] + ONE_WRITE_LEAST
        if count >= max(least, sound[name] * ONE_WRITE_MORE):
            return f"{count} in place of {sound[name]} of {name}"
    calls, more = (sum(one.counts.get(CALLS, 0) for one in each) for each in (before, after))
    if more > calls * CALLS_MORE:
        return f"{more / calls - 1:.0%} more calls to Azure"
    return _later(before, after)


def _writes(lives: Sequence[Figures]) -> Counter[str]:
    total = Counter[str]()
    for one in lives:
        total.update(one.writes)
    return total


def _later(before: Sequence[Figures], after: Sequence[Figures]) -> str:
    downs = [[one for life in each for one in life.recovery_s] for each in (before, after)]
    if min(len(one) for one in downs) < RECOVERIES_MIN:
        return ""
    usual, later = (median(one) for one in downs)
    return f"{later:.0f} s down in place of {usual:.0f} s" if later > usual * LATER else ""


def _worse(before: Sequence[Figures], after: Sequence[Figures]) -> str:
    for name, least in WORSE_BY.items():
        pairs = zip(before, after, strict=True)
        more = [_more_of(name, one, other) for one, other in pairs]
        worse, better = sum(one >= least for one in more), sum(one <= -least for one in more)
        if worse - better > SIGNS * sqrt(worse + better):
            return f"{name}: {worse} lives are worse, {better} better"
    return ""


def _more_of(name: str, before: Figures, after: Figures) -> float:
    if name != RECOVERY:
        return after.counts.get(name, 0) - before.counts.get(name, 0)
    downs = before.recovery_s, after.recovery_s
    is_told = bool(downs[0]) and len(downs[0]) == len(downs[1])
    return mean(downs[1]) - mean(downs[0]) if is_told else 0.0
