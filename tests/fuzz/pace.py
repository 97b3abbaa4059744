"""Time passes in a life, and whatever happens is judged meanwhile."""

from collections.abc import Awaitable, Callable
from typing import Final

from local.worlds.inprocess import InProcess
from local.worlds.invariants import Breach, NodeView, Records, Watch
from tests.fuzz.records import records

RECKON_EVERY_S: Final = 120.0
"""How often the product's own records are judged."""


class Pace:
    """Lets time pass in one world, judged by one watch."""

    def __init__(self, world: InProcess, watch: Watch) -> None:
        self.world = world
        self.watch = watch
        self.before: list[Callable[[], None]] = []
        """Called before the records are judged: who looks at them too."""
        self._told: tuple[int, Records] = (-1, Records())

    async def passes(self, seconds: float) -> None:
        """Let time pass; judge the records now and then."""
        left = seconds
        while left > 0:
            await self.world.sleep(min(left, RECKON_EVERY_S))
            left -= RECKON_EVERY_S
            self.reckon()

    def reckon(self) -> None:
        """Judge the records as they are now."""
        for look in self.before:
            look()
        self.watch.reckon(self.world.clock.now(), self.records())

    def records(self) -> Records:
        """Return what the product's rows say now; they are read once for all that is asked now."""
        entries = len(self.world.log.entries)
        if self._told[0] != entries:
            self._told = entries, records(self.world.tables.rows())
        return self._told[1]

    async def until(self, wanted: Callable[[], bool | Awaitable[bool]], within_s: float) -> bool:
        """Let time pass until something is so, judging all the while; tell whether it was."""

        async def so() -> bool:
            self.reckon()
            answer = wanted()
            return answer if isinstance(answer, bool) else await answer

        try:
            await self.world.run_until(so, within_s, RECKON_EVERY_S)
        except TimeoutError:
            return False
        return True

    def view(self, node_id: str) -> NodeView | None:
        """Return what the product's rows say of a node; None: it is not there."""
        return self.records().nodes.get(node_id)

    def converged(self) -> list[Breach]:
        """Return what is not as it must be once faults have stopped for long enough."""
        return self.watch.converged(self.world.clock.now(), self.records())

    def blame(self, invariant: str, sentence: str) -> None:
        """Note a breach that was found at this moment."""
        self.watch.breaches.append(Breach(invariant, self.world.clock.now(), sentence))
