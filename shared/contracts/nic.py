"""Activities on network interfaces and their addresses."""

from typing import Literal

from shared.contracts.base import Changed, Refused, Slow, Work
from shared.durable import Activity
from shared.model.run import NicRef, Row


class EnsureNics(Row):
    """Make the NICs and public IPs of the document exist, and be the node's."""

    work: Work
    generation: int
    zone: str | None = None
    existing: tuple[NicRef, ...] = ()
    """Persisted NICs to use again."""
    token: str = ""


class NicsReady(Row):
    """They exist, primary first, with their addresses."""

    kind: Literal["nics_ready"] = "nics_ready"
    nics: tuple[NicRef, ...]


ENSURE_NICS: Activity[EnsureNics, NicsReady | Refused | Changed] = Activity(
    "ensure_nics", EnsureNics, NicsReady | Refused | Changed | Slow
)
