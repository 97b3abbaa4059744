"""The activity that brings kept disks to the size and type that the document asks for now."""

from typing import Literal

from shared.contracts.base import Changed, Refused, Slow, Work
from shared.durable import Activity
from shared.model.run import DiskRef, Row


class FitDisks(Row):
    """Grow disks that no VM uses, and convert them, to what the references say."""

    work: Work
    disks: tuple[DiskRef, ...]
    """With the size and the type that they are to have."""
    token: str = ""


class DisksFit(Row):
    """They are so, read back."""

    kind: Literal["disks_fit"] = "disks_fit"
    disks: tuple[DiskRef, ...]


FIT_DISKS: Activity[FitDisks, DisksFit | Refused | Changed] = Activity(
    "fit_disks", FitDisks, DisksFit | Refused | Changed | Slow
)
