"""Activities on network interfaces and their addresses."""

from typing import Literal

from shared.contracts.base import Changed, Refused, Slow, Work
from shared.durable import Activity
from shared.model.run import NicRef, Row


class EnsureNics(Row):
    """Make the NICs and public IPs of the document exist, be the node's, and fit the market."""

    work: Work
    generation: int
    zone: str | None = None
    """The market's: an address of one zone serves VMs of that zone alone."""
    accelerated: bool | None = None
    """Whether the market's size has accelerated networking; None: leave it as it is, or off."""
    existing: tuple[NicRef, ...] = ()
    """NICs at hand, to be used again; none: those of the document are made."""
    token: str = ""


class NicsReady(Row):
    """They exist, primary first, with their addresses."""

    kind: Literal["nics_ready"] = "nics_ready"
    nics: tuple[NicRef, ...]


ENSURE_NICS: Activity[EnsureNics, NicsReady | Refused | Changed] = Activity(
    "ensure_nics", EnsureNics, NicsReady | Refused | Changed | Slow
)
