"""What the functions that hear and tick work with; made once by the composition."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.evictions import Evictions
from services.fleet import Fleet
from services.retention import Retention
from services.tick import Tick
from shared.clock import Clock


@dataclass(frozen=True)
class Hearing:
    """Use-cases behind events and timers."""

    clock: Clock
    evictions: Evictions
    tick: Tick
    fleet: Fleet
    our_client_id: str = ""

    @property
    def retention(self) -> Retention:
        """What deletes what was kept long enough."""
        return Retention(self.tick.stores, self.clock)


Services = Callable[[], Awaitable[Hearing]]
