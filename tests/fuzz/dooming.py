"""What stands against an import is laid, sprung at its moment, and taken away when it is over."""

import asyncio
from contextlib import suppress
from datetime import datetime
from fnmatch import fnmatchcase

from local.arm import faults
from local.arm.chronicle import SERVICE, Asked, Happening
from local.arm.faults import ConnectionLostError
from local.worlds.inprocess import InProcess
from local.worlds.loop import owned_by
from tests.fuzz.ambush import DOWN_S
from tests.fuzz.doomed import SLOW, Doom
from tests.fuzz.imported import VM
from tests.fuzz.steps import AMPLE_QUOTA

NO_QUOTA = [{**one, "limit": 0} for one in AMPLE_QUOTA]


class Dooming:
    """One doom in one world."""

    def __init__(self, world: InProcess, doom: Doom) -> None:
        self._world, self._doom = world, doom
        self._sprung = not doom.at[0]
        self.sprung_at: datetime | None = None
        """When its moment came."""
        self._deed: asyncio.Task[None] | None = None

    async def lay(self) -> None:
        """Let it stand against whatever is asked from now on."""
        for fault in self._doom.faults:
            faults.add(self._world.arm, fault)
        if self._doom.no_quota:
            await self._world.azure.ask("PUT", "/_world/quota", {"limits": NO_QUOTA})
        if self._doom.slow:
            await self._pace({self._doom.slow: SLOW})
        self._world.arm.chronicle.listeners.append(self._hear)

    async def lift(self) -> None:
        """Take it away: what comes next has nothing to do with it."""
        self._sprung = True
        if self._deed:
            await self._deed
        await self._world.azure.ask("DELETE", "/_world/faults")
        if self._doom.no_quota:
            await self._world.azure.ask("PUT", "/_world/quota", {"limits": AMPLE_QUOTA})
        if self._doom.slow:
            await self._pace({})

    async def _pace(self, factors: dict[str, float]) -> None:
        await self._world.azure.ask("PATCH", "/_world/settings", {"latency_of": factors})

    def _hear(self, happening: Happening) -> None:
        if self._sprung or not isinstance(happening, Asked) or happening.caller != SERVICE:
            return
        operation, resource = self._doom.at
        if not _fits(happening.operation, operation) or not _fits(happening.resource, resource):
            return
        self._sprung, self.sprung_at = True, happening.at
        for fault in self._doom.then:
            faults.add(self._world.arm, fault)
        if self._doom.person:
            # The world does it: a task of the host's would die with that.
            doing, loop = self._act(), asyncio.get_running_loop()
            self._deed = loop.create_task(doing, context=owned_by(None))
        if self._doom.kills:
            self._world.kill(DOWN_S)

    async def _act(self) -> None:
        deletes = self._doom.person == "delete"
        method, path = ("DELETE", VM) if deletes else ("POST", f"{VM}/{self._doom.person}")
        with suppress(ValueError, ConnectionLostError):
            await self._world.azure.ask(method, path)


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(name.lower(), pattern.lower())
