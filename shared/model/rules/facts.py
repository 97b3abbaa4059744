"""What the rules between fields look at: the part of a document that passed by itself."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from shared.model.problems import Code, Loc, Problem


@dataclass(frozen=True)
class Limits:
    """Bounds that are narrower than Azure's because the published API has them; adjustable."""

    max_disk_gib: int = 1_023
    max_data_disks: int = 4


@dataclass(frozen=True)
class Facts:
    """A document in which every value either passed its own check or is None."""

    document: dict[str, Any]
    limits: Limits
    creating: bool

    def at(self, path: str) -> Any:
        """Return the value at a dotted path, or None."""
        return value_at(self.document, path)

    def each(self, path: str) -> Iterator[tuple[Loc, dict[str, Any]]]:
        """Yield the objects of a list with their places."""
        for index, one in enumerate(self.at(path) or ()):
            if isinstance(one, dict):
                yield (*place(path), index), one


def value_at(holder: Any, path: str) -> Any:
    """Return the value at a dotted path, or None."""
    for name in path.split("."):
        holder = holder.get(name) if isinstance(holder, dict) else None
    return holder


def place(path: str) -> Loc:
    """Return a dotted path as a place."""
    return tuple(path.split("."))


def conflict(loc: Loc | str, message: str) -> Problem:
    """Return a problem between this field and another."""
    return Problem(place(loc) if isinstance(loc, str) else loc, Code.CONFLICT, message)


def required(loc: Loc | str, message: str = "is required") -> Problem:
    """Return the problem of a field that another field makes necessary."""
    return Problem(place(loc) if isinstance(loc, str) else loc, Code.REQUIRED, message)


def repeated(values: Iterable[tuple[Loc, Any]], message: str) -> Iterator[Problem]:
    """Yield a problem for each value that came before; texts are compared without case."""
    seen: set[Any] = set()
    for loc, value in values:
        key = value.lower() if isinstance(value, str) else value
        if key is None:
            continue
        if key in seen:
            yield conflict(loc, message)
        seen.add(key)
