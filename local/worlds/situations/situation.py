"""A situation: rules in words, and the moments at which something happens."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random

from local.clock import Clock
from local.worlds.situations.weather import CALM, Act, KillHost, Powers

MINUTE_S = 60.0
HOUR_S = 3_600.0


@dataclass(frozen=True)
class Moment:
    """Acts that happen together, some time after the moment before."""

    after_s: float
    acts: tuple[Act, ...]


@dataclass(frozen=True)
class Situation:
    """A kind of world. The same seed gives the same moments."""

    name: str
    title: str
    """What it is, in a few words."""
    rules: str
    """What happens in it, for whoever starts it: at most a screen."""
    moments: Callable[[Random], Iterable[Moment]]
    """Draws what happens: the first moment is the beginning, the last may never come."""

    def schedule(self, seed: int) -> Iterator[Moment]:
        """Return the moments that a seed draws."""
        return iter(self.moments(Random(f"{seed}/{self.name}")))  # noqa: S311 - weather


async def play(situation: Situation, seed: int, powers: Powers, clock: Clock) -> None:
    """Let a situation happen on the clock, until it is cancelled or has no more moments."""
    for moment in situation.schedule(seed):
        if moment.after_s:
            await clock.sleep(moment.after_s)
        for act in moment.acts:
            await _do(act, powers)


async def calm(powers: Powers) -> None:
    """End all trouble that any situation makes; its player must be cancelled before."""
    for act in CALM:
        await _do(act, powers)


async def _do(act: Act, powers: Powers) -> None:
    if isinstance(act, KillHost):
        await powers.kill_host()
    else:
        await powers.order(act)
