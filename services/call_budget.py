"""How often one token may call: so that one client in a loop does not starve the others."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from shared.clock import Clock

CALLS_PER_S: Final = 100.0
"""Sustained calls a second of one token: a fleet of 10,000 nodes read one by one takes 100 s, and
one host still answers others."""
BURST: Final = 500
"""Calls at once: a Terraform run of a few hundred nodes passes unhindered."""


@dataclass
class CallBudget:
    """Token buckets in memory, one per caller: a restart or another worker starts full."""

    clock: Clock
    calls_per_s: float = CALLS_PER_S
    burst: float = BURST
    _left: dict[str, tuple[float, datetime]] = field(default_factory=dict)

    def spend(self, caller: str) -> float:
        """Take one call; return 0, or the seconds to wait when there is none left."""
        now = self.clock.now()
        left, since = self._left.get(caller, (self.burst, now))
        left = min(self.burst, left + (now - since).total_seconds() * self.calls_per_s)
        if left < 1:
            self._left[caller] = (left, now)
            return (1 - left) / self.calls_per_s
        self._left[caller] = (left - 1, now)
        return 0.0
