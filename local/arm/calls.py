"""The ledger of calls: each one counted, the latest kept in order, unknown routes apart."""

from collections import Counter, deque
from dataclasses import dataclass, field

from local.arm.wire import Json

KEPT = 20_000
"""Calls that can be read back; counts go on beyond."""


@dataclass
class Calls:
    """What was asked of the simulator since it started or was last reset."""

    latest: deque[Json] = field(default_factory=lambda: deque(maxlen=KEPT))
    counts: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    serial: int = 0

    def note(self, call: Json) -> None:
        """Count one call: operation, status, simulated time, resource, who asked."""
        self.serial += 1
        self.latest.append({"serial": self.serial, **call})
        self.counts[f"{call['operation']} {call['status']}"] += 1

    def since(self, serial: int) -> list[Json]:
        """Return the calls after `serial`, in order."""
        return [call for call in self.latest if call["serial"] > serial]

    def forget(self) -> None:
        """Begin to count anew; serials go on."""
        self.latest.clear()
        self.counts.clear()
        self.unknown.clear()
