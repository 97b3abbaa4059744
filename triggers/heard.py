"""What the functions that hear and tick work with; made once by the composition."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.evictions import Evictions
from services.fleet import Fleet
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


Services = Callable[[], Awaitable[Hearing]]
