"""Processes of this machine, told by id and command line: an id alone may be somebody else's."""

import json
import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from local.clock import wall_clock

LOOK_S = 0.05
"""Wall seconds between two looks at a process that is ending."""


@dataclass(frozen=True)
class Running:
    """A process that we started, as written down in pids.json."""

    name: str
    pid: int
    command: str
    farewell: int = signal.SIGTERM
    """Signal that ends it in good order."""

    def lives(self) -> bool:
        """Tell whether this very process still runs."""
        return bool(self.command) and command_of(self.pid) == self.command

    def send(self, number: int) -> None:
        """Send a signal, unless the process is gone."""
        if self.lives():
            os.kill(self.pid, number)


def command_of(pid: int) -> str:
    """Return the command line of a process; empty if there is none of that id."""
    proc = Path("/proc")
    if not (proc / "self").exists():  # macOS
        told = subprocess.run(  # noqa: S603 - fixed words and a number
            ["/bin/ps", "-p", str(pid), "-o", "args="], capture_output=True, text=True, check=False
        )
        return told.stdout.strip()
    try:
        raw = (proc / str(pid) / "cmdline").read_bytes()
    except OSError:
        return ""
    return raw.decode(errors="replace").replace("\0", " ").strip()


def write_down(path: Path, running: Sequence[Running]) -> None:
    """Keep who runs, so that the next start can find what this one left behind."""
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps([asdict(process) for process in running], indent=2) + "\n")
    draft.replace(path)


def read_back(path: Path) -> list[Running]:
    """Return the processes of an earlier start that still run."""
    try:
        kept = json.loads(path.read_text())
        return [one for one in (Running(**entry) for entry in kept) if one.lives()]
    except (OSError, ValueError, TypeError):
        return []


async def end(process: Running, patience_s: float) -> None:
    """End a process in good order; after `patience_s` without mercy."""
    clock = wall_clock()
    process.send(process.farewell)
    waited_s = 0.0
    while process.lives() and waited_s < patience_s:
        await clock.sleep(LOOK_S)
        waited_s += LOOK_S
    process.send(signal.SIGKILL)
