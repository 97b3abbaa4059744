"""A breach: one moment at which an invariant did not hold."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Breach:
    """What was broken, when, and how, in a sentence for a person."""

    invariant: str
    """`I1` to `I8`, or `L` for liveness."""
    at: datetime
    sentence: str

    def __str__(self) -> str:
        """Return one line."""
        return f"{self.invariant} at {self.at.isoformat(timespec='seconds')}: {self.sentence}"


def name_of(resource_id: str) -> str:
    """Return the name at the end of an ARM id, for sentences."""
    return resource_id.rsplit("/", 1)[-1]
