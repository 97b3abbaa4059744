"""What happened in a life, counted."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median, quantiles

from local.arm.chronicle import SERVICE, Asked, Change, Happening
from local.arm.portrait import VM
from local.worlds.invariants.picture import is_up
from local.worlds.logbook import Entry

CLAIM = "claim_operation"


@dataclass
class Figures:
    """Counts of one life, or of many added up."""

    lives: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    writes: Counter[str] = field(default_factory=Counter)
    """The product's writes to Azure by operation, as Azure names it."""
    recovery_s: list[float] = field(default_factory=list)
    """From each time that Azure had taken a VM until the node had one up, in virtual seconds."""

    def add(self, other: "Figures") -> None:
        """Add what another counted."""
        self.lives += other.lives
        self.counts += other.counts
        self.faults += other.faults
        self.writes += other.writes
        self.recovery_s += other.recovery_s

    def lines(self) -> list[str]:
        """Tell them."""
        told = [f"{name} {count:,}" for name, count in sorted(self.counts.items())]
        faults = [f"{name} {count:,}" for name, count in sorted(self.faults.items())]
        lines = [f"lives {self.lives:,}: " + ", ".join(told), "faults: " + ", ".join(faults)]
        if len(self.recovery_s) > 1:
            p99 = quantiles(self.recovery_s, n=100)[98]
            lines.append(
                f"recoveries {len(self.recovery_s):,}: median {median(self.recovery_s):.0f} s,"
                f" p99 {p99:,.0f} s of virtual time"
            )
        return lines


class Counting:
    """Listens to one world; counts into `figures`."""

    def __init__(self) -> None:
        self.figures = Figures(lives=1)
        self._taken_at: datetime | None = None

    def hear(self, happening: Happening) -> None:
        """Hear what happened in Azure."""
        if isinstance(happening, Asked) and happening.caller == SERVICE:
            self.figures.counts["Azure writes"] += 1
            self.figures.writes[happening.operation.lower()] += 1
        if isinstance(happening, Change):
            self._change(happening)

    def read(self, entry: Entry) -> None:
        """Read a line of the world's log."""
        if entry.kind == "begin" and CLAIM in entry.text:
            self.figures.counts["operations"] += 1
        if entry.kind in ("arm", "kill", "event"):
            self.figures.counts[WORDS[entry.kind]] += 1

    def _change(self, change: Change) -> None:
        before, after = change.before, change.after
        if (after or before) is None or (after or before).type != VM:  # type: ignore[union-attr]
            return
        if after and after.notice and not (before and before.notice):
            self.figures.counts["evictions"] += 1
        if before and before.notice and before.allocated and not (after and after.allocated):
            self._taken_at = self._taken_at or change.at
        if is_up(after) and self._taken_at is not None:
            self.figures.recovery_s.append((change.at - self._taken_at).total_seconds())
            self._taken_at = None


WORDS = {"arm": "Azure calls", "kill": "crashes", "event": "events"}
