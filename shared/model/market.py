"""Markets, and the ways to reach them."""

from datetime import datetime
from enum import StrEnum

from shared.model.run import Lifecycle, Row


class Market(Row):
    """Where a VM can be had: size, zone (None: regional), lifecycle, at a price."""

    size: str
    zone: str | None = None
    lifecycle: Lifecycle
    family: str = ""
    """The quota family of the size, as Azure spells it."""
    vcpus: int = 0
    accelerated: bool | None = None
    """The size has accelerated networking; None: not known."""
    usd_per_hour: float | None = None
    """None where no price is published."""
    reservation: str = ""
    """Id of the capacity reservation group that keeps a place there; empty: ordinary capacity."""


class Rung(StrEnum):
    """One way to reach a market from where the node is."""

    START = "A"
    """Start the deallocated VM in place."""
    RESIZE = "A'"
    """Resize the deallocated VM, then start it."""
    REATTACH = "B"
    """Delete the VM, create one with the same disks (or a fresh OS disk from the image)."""
    COPY = "C"
    """Copy the disks to another zone, then as B."""
    LAUNCH = "new"
    """Nothing to replace: a first launch."""


class Move(Row):
    """One market by one rung, with what it is expected to take."""

    market: Market
    rung: Rung
    expected_s: float = 0.0
    """Azure's share of the time, by recorded medians."""
    loses: tuple[str, ...] = ()
    """What the node would lose on this way, in words."""
    cost: float = 0.0
    """What moves are ordered by inside one tier: lower is better."""


class MarketMemory(Row):
    """Memory of one market: row of table markets."""

    region: str
    size: str
    zone: str | None = None
    lifecycle: Lifecycle
    shunned_until: datetime | None = None
    scope: str | None = None
    """How far the last refusal reaches (shared/failures.py, Scope); None: not known."""
    reason: str | None = None
    last_success_at: datetime | None = None
    last_failure_at: datetime | None = None
    last_eviction_at: datetime | None = None
