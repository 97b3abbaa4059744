"""What happened in a world, line by line: equal seeds give equal bytes."""

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from local.arm.chronicle import Change
from local.arm.portrait import NAMES

Watcher = Callable[["Entry"], None]


class Entry(NamedTuple):
    """One event: `kind` is a word, `text` the rest of the line."""

    at_s: float
    """Seconds of virtual time since the world began."""
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.at_s:.6f} {self.kind} {self.text}"


@dataclass
class Logbook:
    """All entries of a world, in order."""

    now: Callable[[], float]
    entries: list[Entry] = field(default_factory=list)
    watchers: list[Watcher] = field(default_factory=list)
    """Called with each entry, when it is written: for invariants that must hold after each step.
    What a watcher raises reaches whoever made the step, so it should note breaches instead."""

    def add(self, kind: str, text: str) -> None:
        """Write an entry and tell the watchers."""
        entry = Entry(self.now(), kind, text)
        self.entries.append(entry)
        for watcher in self.watchers:
            watcher(entry)

    def __bytes__(self) -> bytes:
        return "".join(f"{entry}\n" for entry in self.entries).encode()

    @property
    def digest(self) -> str:
        """A short name of all that happened."""
        return hashlib.sha256(bytes(self)).hexdigest()[:16]

    def first_difference(self, other: "Logbook") -> str:
        """Return where two logs part, for a person; empty if they are equal."""
        for mine, its in zip(self.entries, other.entries, strict=False):
            if str(mine) != str(its):
                return f"{mine}\n{its}"
        longer = max(self.entries, other.entries, key=len)
        shorter = min(len(self.entries), len(other.entries))
        return f"only in one: {longer[shorter]}" if len(longer) > shorter else ""


def told(change: Change) -> str:
    """Return how a resource's portrait changed: each field that did, with its new value."""
    before, after = change.before, change.after
    if after is None:
        return "is gone"
    names = [name for name in NAMES if name not in ("id", "type", "tags")]
    fresh = [
        f"{name}={getattr(after, name)}"
        for name in names
        if getattr(after, name)
        != (getattr(before, name) if before else type(getattr(after, name))())
    ]
    return ("is new " if before is None else "") + " ".join(fresh)


def mark(content: bytes) -> str:
    """Return length and checksum of a body: enough to see that two are not the same."""
    return f"{len(content)}#{zlib.crc32(content):08x}" if content else "-"
