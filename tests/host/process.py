"""The host as a process of its own, reached over its socket."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.host.support import APPS

ROOT = Path(__file__).parents[2]
READY = "host ready on "


@dataclass
class Process:
    """A host that said it is ready at `url`."""

    url: str
    child: asyncio.subprocess.Process

    async def end(self, signal_number: int) -> int:
        """Send a signal and return the exit code."""
        self.child.send_signal(signal_number)
        return await self.child.wait()


async def launch(
    app: str, db: Path, *arguments: str, **environment: str
) -> asyncio.subprocess.Process:
    command = ["-m", "local.host", "--app", str(APPS / app), "--db", str(db), *arguments]
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "default", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@asynccontextmanager
async def serving(
    app: str, db: Path, *arguments: str, **environment: str
) -> AsyncIterator[Process]:
    child = await launch(app, db, "--port", "0", *arguments, **environment)
    assert child.stdout is not None
    assert child.stderr is not None
    drain = asyncio.create_task(child.stderr.read())
    line = (await child.stdout.readline()).decode().strip()
    try:
        assert line.startswith(READY), (line, await drain)
        yield Process(line.removeprefix(READY), child)
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()
        await drain
        await child.stdout.read()
