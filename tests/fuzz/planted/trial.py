"""Try mutants: is each caught by a life that is sound without it?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from local.clock import seconds_between, wall_clock
from tests.fuzz.planted.child import Lived, Order
from tests.fuzz.planted.explained import reason
from tests.fuzz.planted.mutants import Mutant, planted
from tests.fuzz.planted.reference import Reference
from tests.fuzz.planted.workers import Job, done

NEVER_RUN: Final = "never run"
ALIKE: Final = "no change of behaviour seen"
SURVIVED: Final = "survived"
CAUGHT: Final = "caught"
EFFORT: Final = "E"
"""Caught by its figures: nothing is broken, but it takes more writes than it should."""
EFFORT_LIVES: Final = 40
EFFORT_MORE: Final = 1.03
"""The same lives take the same writes: this much more in sum is no chance."""
UNTRIED: Final = "not tried"
HARMLESS_LIVES: Final = 40
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
            return f"caught by {self.last.ill} at seed {self.last.seed} after {self.took_s:.1f} s"
        if self.outcome == SURVIVED and self.last:
            return f"survived {self.lives} lives; changes seed {self.last.seed}"
        return f"{self.outcome} ({self.lives} lives)"


def trials(
    found: Iterable[Mutant], against: Reference, workers: int, minutes: float
) -> Iterator[Trial]:
    """Try each; yield it when it is over. Past the minutes, the rest is not tried."""
    clock = wall_clock()
    began, started, late = clock.now(), dict[str, datetime](), list[Trial]()

    def jobs() -> Iterator[Job[Mutant]]:
        for mutant in found:
            seeds = against.seeds_for(mutant)
            if reason(mutant.id).harmless:
                seeds = seeds[:HARMLESS_LIVES]
            if seconds_between(began, clock.now()) > minutes * 60:
                late.append(Trial(mutant, UNTRIED))
            elif not seeds:
                late.append(Trial(mutant, NEVER_RUN))
            else:
                started[mutant.id] = clock.now()
                yield Job(mutant, Order(planted(mutant), seeds))

    for job in done(jobs(), workers):
        took_s = seconds_between(started[job.about.id], clock.now())
        yield weighed(job, against, took_s)
    yield from late


def weighed(job: Job[Mutant], against: Reference, took_s: float) -> Trial:
    """Say what the lives of a mutant show."""
    mutant, lived = job.about, job.lived
    count = len(lived)
    if lived and lived[-1].ill:
        return Trial(mutant, CAUGHT, count, took_s, lived[-1])
    changed = [one for one in lived if one.digest != against.lives[one.seed].digest]
    if changed and (more := _more_writes(lived, against)) > EFFORT_MORE:
        said = f"{more - 1:.0%} more writes to Azure in {count} lives"
        wasteful = replace(lived[-1], ill=EFFORT, sentence=said)
        return Trial(mutant, CAUGHT, count, took_s, wasteful)
    if changed:
        return Trial(mutant, SURVIVED, count, took_s, changed[0])
    return Trial(mutant, ALIKE, count, took_s)


def _more_writes(lived: list[Lived], against: Reference) -> float:
    """Return how many times the writes of the sound product it took; 1 if too few lives tell."""
    sound = sum(against.lives[one.seed].writes for one in lived)
    if len(lived) < EFFORT_LIVES or not sound:
        return 1.0
    return sum(one.writes for one in lived) / sound
