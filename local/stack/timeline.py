"""The story as it is printed: one line for each thing that happens, in simulated time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from local.clock import seconds_between
from local.stack.verdict import Line

COLOURS = {
    "stack": "bold",
    "status": "bold cyan",
    "log": "green",
    "azure": "yellow",
    "event": "magenta",
    "vm": "red",
}


@dataclass(frozen=True)
class Happening:
    """Something that happened, by whose account."""

    at: datetime
    source: str
    """A key of `COLOURS`."""
    text: str


class Timeline:
    """Prints what happens; the clock of the lines starts anew at each chapter."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began: datetime | None = None

    def chapter(self, title: str, at: datetime) -> None:
        """Begin a part of the story: its lines count simulated seconds from `at`."""
        self._began = at
        self._console.print()
        self._console.print(Text(title, style="bold underline"))

    def note(self, happening: Happening) -> None:
        """Print one line: seconds since the chapter began, who says it, what happened."""
        since = seconds_between(self._began or happening.at, happening.at)
        line = Text(f"{since:+9.1f} s  ", style="dim")
        line.append(f"{happening.source:<7}", style=COLOURS[happening.source])
        line.append(happening.text)
        self._console.print(line, soft_wrap=True)

    def say(self, text: str) -> None:
        """Print a line outside time."""
        self._console.print(Text(text), soft_wrap=True)

    def verdict(self, lines: Sequence[Line], times: Sequence[tuple[str, float]]) -> None:
        """Print the table of what was kept and the downtime, simulated seconds."""
        table = Table(title="What came back", title_style="bold", title_justify="left")
        for heading in ("", "before", "after", ""):
            table.add_column(heading, overflow="fold")
        for line in lines:
            table.add_row(line.what, line.before, line.after, _mark(line))
        self._console.print()
        self._console.print(table)
        for what, seconds in times:
            self._console.print(f"  {what:<36}{seconds:8.1f} simulated s")


def _mark(line: Line) -> Text:
    if not line.promised:
        return Text("the same" if line.kept else "changed, as it may", style="dim")
    word = line.remark or ("the same" if line.before == line.after else "")
    return Text(
        f"kept {word}".strip() if line.kept else "LOST", "green" if line.kept else "bold red"
    )
