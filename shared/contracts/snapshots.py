"""Activities on snapshots of disks in use."""

from datetime import datetime
from typing import Literal

from shared.contracts.base import Work
from shared.durable import Activity
from shared.model.run import DiskRef, Row
from shared.model.seen import DiskSnapshot


class TakeSnapshots(Row):
    """Begin a snapshot of each disk; look at those begun before; delete what nobody needs."""

    work: Work
    at: datetime
    """When the round began: part of the names."""
    disks: tuple[DiskRef, ...] = ()
    generation: int = 0
    earlier: tuple[DiskSnapshot, ...] = ()
    """Those of earlier rounds that the node has."""


class SnapshotsTaken(Row):
    """How the round went. Trouble is told here, never raised: nothing waits for a snapshot."""

    kind: Literal["snapshots_taken"] = "snapshots_taken"
    taken: tuple[DiskSnapshot, ...] = ()
    """All that there may be now, whole or not."""
    troubles: tuple[str, ...] = ()
    """What was refused or not answered, in Azure's words."""


TAKE_SNAPSHOTS: Activity[TakeSnapshots, SnapshotsTaken] = Activity(
    "take_snapshots", TakeSnapshots, SnapshotsTaken
)
