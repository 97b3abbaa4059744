"""What a node has given up and still keeps for its owner: until when, and what becomes of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from shared.contracts.base import Changed, Refused
from shared.contracts.disk import Swept
from shared.model.ids import NodeKey
from shared.model.run import (
    DiskRef,
    DueItem,
    DueKind,
    LogEntry,
    Retained,
    Row,
    RunState,
    Status,
)
from shared.names import parts_of, same_id

AGAIN: Final = timedelta(minutes=5)
"""After Azure refused a deletion it is tried again; then after twice as long, and so on."""
AGAIN_MAX: Final = timedelta(hours=6)
"""The longest pause: a lock that somebody takes off in the morning ends the wait that day."""


class Retirement(Row):
    """What its owner wants done with a disk that leaves the node."""

    deletes: bool
    """False: it stays in Azure, unowned by us."""
    ttl_h: int = 0
    """How long it stays before it is deleted."""
    why: str = ""
    """As in Retained."""

    @property
    def at_once(self) -> bool:
        """Whether it goes now."""
        return self.deletes and self.ttl_h == 0


def retained(disk: DiskRef, retirement: Retirement, now: datetime) -> Retained:
    """Return a disk as it is kept until its time is over."""
    until = now + timedelta(hours=retirement.ttl_h)
    return Retained(id=disk.id, until=until, why=retirement.why)


def with_retained(run: RunState, kept: Retained) -> RunState:
    """Return the run state with one more thing kept for a time; what was said of it before ends."""
    others = tuple(one for one in run.retained if not same_id(one.id, kept.id))
    return run.model_copy(update={"retained": (*others, kept)})


def named_by(run: RunState) -> tuple[str, ...]:
    """Return the ARM ids of what the node's VM uses, or its next one will."""
    ids = [run.vm.id] if run.vm else []
    ids += [disk.id for disk in (run.os_disk, *run.data_disks) if disk]
    for nic in run.nics:
        ids += [nic.id, *([nic.public_ip_id] if nic.public_ip_id else [])]
    return (*ids, *run.snapshots)


def due_now(run: RunState, now: datetime) -> tuple[Retained, ...]:
    """Return what is to go by now; never what the node has come to use again."""
    used = {one.lower() for one in named_by(run)}
    return tuple(one for one in run.retained if one.until <= now and one.id.lower() not in used)


def dues(key: NodeKey, retained: Iterable[Retained]) -> tuple[DueItem, ...]:
    """Return the due items that end these: one a moment."""
    return tuple(
        DueItem(
            account_id=key.account_id, node_id=key.node_id, kind=DueKind.DEALLOCATION, due_at=until
        )
        for until in sorted({one.until for one in retained})
    )


def unused(run: RunState) -> RunState:
    """Return the run state without what is kept for deletion though the node uses it again."""
    used = {one.lower() for one in named_by(run)}
    kept = tuple(one for one in run.retained if one.id.lower() not in used)
    return run if kept == run.retained else run.model_copy(update={"retained": kept})


def swept(run: RunState, answer: Swept, now: datetime) -> RunState:
    """Return the run state after a deletion of what was due.

    A node on its way out says what Azure would not delete; the error of one that lives is its own.
    """
    over = (*answer.gone, *answer.left)
    kept = tuple(
        _put_off(one, now) if _is_among(one.id, answer.refused) else one
        for one in run.retained
        if not _is_among(one.id, over)
    )
    changes: dict[str, Any] = {"retained": kept, "updated_at": now}
    if run.status is Status.DEALLOCATING and answer.refused:
        changes["error_reason"] = f"Deallocate action failed. {answer.reason}"
    elif run.status is Status.DEALLOCATING and not any(one.tries for one in kept):
        changes["error_reason"] = None
    return run.model_copy(update=changes)


def as_swept(answer: Swept | Refused | Changed, due: tuple[str, ...]) -> Swept:
    """Return what became of what was due, also where nothing of it could be asked for."""
    if isinstance(answer, Swept):
        return answer
    return Swept(refused=due, reason=f"{answer.code}: {answer.message}")


def put_off(retained: Iterable[Retained], now: datetime) -> tuple[Retained, ...]:
    """Return these as they are kept after Azure refused to delete them."""
    return tuple(_put_off(one, now) for one in retained)


def _put_off(one: Retained, now: datetime) -> Retained:
    pause = min(AGAIN * 2**one.tries, AGAIN_MAX)
    return one.model_copy(update={"until": now + pause, "tries": one.tries + 1})


def _is_among(resource_id: str, ids: Iterable[str]) -> bool:
    return any(same_id(resource_id, one) for one in ids)


def tidings(answer: Swept, now: datetime) -> tuple[LogEntry, ...]:
    """Return what the node's user reads of a deletion of what was due."""
    lines = [
        _line(now, f"{parts_of(one)[2]} was kept as long as asked, and is deleted", one)
        for one in answer.gone
    ]
    lines += [
        _line(now, f"{parts_of(one)[2]} is used by somebody else, and is left to them", one, "WARN")
        for one in answer.left
    ]
    if answer.refused:
        names = ", ".join(parts_of(one)[2] for one in answer.refused)
        told = f"Azure does not delete {names}; tried again later: {answer.reason}"
        lines.append(_line(now, told, answer.refused[0], "ERROR"))
    return tuple(lines)


def _line(now: datetime, message: str, resource_id: str, severity: str = "INFO") -> LogEntry:
    return LogEntry(at=now, message=message, severity=severity, resource_id=resource_id)
