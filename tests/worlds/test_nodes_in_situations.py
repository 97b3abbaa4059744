"""The whole product under each situation, on virtual time: nothing is lost, and all comes back."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from local.worlds.inprocess import NODES, InProcess
from local.worlds.invariants import Breach, Promise, Watch
from local.worlds.loop import in_virtual_time
from local.worlds.situations import SITUATIONS, OverHttp, Situation, calm, play
from tests.fuzz.records import records
from tests.worlds.stack import document

HOURS = 3.0
RECKON_S = 300.0
BOUND_S = 3_600.0
"""Virtual seconds in which the node is back once the trouble is over."""
ZONED = {"compute__zones": ["1", "2", "3"], "compute__preferredZone": "1"}

pytestmark = pytest.mark.slow


class Guarded:
    """A world with one node in it, and the watch over both."""

    def __init__(self, world: InProcess, node: dict[str, Any]) -> None:
        self.world = world
        self.node = node
        self.watch = Watch()
        self.powers = OverHttp(world.azure.ask, self._kill)
        world.arm.chronicle.listeners.append(self.watch.hear)

    async def create(self) -> None:
        answer = await self.world.api("POST", NODES, {"statefulNode": self.node})
        self.watch.promise(answer.items[0]["id"], Promise.of(self.node))

    async def live(self, situation: Situation, hours: float) -> None:
        """Let the situation go on for so long, then end all trouble."""
        playing = asyncio.create_task(play(situation, 1, self.powers, self.world.clock))
        for _ in range(int(hours * 3_600 / RECKON_S)):
            await self.world.sleep(RECKON_S)
            self.left()
        playing.cancel()
        with suppress(asyncio.CancelledError):
            await playing
        await calm(self.powers)

    def left(self) -> list[Breach]:
        """Judge the records; return what is not yet as it must be in fair weather."""
        now, told = self.world.clock.now(), records(self.world.tables.rows())
        self.watch.reckon(now, told)
        return self.watch.converged(now, told)

    async def _kill(self) -> None:
        self.world.kill()
        await self.world.restart()


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_node_keeps_everything_and_comes_back(name: str) -> None:
    async def life() -> list[str]:
        async with InProcess(seed=1) as world:
            guarded = Guarded(world, document(**ZONED))
            await guarded.create()
            await guarded.live(SITUATIONS[name], HOURS)
            await world.run_until(lambda: not guarded.left(), within_s=BOUND_S)
            await world.sleep(2 * RECKON_S + 60)
            guarded.left()
            assert not world.arm.calls.unknown
            return [str(breach) for breach in guarded.watch.breaches]

    assert in_virtual_time(life()) == []
