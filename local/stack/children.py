"""The child processes of the stack: started in order, watched, ended in the opposite order."""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.stack.processes import Running, command_of, end, write_down

PATIENCE_S = 15.0
"""Wall seconds that a child has to end: Azurite saves its state, the host lets functions finish."""
TAIL_LINES = 15


@dataclass(frozen=True)
class Spec:
    """One child to start."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    """On top of our own."""
    farewell: signal.Signals = signal.SIGTERM


class Children:
    """The children of one start. Each has a session of its own: Ctrl-C reaches them through us."""

    def __init__(self, pids: Path, logs: Path) -> None:
        self._pids = pids
        self._logs = logs
        self._running: list[tuple[Running, Process]] = []
        self._watchers: dict[str, asyncio.Task[None]] = {}
        self._deaths: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
        self._write_down()

    async def start(self, spec: Spec) -> None:
        """Start a child; its output goes to its log."""
        with self.log_of(spec.name).open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *spec.command,
                env={**os.environ, **spec.environment},
                stdin=DEVNULL,
                stdout=log,
                stderr=STDOUT,
                start_new_session=True,
            )
        running = Running(spec.name, process.pid, " ".join(spec.command), spec.farewell)
        self._running.append((running, process))
        self._watchers[spec.name] = asyncio.create_task(self._watch(spec.name, process))
        self._write_down()

    async def kill(self, name: str) -> None:
        """Kill a child without a word; nobody is told that it ended."""
        running, process = next(one for one in self._running if one[0].name == name)
        self._watchers.pop(name).cancel()
        process.kill()
        await process.wait()
        self._running.remove((running, process))
        self._write_down()

    async def first_death(self) -> tuple[str, int]:
        """Wait until a child ends of itself; return its name and exit status."""
        return await self._deaths.get()

    async def _watch(self, name: str, process: Process) -> None:
        self._deaths.put_nowait((name, await process.wait()))

    async def stop(self) -> None:
        """End all children, the last one started first, and wait for each."""
        for watcher in self._watchers.values():
            watcher.cancel()
        while self._running:
            running, process = self._running[-1]
            await _end(running, process)
            self._running.pop()
            self._write_down()
        self._pids.unlink(missing_ok=True)

    def log_of(self, name: str) -> Path:
        """Return the path of a child's log."""
        return self._logs / f"{name}.log"

    def tail_of(self, name: str) -> str:
        """Return the last lines of a child's log."""
        try:
            lines = self.log_of(name).read_text(errors="replace").splitlines()
        except OSError:
            return ""
        return "\n".join(lines[-TAIL_LINES:])

    def _write_down(self) -> None:
        ourselves = Running("stack", os.getpid(), command_of(os.getpid()))
        write_down(self._pids, [ourselves, *(running for running, _ in self._running)])


async def _end(running: Running, process: Process) -> None:
    """As `processes.end`, for a child of ours: waited for, so that no zombie stays."""
    if process.returncode is None:
        process.send_signal(running.farewell)
    try:
        await asyncio.wait_for(process.wait(), PATIENCE_S)
    except TimeoutError:
        process.kill()
        await process.wait()


async def end_leftovers(found: Sequence[Running]) -> None:
    """End what a start that was killed left behind, in the opposite order of their start."""
    for process in reversed(found):
        await end(process, PATIENCE_S)
