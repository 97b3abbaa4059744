"""Composition: reads the environment, builds what functions use, registers blueprints. No more.

Azure finds `app` here. Whoever needs an app of another environment, or a second one in a process,
calls `compose`.
"""

import asyncio
import os
from collections.abc import Mapping
from contextlib import AsyncExitStack

import azure.durable_functions as df
import azure.functions as func

from activities.ports import Ports
from services.clocks import clock_named
from shared.clock import Clock
from shared.contracts.market import Decide
from shared.settings import Settings, read_settings
from triggers.api import ApiServices, api
from triggers.building import Built, build
from triggers.events import events
from triggers.heard import Hearing
from triggers.timers import timers
from triggers.workflows import workflows


class Composition:
    """Builds on first use: clients belong to the running loop."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = asyncio.Lock()
        self._built: Built | None = None
        self._opened = AsyncExitStack()
        self.app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
        heard, called = events(self.hearing), api(self.api)
        ran = workflows(self._ports, self._decide)
        for blueprint in (ran, heard, timers(self.hearing), called):
            self.app.register_functions(blueprint)

    async def get(self) -> Built:
        """Return what is built, building it once. A try that failed leaves nothing open."""
        async with self._lock:
            if self._built is None:
                async with AsyncExitStack() as opened:
                    self._built = await build(self._settings, self._clock, opened)
                    self._opened = opened.pop_all()
        return self._built

    async def api(self) -> ApiServices:
        """Return what the API works with."""
        return (await self.get()).api

    async def hearing(self) -> Hearing:
        """Return what events and timers work with."""
        return (await self.get()).hearing

    async def close(self) -> None:
        """Let go of what was built: Azure ends the process, others go on without this app."""
        await self._opened.aclose()

    async def _ports(self) -> Ports:
        return (await self.get()).ports

    async def _decide(self, request: Decide) -> object:
        built = await self.get()
        return await built.decide(request, built.ports)


def compose(environment: Mapping[str, str]) -> Composition:
    """Make the app that an environment describes. Raises BadSetting, naming the variable."""
    settings = read_settings(environment)
    return Composition(settings, clock_named(settings.clock))


app = compose(os.environ).app
