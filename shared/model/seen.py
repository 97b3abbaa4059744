"""What was seen of a running VM and of its disks, from one look to the next."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from shared.model.row import Row


class VmHealth(StrEnum):
    """How a VM is, the API's words."""

    HEALTHY = "HEALTHY"
    UNKNOWN = "UNKNOWN"
    UNHEALTHY = "UNHEALTHY"


class CheckSeen(Row):
    """What one kind of health check says of a VM."""

    state: VmHealth
    since: datetime
    """When it began to say so."""


class HealthSeen(Row):
    """What was seen of one VM's health; written when it changes, not at each look."""

    launched_at: datetime | None = None
    """Which VM it is about: another launch begins anew."""
    checks: dict[str, CheckSeen] = Field(default_factory=dict)
    """By the kind of check, the document's words."""
    healthy_once: bool = False
    """Whether all checks have been good at one time: a VM that never was is not replaced."""
    unhealthy_since: datetime | None = None
    """Since when without a break; None: it is not."""


class DiskSnapshot(Row):
    """A snapshot that was taken of a disk in use, in case its zone goes down."""

    id: str
    disk_id: str
    taken_at: datetime
    is_complete: bool = False
    """Seen whole. False: Azure was asked for it, or for its end, and was not seen to be done."""
    is_broken: bool = False
    """Seen to have failed: it holds nothing."""


class SnapshotRound(Row):
    """The latest round of snapshots."""

    at: datetime
    disk_ids: tuple[str, ...] = ()
    """Disks that it was about: others have had none yet."""
    is_troubled: bool = False
    """Something was refused or not answered: the next round comes sooner."""


class Stranded(Row):
    """A disk in a zone that gives nothing out: the node goes on from a snapshot of earlier."""

    disk_id: str
    copied_at: datetime
    """What was written since is on that disk alone."""
