"""Which action a node's status allows: the state machine's table."""

from enum import StrEnum
from typing import Final

from shared.model.run import Status


class Action(StrEnum):
    """What a client may ask of a node."""

    EDIT = "edit"
    EDIT_PERSISTENCE = "edit persistence"
    PAUSE = "pause"
    RESUME = "resume"
    RECYCLE = "recycle"
    STOP = "stop"
    START = "start"
    SWAP_OS_DISK = "swap OS disk"
    ATTACH_DETACH = "attach or detach a data disk"
    DELETE = "delete"


_NOTHING: Final[frozenset[Action]] = frozenset()
ALLOWED: Final[dict[Status, frozenset[Action]]] = {
    Status.PENDING: frozenset({Action.DELETE}),
    Status.IMPORTING: _NOTHING,
    Status.ACTIVE: frozenset(
        {
            Action.EDIT,
            Action.EDIT_PERSISTENCE,
            Action.PAUSE,
            Action.RECYCLE,
            Action.STOP,
            Action.ATTACH_DETACH,
            Action.DELETE,
        }
    ),
    Status.PAUSE: _NOTHING,
    Status.PAUSING: _NOTHING,
    Status.PAUSED: frozenset(
        {Action.EDIT, Action.RESUME, Action.SWAP_OS_DISK, Action.ATTACH_DETACH, Action.DELETE}
    ),
    Status.RESUME: _NOTHING,
    Status.RESUMING: _NOTHING,
    Status.RECYCLE: _NOTHING,
    Status.RECYCLING: _NOTHING,
    Status.STOPPING: _NOTHING,
    Status.STOPPED: frozenset({Action.RECYCLE, Action.START, Action.SWAP_OS_DISK}),
    Status.STARTING: _NOTHING,
    Status.ERROR: frozenset({Action.RESUME, Action.RECYCLE, Action.DELETE}),
    Status.DEALLOCATE: _NOTHING,
    Status.DEALLOCATING: _NOTHING,
    Status.DEALLOCATED: _NOTHING,
}
"""Source: the published API's documentation, and for the rows it is silent on our own choice.
Every status has a row: a new one without is a KeyError in the first test."""

WHILE_WAITING: Final = frozenset({Action.EDIT, Action.PAUSE, Action.DELETE})
"""What is allowed besides to a node that waits for capacity, whatever its status: no operation
holds it, and a node whose sizes are sold out for good must be editable and deletable. One that its
owner wants down at night must not come up at night because there is room again."""


def allowed(
    status: Status, *, waiting: bool = False, import_failed: bool = False
) -> frozenset[Action]:
    """Return the actions that a node in this status may be asked for.

    One whose import failed has given everything back: there is nothing to bring up.
    """
    now = ALLOWED[status] | WHILE_WAITING if waiting else ALLOWED[status]
    return now & {Action.DELETE} if import_failed else now


def refuse(
    action: Action, status: Status, *, waiting: bool = False, import_failed: bool = False
) -> str:
    """Return the message for an action that is not allowed now: it says what is."""
    now = sorted(allowed(status, waiting=waiting, import_failed=import_failed))
    may = f"allowed now: {', '.join(now)}" if now else "no action is allowed until it settles"
    where = f"{status}, its import having failed" if import_failed else status
    return f"cannot {action} while the node is {where}; {may}"
