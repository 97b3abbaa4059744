"""Try mutants: is each caught by a life that is sound without it?"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median
from typing import Final

from local.clock import seconds_between, wall_clock
from tests.fuzz.planted.child import Lived, Order
from tests.fuzz.planted.explained import reason
from tests.fuzz.planted.kept import Kept
from tests.fuzz.planted.mutants import Mutant, planted
from tests.fuzz.planted.reference import Reference
from tests.fuzz.planted.workers import Job, done

NEVER_RUN: Final = "never run"
ALIKE: Final = "no change of behaviour seen"
SURVIVED: Final = "survived"
CAUGHT: Final = "caught"
EFFORT: Final = "E"
"""Caught by its figures: nothing is broken, but it takes more, or longer, than it should."""
EFFORT_LIVES: Final = 40
EFFORT_MORE: Final = 1.03
"""The same lives take the same writes: this much more in sum is no chance."""
EFFORT_MORE_OF_ONE: Final = 1.2
"""Of one operation, where it is at least `EFFORT_LEAST` more."""
EFFORT_LEAST: Final = 15
CALLS_MORE: Final = 1.25
"""Of all calls, most of which look how far an operation is."""
LATER: Final = 1.25
"""The median recovery of the same lives: this much longer is no chance."""
RECOVERIES_MIN: Final = 30
"""Ours: the medians of fewer differ by chance."""
UNTRIED: Final = "not tried"
HARMLESS_LIVES: Final = 8
"""Lives for a mutant of which it is explained why it breaks no promise: enough to see that it does
change something, and that no invariant cries wolf over it."""


@dataclass(frozen=True)
class Trial:
    """What came of one mutant."""

    mutant: Mutant
    outcome: str
    lives: int = 0
    """How many were played."""
    took_s: float = 0.0
    last: Lived | None = None
    """The life that caught it; or the first that went otherwise than without it."""

    @property
    def changed(self) -> bool:
        """Whether behaviour was seen to change."""
        return self.outcome in (CAUGHT, SURVIVED)

    def told(self) -> str:
        """Tell it in a line."""
        if self.outcome == CAUGHT and self.last and self.last.ill == EFFORT:
            return f"caught by E: {self.last.sentence}"
        if self.outcome == CAUGHT and self.last:
            took = f" after {self.took_s:.1f} s" if self.took_s else ""
            return f"caught by {self.last.ill} at seed {self.last.seed}{took}"
        if self.outcome == SURVIVED and self.last:
            return f"survived {self.lives} lives; changes seed {self.last.seed}"
        return f"{self.outcome} ({self.lives} lives)"


@dataclass(frozen=True)
class Effort:
    """How much is done for it."""

    workers: int
    minutes: float
    """Past these, mutants of which nothing is known yet are not tried any more."""
    lives: int
    """At most for each mutant, of those that come by its place."""


def trials(found: Iterable[Mutant], against: Reference, effort: Effort) -> Iterator[Trial]:
    """Try each; yield it when it is over.

    Lives that an earlier run has played are not played again.
    """
    clock = wall_clock()
    began, started = clock.now(), dict[str, datetime]()
    over: list[Trial] = []
    kept = Kept.beside(against.path)

    def jobs() -> Iterator[Job[Mutant]]:
        for mutant in found:
            seeds, before = _seeds(mutant, against, effort), kept.lived.get(mutant.id, [])
            left, late = seeds[len(before) :], seconds_between(began, clock.now())
            if not seeds:
                over.append(Trial(mutant, NEVER_RUN))
            elif not left or (before and before[-1].ill):
                over.append(weighed(mutant, before, against))
            elif late > effort.minutes * 60:
                over.append(weighed(mutant, before, against) if before else Trial(mutant, UNTRIED))
            else:
                started[mutant.id] = clock.now()
                yield Job(mutant, Order(planted(mutant), left))

    for job in done(jobs(), effort.workers):
        mutant = job.about
        kept.add(mutant.id, job.lived)
        lived = [*kept.lived.get(mutant.id, []), *job.lived]
        took_s = seconds_between(started[mutant.id], clock.now())
        yield weighed(mutant, lived, against, took_s)
    yield from over


def _seeds(mutant: Mutant, against: Reference, effort: Effort) -> tuple[int, ...]:
    most = HARMLESS_LIVES if reason(mutant.id).harmless else effort.lives
    return against.seeds_for(mutant)[:most]


def weighed(
    mutant: Mutant, lived: Sequence[Lived], against: Reference, took_s: float = 0.0
) -> Trial:
    """Say what the lives of a mutant show."""
    count = len(lived)
    if lived and lived[-1].ill:
        return Trial(mutant, CAUGHT, count, took_s, lived[-1])
    changed = [one for one in lived if one.digest != against.lives[one.seed].digest]
    if changed and (said := wasted(lived, against)):
        wasteful = replace(lived[-1], ill=EFFORT, sentence=f"{said} in {count} lives")
        return Trial(mutant, CAUGHT, count, took_s, wasteful)
    if changed:
        return Trial(mutant, SURVIVED, count, took_s, changed[0])
    return Trial(mutant, ALIKE, count, took_s)


def wasted(lived: Sequence[Lived], against: Reference) -> str:
    """Say what the lives take more of than without a mutant; empty: nothing, or too few tell."""
    if len(lived) < EFFORT_LIVES:
        return ""
    sound, with_it = Counter[str](), Counter[str]()
    for one in lived:
        sound.update(against.lives[one.seed].writes)
        with_it.update(one.writes)
    if sound and with_it.total() > sound.total() * EFFORT_MORE:
        return f"{with_it.total() / sound.total() - 1:.0%} more writes to Azure"
    for name, count in with_it.most_common():
        least = sound[name] + EFFORT_LEAST
        if count >= max(least, sound[name] * EFFORT_MORE_OF_ONE):
            return f"{count} in place of {sound[name]} of {name}"
    return _slower([against.lives[one.seed] for one in lived], lived)


def _slower(sound: Sequence[Lived], with_it: Sequence[Lived]) -> str:
    """Say whether the same lives take many more calls, or their nodes are down for longer."""
    calls, more = (sum(one.calls for one in each) for each in (sound, with_it))
    if more > calls * CALLS_MORE:
        return f"{more / calls - 1:.0%} more calls to Azure"
    downs = [[one for life in each for one in life.recovery_s] for each in (sound, with_it)]
    if min(len(one) for one in downs) < RECOVERIES_MIN:
        return ""
    usual, later = (median(one) for one in downs)
    return f"{later:.0f} s down in place of {usual:.0f} s" if later > usual * LATER else ""
