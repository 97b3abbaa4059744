"""Try mutants: is each caught by a life that is sound without it?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from local.clock import seconds_between, wall_clock
from tests.fuzz.effort import wasted
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
UNTRIED: Final = "not tried"
HARMLESS_LIVES: Final = 3
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
            seeds, before = seeds_of(mutant, against, effort, kept), kept.lived.get(mutant.id, [])
            left = _without(seeds, before)
            late = seconds_between(began, clock.now())
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


def seeds_of(mutant: Mutant, against: Reference, effort: Effort, kept: Kept) -> tuple[int, ...]:
    """Return the lives that a mutant is tried with, in order."""
    most = HARMLESS_LIVES if reason(mutant.id).harmless else effort.lives
    first = kept.caught.get(mutant.id)
    return tuple(sorted(against.seeds_for(mutant), key=lambda seed: seed != first)[:most])


def _without(seeds: Iterable[int], lived: Iterable[Lived]) -> tuple[int, ...]:
    over = {one.seed for one in lived}
    return tuple(seed for seed in seeds if seed not in over)


def weighed(
    mutant: Mutant, lived: Sequence[Lived], against: Reference, took_s: float = 0.0
) -> Trial:
    """Say what the lives of a mutant show."""
    count = len(lived)
    if lived and lived[-1].ill:
        return Trial(mutant, CAUGHT, count, took_s, lived[-1])
    changed = [one for one in lived if one.digest != against.lives[one.seed].digest]
    sound = [against.lives[one.seed] for one in lived]
    if changed and (said := wasted(sound, lived)):
        wasteful = replace(lived[-1], ill=EFFORT, sentence=f"{said} in {count} lives")
        return Trial(mutant, CAUGHT, count, took_s, wasteful)
    if changed:
        return Trial(mutant, SURVIVED, count, took_s, changed[0])
    return Trial(mutant, ALIKE, count, took_s)
