"""What a node's own schedule asks for, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from shared.model.schedule import Task
from shared.policy.cron import last_by, next_after

LATE_MAX: Final = timedelta(hours=1)
"""A recycle that comes later than this is passed over: its hour was chosen, and is past. A pause or
a resume is made good however late, for it says how the node should be since."""
RECYCLE: Final = "recycle"


@dataclass(frozen=True)
class Due:
    """One task at one of its moments."""

    task: Task
    at: datetime


def tasks_of(document: dict[str, Any]) -> tuple[Task, ...]:
    """Return the enabled tasks of a stored document."""
    tasks = (document.get("scheduling") or {}).get("tasks") or ()
    read = (Task.model_validate(one) for one in tasks)
    return tuple(one for one in read if one.is_enabled)


def next_moment(tasks: Sequence[Task], after: datetime) -> datetime | None:
    """Return the next moment at which any of the tasks is due; None: never."""
    moments = (next_after(one.cron_expression, after) for one in tasks)
    return min((one for one in moments if one), default=None)


def due_by(tasks: Sequence[Task], since: datetime, now: datetime) -> tuple[Due, ...]:
    """Return each task's latest moment from `since` to `now`, in the order in which they count.

    Of tasks at one moment the document's order decides.
    """
    found = ((one, last_by(one.cron_expression, now, since)) for one in tasks)
    return tuple(sorted((Due(one, at) for one, at in found if at), key=lambda due: due.at))


def chosen(due: Sequence[Due], now: datetime) -> Due | None:
    """Return the task to do: the latest that says how the node should be, else the latest recycle.

    The others are superseded: a node that is to rest now need not be recycled first.
    """
    lasting = [one for one in due if one.task.type != RECYCLE]
    passing = [one for one in due if now - one.at <= LATE_MAX]
    return lasting[-1] if lasting else passing[-1] if passing else None
