"""I2: the disks that are rebuilt at each launch are captured when their node is paused."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from local.arm.chronicle import SERVICE, Asked, Happening
from local.arm.portrait import SNAPSHOT, VM, Portrait
from local.worlds.invariants.breach import name_of
from local.worlds.invariants.rest import STEP
from local.worlds.logbook import Entry
from shared.model.run import DiskRef
from store.node_rows import NodeRecord
from tests.fuzz.silence import SETTLED

EXCUSE: Final = "no snapshot taken"
"""How a log says that Azure refused one, or that a disk is not there."""


def rebuilt(record: NodeRecord) -> list[DiskRef]:
    """Return the disks of a node that its document has rebuilt from what they hold."""
    says, run = record.document.get("persistence") or {}, record.run
    disks: list[DiskRef] = []
    if says.get("shouldPersistOsDisk") and says.get("osDiskPersistenceMode") == "onLaunch":
        disks += [run.os_disk] if run.os_disk else []
    if says.get("shouldPersistDataDisks") and says.get("dataDisksPersistenceMode") == "onLaunch":
        disks += run.data_disks
    return disks


def uncaptured(record: NodeRecord, there: Mapping[str, Portrait]) -> Iterator[str]:
    """Return which of these disks have no complete snapshot that their node holds."""
    held = (there.get(one.lower()) for one in record.run.snapshots)
    whole = (one for one in held if one and one.type == SNAPSHOT)
    captured = {one.source for one in whole if one.provisioning == "Succeeded"}
    for disk in rebuilt(record):
        portrait = there.get(disk.id.lower())
        if portrait and portrait.born not in captured:
            yield name_of(portrait.id)


class Captures:
    """Looks at each node at the end of the pause that ended its VM."""

    def __init__(
        self,
        node: Callable[[str], NodeRecord | None],
        there: Mapping[str, Portrait],
        log: Callable[[], Iterable[str]],
    ) -> None:
        self._node, self._there, self._log = node, there, log
        self._ended: set[str] = set()
        """Pauses that have had a VM deleted."""

    def hear(self, happening: Happening) -> None:
        """Follow which pauses end a VM."""
        if not isinstance(happening, Asked) or happening.caller != SERVICE:
            return
        step = STEP.match(happening.request_id)
        ends = happening.method == "DELETE" and happening.operation.lower().startswith(f"{VM}/")
        if step and step[2] == "pause" and ends:
            self._ended.add(happening.request_id.split("/")[1])

    def read(self, entry: Entry) -> Iterator[str]:
        """Judge when the log says that such a pause is over."""
        settled = SETTLED.match(entry.text) if entry.kind == "end" else None
        if settled is None or settled[1] not in self._ended:
            return
        record = self._node(settled[2])
        if record is None or record.run.status != "PAUSED":
            return
        missing = list(uncaptured(record, self._there))
        if missing and not any(EXCUSE in line for line in self._log()):
            yield f"node {settled[2]} was paused, and nobody has captured {', '.join(missing)}"
