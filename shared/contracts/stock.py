"""Contract: what an operation that broke off has left in Azure."""

from datetime import datetime
from typing import Literal

from shared.contracts.base import Changed, Refused, Slow, Work
from shared.contracts.vm import VmUp
from shared.durable import Activity
from shared.model.run import DiskRef, Row, Vm


class TakeStock(Row):
    """Look which of these are there and carry the node's tag."""

    work: Work
    resource_ids: tuple[str, ...]
    vm: Vm | None = None
    """The node's VM as its rows know it."""
    token: str = ""


class Stock(Row):
    """What was found."""

    kind: Literal["stock"] = "stock"
    at: datetime
    up: VmUp | None = None
    """Another VM than the known one, which Azure calls provisioned: it may have run."""
    body: Vm | None = None
    """Another VM than the known one, which failed: without a vmId, for it is never started."""
    attached: tuple[DiskRef, ...] = ()
    """Disks that the known VM has."""
    os_disk: DiskRef | None = None
    """OS disk that the known VM has, if it was to be swapped in."""
    lent: tuple[str, ...] = ()
    """ARM ids of disks that were to be swapped in, and that no VM has: they are their user's."""
    strays: tuple[str, ...] = ()
    """ARM ids of disks and snapshots that may hold something, and that no VM to be kept has."""
    leftovers: tuple[str, ...] = ()
    """ARM ids of interfaces and addresses, users of others first."""


TAKE_STOCK: Activity[TakeStock, Stock | Refused | Changed] = Activity(
    "take_stock", TakeStock, Stock | Refused | Changed | Slow
)
