"""The situation that `make run WORLD=name` puts the stack in."""

import asyncio
from contextlib import suppress
from typing import Final

from local.stack import commands
from local.stack.children import Children
from local.stack.commands import Plan
from local.stack.http import Web
from local.stack.trouble import Trouble
from local.worlds.situations import OverHttp, play

HOST_PATIENCE_S: Final = 60.0
"""Wall seconds that a host has to answer after it was killed and started again."""


class Weather:
    """Plays the situation of a start, if it has one, while the stack lives."""

    def __init__(self, plan: Plan, children: Children, arm: Web) -> None:
        self._plan = plan
        self._children = children
        self._arm = arm
        self._playing: asyncio.Task[None] | None = None
        self._door = asyncio.Lock()
        """Held while there is no host."""

    def begin(self) -> None:
        """Let the situation happen from now on; nothing if it does already, or there is none."""
        situation = self._plan.options.world
        if situation is None or self._playing:
            return
        powers = OverHttp(self._arm.want, self._kill_host)
        playing = play(situation, self._plan.options.seed, powers, self._plan.clock)
        self._playing = asyncio.create_task(playing, name=f"world-{situation.name}")

    async def end(self) -> None:
        """Let nothing happen any more; a host that was just killed is started first."""
        async with self._door:
            if self._playing:
                self._playing.cancel()
        if self._playing:
            with suppress(asyncio.CancelledError, Trouble):
                await self._playing

    async def go_on(self) -> None:
        """Stay for as long as the stack does; raise Trouble if the situation cannot go on."""
        if self._playing:
            await self._playing
        await asyncio.Event().wait()

    async def _kill_host(self) -> None:
        async with self._door:
            await self._children.kill("host")
            await self._children.start(commands.host(self._plan))
            await Web(self._arm.session, self._plan.url).until_up("/", HOST_PATIENCE_S)
