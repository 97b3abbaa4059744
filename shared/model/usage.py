"""What a node has used: hours and dollars, by day, lifecycle and VM size."""

from datetime import datetime

from shared.model.run import Lifecycle, Row


class Rates(Row):
    """What a VM size costs in a region, for a node's OS."""

    usd_per_hour: float
    """In the lifecycle that runs."""
    od_usd_per_hour: float
    """On demand: what the same hours would have cost."""


class Running(Row):
    """A VM that runs and is paid for."""

    vm: str
    """Tells it from every other VM: ARM id and generation."""
    lifecycle: Lifecycle
    size: str
    since: datetime | None = None
    """When it was launched, if that is known."""


class Open(Row):
    """The interval that is not over yet, or where the last one ended."""

    since: datetime
    """Everything before is in the days."""
    running: Running | None = None
    """None: nothing has run since."""
    rates: Rates | None = None
    """None: not known yet."""


class Used(Row):
    """What one VM size used in one lifecycle on one day."""

    lifecycle: Lifecycle
    size: str
    used_ms: int = 0
    priced_ms: int = 0
    """How much of it has a price: the rest is hours alone."""
    cost_usd: float = 0.0
    od_cost_usd: float = 0.0
    """What the priced part would have cost on demand."""


class Day(Row):
    """What a node used on one UTC day."""

    used: tuple[Used, ...] = ()
