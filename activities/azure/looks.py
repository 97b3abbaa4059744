"""How much of what Azure grants for looking at one thing this process has used up."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

PRETENDING: Final[ContextVar[bool]] = ContextVar("pretending", default=False)
"""True in a rehearsal, which runs ahead of time and asks Azure hardly anything: it counts itself
what it asks."""
FORGET_AT: Final = 1_000
"""Resources remembered before those are dropped whose burst is whole again."""


@dataclass
class Looks:
    """One kind of bucket, one for each resource.

    In memory: what an earlier process used is not known. So a process begins as if all that may be
    spent eagerly had just been spent on each resource, which time then makes good.
    """

    burst: float
    refill_per_s: float
    eager_part: float
    """Of a burst this may be used to be quick; the rest is for whoever else looks."""
    _used: dict[str, tuple[float, datetime]] = field(default_factory=dict)
    _born: datetime | None = None

    def begin(self, now: datetime) -> None:
        """Say when this process began; without it, it began at its first look."""
        self._born = self._born or now

    def spend(self, resource: str, now: datetime) -> bool:
        """Count one look; return whether the next may follow eagerly."""
        if PRETENDING.get():
            return True
        self.begin(now)
        used = self._now(resource, now) + 1
        if len(self._used) >= FORGET_AT:
            self._used = {name: it for name, it in self._used.items() if self._now(name, now) > 0}
        self._used[resource] = (used, now)
        return used < self.burst * self.eager_part

    def is_eager(self, resource: str, now: datetime) -> bool:
        """Return whether another look may follow the latest eagerly."""
        return PRETENDING.get() or self._now(resource, now) < self.burst * self.eager_part

    def _now(self, resource: str, now: datetime) -> float:
        unknown = (self.burst * self.eager_part, self._born or now)
        used, since = self._used.get(resource, unknown)
        return max(0.0, used - (now - since).total_seconds() * self.refill_per_s)
