"""Which fields of a node may not change any more, and when.

Two kinds. Immutable: what the node is; never after creation. Locked: what the persisted disk or
NIC carries already, so that a new value would not reach any VM. Locks go by the persistence
that results from the change, so that one update may end persistence and change the image.
A value equal to the stored one is always accepted: a client may send back what it read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from shared.model.problems import Code, Loc, Problem

LAUNCH: Final = ("compute", "launchSpecification")
IMMUTABLE: Final[tuple[Loc, ...]] = (("region",), ("resourceGroupName",), ("compute", "os"))
LOCKED_BY: Final[dict[str, tuple[Loc, ...]]] = {
    "shouldPersistOsDisk": tuple(
        (*LAUNCH, name) for name in ("image", "login", "customData", "shutdownScript")
    ),
    "shouldPersistNetwork": ((*LAUNCH, "network"),),
}


@dataclass(frozen=True)
class Change:
    """A stored document and what an update would make of it."""

    before: dict[str, Any]
    after: dict[str, Any]


def refusals(change: Change, *, persistence_editable: bool) -> Iterator[Problem]:
    """Yield a problem for each field that this change must not touch."""
    for loc in IMMUTABLE:
        if (at := _first_difference(change, loc)) is not None:
            yield Problem(at, Code.IMMUTABLE, "cannot be changed after the node was created")
    for switch, locs in LOCKED_BY.items():
        if not _at(change.after, ("persistence", switch)):
            continue
        for loc in locs:
            if (at := _first_difference(change, loc)) is not None:
                message = f"cannot be changed while persistence.{switch} is true"
                yield Problem(at, Code.LOCKED, message)
    yield from _shrunk(change)
    if not persistence_editable and (at := _first_difference(change, ("persistence",))) is not None:
        yield Problem(at, Code.LOCKED, "can be changed only while the node is ACTIVE")


def _shrunk(change: Change) -> Iterator[Problem]:
    """Yield a problem for each persisted disk that is to be smaller: Azure shrinks none."""
    for loc, was, now in (*_os_sizes(change), *_data_sizes(change)):
        if isinstance(was, int) and isinstance(now, int) and now < was:
            yield Problem(loc, Code.LOCKED, f"cannot be less than {was}: a disk does not shrink")


def _os_sizes(change: Change) -> Iterator[tuple[Loc, Any, Any]]:
    loc: Loc = (*LAUNCH, "osDisk", "sizeGB")
    if _at(change.after, ("persistence", "shouldPersistOsDisk")):
        yield loc, _at(change.before, loc), _at(change.after, loc)


def _data_sizes(change: Change) -> Iterator[tuple[Loc, Any, Any]]:
    if not _at(change.after, ("persistence", "shouldPersistDataDisks")):
        return
    loc: Loc = (*LAUNCH, "dataDisks")
    stored = _at(change.before, loc) or []
    asked = _at(change.after, loc)
    for index, disk in enumerate(asked if isinstance(asked, list) else ()):
        lun = _at(disk, ("lun",))
        was = next((one.get("sizeGB") for one in stored if one.get("lun") == lun), None)
        yield (*loc, index, "sizeGB"), was, _at(disk, ("sizeGB",))


def _at(holder: Any, loc: Loc) -> Any:
    for step in loc:
        holder = holder.get(step) if isinstance(holder, dict) else None
    return holder


def _first_difference(change: Change, loc: Loc) -> Loc | None:
    found = _difference(_at(change.before, loc), _at(change.after, loc), loc)
    if found is not None and found[-1] == "passwordRef":
        return (*found[:-1], "password")
    return found


def _difference(before: Any, after: Any, loc: Loc) -> Loc | None:
    """Return the deepest place at which two values first differ, or None."""
    if before == after:
        return None
    steps: list[str | int] = []
    if isinstance(before, dict) and isinstance(after, dict):
        steps = [*after, *(name for name in before if name not in after)]
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        steps = list(range(len(after)))
    for step in steps:
        found = _difference(_item(before, step), _item(after, step), (*loc, step))
        if found is not None:
            return found
    return loc


def _item(holder: Any, step: Any) -> Any:
    return holder.get(step) if isinstance(holder, dict) else holder[step]
