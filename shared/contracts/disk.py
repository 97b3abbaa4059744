"""Activities on disks and snapshots."""

from typing import Literal

from shared.contracts.base import Changed, Done, NoCapacity, Refused, Slow, Work
from shared.durable import Activity
from shared.model.run import DiskRef, Row


class CopyDisks(Row):
    """Snapshot each disk and make a new one from it, in `zone`; the old disks stay."""

    work: Work
    disks: tuple[DiskRef, ...]
    """OS disk (lun None) and data disks."""
    zone: str | None
    generation: int
    """The generation they are made for: part of the new names."""
    token: str = ""


class DisksCopied(Row):
    """The copies, in the order asked; and the snapshots they were made from."""

    kind: Literal["disks_copied"] = "disks_copied"
    disks: tuple[DiskRef, ...]
    snapshot_ids: tuple[str, ...]
    made: tuple[str, ...] = ()
    """ARM ids of what earlier tries of the step may have made, and is of no use now."""


class DeleteResources(Row):
    """Delete disks, snapshots, NICs, public IPs that the node owns and no longer needs."""

    work: Work
    resource_ids: tuple[str, ...]
    """Each kind is deleted after those that use it, whatever the order here."""
    token: str = ""


CopyAnswer = DisksCopied | NoCapacity | Refused | Changed
"""NoCapacity: no more snapshots or disks may be made; a market that needs no copies is open."""
COPY_DISKS: Activity[CopyDisks, CopyAnswer] = Activity("copy_disks", CopyDisks, CopyAnswer | Slow)
DELETE_RESOURCES: Activity[DeleteResources, Done | Refused | Changed] = Activity(
    "delete_resources", DeleteResources, Done | Refused | Changed | Slow
)
