"""One life of the host process, from its start to the kill -9."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final, TypeVar

from local.clock import Clock
from local.host.durable import session
from local.host.durable.database import Memory
from local.host.host import Host
from local.host.index import App
from local.host.options import Options, Witness
from local.host.wire import Request, Response
from local.worlds.loop import Task, in_order, owned_by
from local.worlds.process import process_of

T = TypeVar("T")

BURIALS_MAX: Final = 100
"""Rounds in which the tasks of a dead host may end: a task that is cancelled so often and still
runs would run for ever."""


class HostDownError(ConnectionError):
    """Nobody answers: the host is dead, or died over this request, or took too long."""


@dataclass(frozen=True)
class Ground:
    """What outlives a host process, and what each one is started with."""

    directory: Path
    environment: Mapping[str, str]
    clock: Clock
    history: Memory
    witness: Witness
    lull: Callable[[], float] | None
    seed: str
    host: Mapping[str, Any]
    """Further switches of the host (`local.host.options.Options`)."""


class Boot:
    """A host process: what it starts carries its mark, and dies with it."""

    def __init__(self, ground: Ground, number: int) -> None:
        self.number = number
        self.dead = False
        self._ground = ground
        self._host: Host | None = None
        self._composition: Any = None

    async def start(self) -> None:
        """Compose the app and start the host over whatever the last one left.

        Returns as well if the host is killed meanwhile.
        """
        with suppress(HostDownError):
            await self._inside(self._start())

    async def enter(self, request: Request, patience_s: float | None = None) -> Response:
        """Hand a request to the host from outside.

        Raises HostDownError if it is dead, dies over it, or does not answer within `patience_s`;
        in the last case it goes on with the request all the same.
        """
        if self.dead or self._host is None:
            raise HostDownError("connection refused")
        return await self._inside(self._host.handle(request), patience_s)

    def rouse(self) -> None:
        """Have timers run in time again."""
        if self._host is not None:
            # What it sets going is the host's, and dies with it.
            owned_by(self).run(self._host.rouse)

    def kill(self) -> None:
        """End at once: nothing more is committed, sent or heard."""
        if self.dead:
            return
        self.dead = True
        if self._host is not None:
            self._host.crash()
        session.install(session.LoopSession(_refuse))
        for task in self._tasks():
            task.cancel()

    async def bury(self) -> None:
        """Wait until nothing of a killed host runs any more."""
        for _ in range(BURIALS_MAX):
            left = [task for task in self._tasks() if task is not asyncio.current_task()]
            if not left:
                break
            for task in left:
                task.cancel()
            await asyncio.wait(left)
        else:
            raise RuntimeError(f"tasks of host {self.number} outlive it: {self._tasks()}")
        if self._composition is not None:
            await self._composition.close()
        await session.uninstall()

    async def _start(self) -> None:
        ground = self._ground
        process = process_of(ground.directory, ground.environment)
        process.renew()
        self._composition = process.module.compose(ground.environment)
        app = App.of(self._composition.app, ground.directory)
        dice = Random(f"{ground.seed}/host/{self.number}")  # noqa: S311 - repeatable ids
        switches = {"inline": True, "rng": dice, "witness": ground.witness, "lull": ground.lull}
        options = Options(**{**switches, **ground.host})
        self._host = Host(app, ground.clock, ground.history, options)
        await self._host.start()

    def _tasks(self) -> list[asyncio.Task[Any]]:
        every = asyncio.all_tasks()
        return in_order(task for task in every if isinstance(task, Task) and task.owner is self)

    async def _inside(self, work: Coroutine[Any, Any, T], patience_s: float | None = None) -> T:
        """Run a coroutine as a task of this process."""
        task = asyncio.get_running_loop().create_task(work, context=owned_by(self))
        try:
            if patience_s is not None:
                await asyncio.wait({task}, timeout=patience_s)
                if not task.done():
                    raise HostDownError(f"no answer in {patience_s:g} s")
            return await task
        except asyncio.CancelledError:
            mine = asyncio.current_task()
            if self.dead and not (mine and mine.cancelling()):
                raise HostDownError("connection reset by peer") from None
            raise


async def _refuse(_request: Request) -> Response:
    raise asyncio.CancelledError("the host was killed")
