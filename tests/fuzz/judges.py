"""The judges of a life that look at its node's rows at a moment: each is a file of its own."""

from collections.abc import Container, Iterator
from datetime import datetime

from local.arm.chronicle import Happening
from local.worlds.logbook import Entry
from store.node_rows import NodeRecord
from tests.fuzz.captures import Captures
from tests.fuzz.haste import Haste
from tests.fuzz.life import Life
from tests.fuzz.pace import Pace
from tests.fuzz.parley import Parley
from tests.fuzz.records import log_lines, nodes
from tests.fuzz.silence import Silence, is_asked


class Judges:
    """Listen to one world and read its log; `spoke`: VMs that said that they are ready."""

    def __init__(self, pace: Pace, life: Life, spoke: Container[str]) -> None:
        self._pace = pace
        self._parley = Parley(life.document, pace.view)
        waits = is_asked(life.document) and not life.imported
        self._silence = Silence(pace.view, spoke) if waits else None
        self._haste = Haste(pace.watch.promises, self._lines)
        self._captures = Captures(self._node, pace.watch.picture.portraits, self._log)

    def hear(self, happening: Happening) -> None:
        """Hear what happened in Azure."""
        self._pace.watch.breaches.extend(self._parley.hear(happening))
        self._pace.watch.breaches.extend(self._haste.hear(happening))
        self._captures.hear(happening)
        if self._silence:
            self._silence.hear(happening)

    def read(self, entry: Entry) -> None:
        """Read a line of the world's log."""
        if entry.kind != "end":
            return
        for sentence in self._captures.read(entry):
            self._pace.blame("I2", sentence)
        for sentence in self._silence.read(entry) if self._silence else ():
            self._pace.blame("I16", sentence)

    def _node(self, node_id: str) -> NodeRecord | None:
        found = nodes(self._pace.world.tables.rows()).items()
        return next((record for key, record in found if key.node_id == node_id), None)

    def _log(self) -> Iterator[str]:
        return (text for _, text in self._lines())

    def _lines(self) -> list[tuple[datetime, str]]:
        return log_lines(self._pace.world.tables.rows())
