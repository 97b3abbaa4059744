"""What the product's settings name: the clock and the transport of the world that runs now.

`MOORING_CLOCK=local.worlds.seams:clock`, `MOORING_TRANSPORT=local.worlds.seams:transport`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from local.clock import Clock
from local.worlds.transport import InProcessTransport


@dataclass(frozen=True)
class Seams:
    """What one world offers."""

    clock: Clock
    transport: Callable[[], InProcessTransport]


_OPEN: list[Seams] = []


def open_seams(seams: Seams) -> None:
    """Offer these from now on; RuntimeError if another world still runs in this process."""
    if _OPEN:
        raise RuntimeError("another world runs in this process: one at a time")
    _OPEN.append(seams)


def close_seams() -> None:
    """Offer nothing any more."""
    _OPEN.clear()


def clock() -> Clock:
    """Return the running world's clock."""
    return _OPEN[0].clock


def transport() -> InProcessTransport:
    """Return a way to the running world's Azure, for the host process that asks."""
    return _OPEN[0].transport()
