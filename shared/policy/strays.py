"""Disks that nobody of us has named, and that may hold something: kept for a time, and told.

They come of a VM that was asked for and never seen: its create was accepted, the answer was lost,
and before we looked somebody had deleted it. It may have failed before it ever ran, or have run
for minutes. Nothing that Azure says of a free disk tells the two apart (the moments of its making
and of its last change of hands are the same kind for both), so none is ever deleted for being in
the way, and none is booted as if it were whole: a disk that was never booted has no users. The
next VM is of the next generation, whose disks have other names.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from shared.model.run import LogEntry, Retained, RunState
from shared.names import parts_of
from shared.policy.footing import next_generation
from shared.policy.retained import named_by
from shared.policy.snapshots import STRANDED_KEPT

NEVER_SEEN: Final = "was made for a VM that was not seen to run and is gone"
TAKEN_OFF: Final = "was taken off the node's VM in Azure by somebody"
STRAY: Final = "stray"
"""Why something is retained that came of a VM which was never seen, or was taken off the VM."""


def passed_by(run: RunState, strays: Iterable[str], now: datetime) -> RunState:
    """Return the run state that keeps these for a time, and counts the VM that they came of."""
    return keeping(run, strays, now).model_copy(update={"generation": next_generation(run)})


def keeping(run: RunState, strays: Iterable[str], now: datetime) -> RunState:
    """Return the run state that keeps these, but for what the node names already."""
    known = {one.lower() for one in (*named_by(run), *(one.id for one in run.retained))}
    until = now + STRANDED_KEPT
    new = tuple(
        Retained(id=one, until=until, why=STRAY) for one in strays if one.lower() not in known
    )
    return run.model_copy(update={"retained": (*run.retained, *new)})


def strays_told(
    strays: Iterable[str], now: datetime, origin: str = NEVER_SEEN
) -> tuple[LogEntry, ...]:
    """Return what the node's owner must read of them."""
    until = now + STRANDED_KEPT
    return tuple(
        LogEntry(
            at=now,
            message=(
                f"{parts_of(one)[2]} {origin}; what it holds is not known: it is kept until "
                f"{until:%Y-%m-%d %H:%M} UTC"
            ),
            severity="WARN",
            resource_id=one,
        )
        for one in strays
    )
