"""How often one token may call: so that one client in a loop does not starve the others.

Each process counts for itself: behind N workers a token may call up to N times as often, and a
restart forgets. It keeps workers alive; it is no quota. Floods of calls without a token are for
what stands before the app: a front door, or the function app's access restrictions.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from shared.clock import Clock

CALLS_PER_S: Final = 100.0
"""Sustained calls a second of one token: a fleet of 10,000 nodes read one by one takes 100 s, and
one host still answers others."""
BURST: Final = 500
"""Calls at once: a Terraform run of a few hundred nodes passes unhindered."""
CALLERS_MAX: Final = 10_000
"""Tokens that are remembered, 2 MB of them; who called longest ago is forgotten first, and such a
bucket has long been full again unless 10,000 tokens call within five seconds."""


@dataclass
class CallBudget:
    """Token buckets in memory, one per caller."""

    clock: Clock
    calls_per_s: float = CALLS_PER_S
    burst: float = BURST
    callers_max: int = CALLERS_MAX
    _left: OrderedDict[str, tuple[float, datetime]] = field(default_factory=OrderedDict)

    def spend(self, caller: str) -> float:
        """Take one call; return 0, or the seconds to wait when there is none left."""
        now = self.clock.now()
        left, since = self._left.pop(caller, (self.burst, now))
        left = min(self.burst, left + (now - since).total_seconds() * self.calls_per_s)
        wait_s = 0.0 if left >= 1 else (1 - left) / self.calls_per_s
        self._left[caller] = (left if wait_s else left - 1, now)
        if len(self._left) > self.callers_max:
            self._left.popitem(last=False)
        return wait_s
