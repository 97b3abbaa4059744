"""Activities on disks and snapshots."""

from typing import Literal

from shared.contracts.base import Changed, Done, NoCapacity, Refused, Slow, Work
from shared.durable import Activity
from shared.model.run import DiskRef, Row
from shared.model.seen import Stranded


class CopyDisks(Row):
    """Snapshot each disk and make a new one from it, in `zone`; the old disks stay."""

    work: Work
    disks: tuple[DiskRef, ...]
    """OS disk (lun None) and data disks."""
    zone: str | None
    generation: int
    """The generation they are made for: part of the new names."""
    capture: bool = False
    """True: only the snapshots, while nobody writes to the disks; a copy made later finds them."""
    token: str = ""


class DisksCopied(Row):
    """The copies, in the order asked; and the snapshots they were made from.

    Where only snapshots were asked for, the disks are those that were captured.
    """

    kind: Literal["disks_copied"] = "disks_copied"
    disks: tuple[DiskRef, ...]
    snapshot_ids: tuple[str, ...]
    made: tuple[str, ...] = ()
    """ARM ids of what earlier tries of the step may have made, and is of no use now."""
    stranded: tuple[Stranded, ...] = ()
    """Disks that could not be copied as they are: their copies are of earlier."""


class DeleteResources(Row):
    """Delete disks, snapshots, NICs, public IPs that the node owns and no longer needs."""

    work: Work
    resource_ids: tuple[str, ...]
    """Each kind is deleted after those that use it, whatever the order here."""
    token: str = ""


class DeleteUnused(Row):
    """Delete resources whose time is over, unless somebody uses them or took them over."""

    work: Work
    resource_ids: tuple[str, ...]
    ended: tuple[str, ...] = ()
    """VMs that are no more: that a resource still names one, by a read that lags, is no use."""
    token: str = ""


class Swept(Row):
    """What became of each; none is in two of them."""

    kind: Literal["swept", "swept_in_part"] = "swept"
    """In part: Azure refused some."""
    gone: tuple[str, ...] = ()
    """Not there any more."""
    left: tuple[str, ...] = ()
    """Used by somebody, or without the node's tag: not ours to delete."""
    refused: tuple[str, ...] = ()
    """Azure would not delete it now."""
    reason: str = ""
    """Azure's words about the first of those."""


class LetGo(Row):
    """Take our tags off what stays in Azure and is the node's no longer."""

    work: Work
    resource_ids: tuple[str, ...]
    """VMs among them leave our index besides."""
    marked_by: str = ""
    """Only what this operation has put our tags on; empty: whatever is the node's."""
    token: str = ""


CopyAnswer = DisksCopied | NoCapacity | Refused | Changed
"""NoCapacity: no more snapshots or disks may be made; a market that needs no copies is open."""
COPY_DISKS: Activity[CopyDisks, CopyAnswer] = Activity("copy_disks", CopyDisks, CopyAnswer | Slow)
DELETE_RESOURCES: Activity[DeleteResources, Done | Refused | Changed] = Activity(
    "delete_resources", DeleteResources, Done | Refused | Changed | Slow
)
DELETE_UNUSED: Activity[DeleteUnused, Swept | Refused | Changed] = Activity(
    "delete_unused", DeleteUnused, Swept | Refused | Changed | Slow
)
LET_GO: Activity[LetGo, Done | Refused | Changed] = Activity(
    "let_go", LetGo, Done | Refused | Changed | Slow
)
