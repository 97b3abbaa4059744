"""Make a bad life as short as it can be and still go wrong in the same way."""

from collections.abc import Callable

from tests.fuzz.life import Life
from tests.fuzz.outcome import Outcome
from tests.fuzz.play import play

TRIES_MAX = 80


def shrink(outcome: Outcome, play_it: Callable[[Life], Outcome] = play) -> Outcome:
    """Return the outcome of the shortest life found: halves are left out first, then single steps.

    "The same way" is the same invariant broken first. Bounded: at most `TRIES_MAX` lives.
    """
    best, tries = outcome, 0
    size = max(1, len(best.life.steps) // 2)
    while tries < TRIES_MAX:
        shorter, at = None, 0
        while at < len(best.life.steps) and tries < TRIES_MAX and shorter is None:
            left = best.life.steps[:at] + best.life.steps[at + size :]
            tries += 1
            tried = play_it(best.life.with_steps(left))
            shorter = tried if tried.ill == outcome.ill else None
            at += size
        if shorter is not None:
            best = shorter
        elif size == 1:
            break
        else:
            size //= 2
    return best
