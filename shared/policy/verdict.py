"""What the notices about a node's VM mean, taken together.

From outside an evicted VM looks exactly like a stopped one, and notices come twice, late, in any
order or never. So nothing here is counted: each notice is a witness of the present VM or of none,
and the same set of notices gives the same verdict however often and in whatever order it came.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shared.model.run import Notice, NoticeKind, RunState, Vm

HOLD_S: Final = 180.0
"""Seconds that a stop by nobody known is held before it counts as an interruption.
Source: published behaviour of stateful nodes, "3 minutes after the stop"."""
EVICTION_TAKES_S: Final = 120.0
"""An evicted VM may still be seen running for so long: 30 s notice and 35 s going down recorded,
and as much again for a list that lags. Seen running later than that, it was started again."""
STOP_TAKES_S: Final = 180.0
"""A person's stop is over by then (recorded deallocations: 22-158 s), and a VM that is down cannot
be evicted: an eviction later than that is of a VM that was started again in between."""

_EVICTION: Final = frozenset({NoticeKind.EVICTED, NoticeKind.EVICTION_COMING})
_UP: Final = frozenset({NoticeKind.RUNNING, NoticeKind.STARTED_BY_USER})
_LOST: Final = frozenset({NoticeKind.GONE, NoticeKind.DELETED_BY_USER})


class Cause(StrEnum):
    """Why the VM is taken for lost."""

    EVICTION = "eviction"
    STOP_NOT_ALLOWED = "stop_not_allowed"
    """Stopped by somebody whom vmAdmins does not list: counts as an interruption."""
    GONE = "gone"
    UNKNOWN = "unknown"
    """Down, and nobody has said why within the hold."""


@dataclass(frozen=True)
class Evicted:
    """The node needs another VM."""

    cause: Cause
    evidence: tuple[str, ...]
    """Every notice that speaks for it, in words, oldest first."""
    deadline: datetime | None = None
    """When Azure begins to take the VM, if a notice said so."""


@dataclass(frozen=True)
class UserStop:
    """Somebody who may stopped the VM; it stays down."""

    actor: str | None
    at: datetime


@dataclass(frozen=True)
class Hold:
    """Down, by whom is not known yet: ask again at `until`."""

    until: datetime


@dataclass(frozen=True)
class Restarted:
    """It was down and runs again."""

    at: datetime


@dataclass(frozen=True)
class Nothing:
    """No notice concerns the present VM."""

    reason: str


Verdict = Evicted | UserStop | Hold | Restarted | Nothing


def verdict(
    run: RunState, notices: Sequence[Notice], now: datetime, vm_admins: list[str] | None
) -> Verdict:
    """Fuse the notices about the present VM into one verdict.

    `vm_admins`: texts of which one must occur in the actor's name for a stop to be his to make;
    None means everybody, an empty list nobody.
    """
    if run.vm is None:
        return Nothing("the node has no VM")
    present = _about(run.vm, notices)
    if not present:
        return Nothing("no notice is about the present VM")
    down = _last_stop(present)
    if not down:
        return _restarted(present)
    return _of_stop(down, now, vm_admins)


def may_stop(actor: str | None, vm_admins: list[str] | None) -> bool:
    """Tell whether a stop by `actor` is to be respected."""
    if vm_admins is None:
        return True
    name = (actor or "").casefold()
    return any(admin.casefold() in name for admin in vm_admins if admin)


def _about(vm: Vm, notices: Sequence[Notice]) -> list[Notice]:
    """Return the notices about this VM, oldest first.

    An earlier VM may have had the same name: what happened before this one was launched is its.
    """
    mine = [
        notice
        for notice in notices
        if notice.vm_resource_id.casefold() == vm.id.casefold()
        and (vm.launched_at is None or notice.occurred_at > vm.launched_at)
    ]
    return sorted(mine, key=lambda notice: (notice.occurred_at, notice.kind, notice.key))


def _last_stop(present: list[Notice]) -> list[Notice]:
    """Return what was heard of the VM going down since it was last seen up."""
    ups = [notice for notice in present if notice.kind in _UP]
    return [
        notice
        for notice in present
        if notice.kind not in _UP and not any(_contradicts(up, notice) for up in ups)
    ]


def _contradicts(up: Notice, down: Notice) -> bool:
    if down.kind in _EVICTION:
        begins = max(down.occurred_at, down.deadline or down.occurred_at)
        return up.occurred_at > begins + timedelta(seconds=EVICTION_TAKES_S)
    return up.occurred_at > down.occurred_at


def _restarted(present: list[Notice]) -> Verdict:
    """Nothing that went down is still down: say whether anything ever was."""
    ups = [notice.occurred_at for notice in present if notice.kind in _UP]
    if len(ups) == len(present):
        return Nothing("the VM runs")
    return Restarted(max(ups))


def _of_stop(down: list[Notice], now: datetime, vm_admins: list[str] | None) -> Verdict:
    evictions = [notice for notice in down if notice.kind in _EVICTION]
    stops = [notice for notice in down if notice.kind is NoticeKind.STOPPED_BY_USER]
    allowed = [notice for notice in stops if may_stop(notice.actor, vm_admins)]
    intended = [stop for stop in allowed if not _outlived(stop, evictions)]
    if intended:
        return UserStop(intended[-1].actor, intended[-1].occurred_at)
    if evictions:
        deadlines = [notice.deadline for notice in evictions if notice.deadline]
        return Evicted(Cause.EVICTION, _words(down), min(deadlines, default=None))
    if any(notice.kind in _LOST for notice in down):
        return Evicted(Cause.GONE, _words(down))
    if stops:
        return Evicted(Cause.STOP_NOT_ALLOWED, _words(down))
    return _held(down, now)


def _outlived(stop: Notice, evictions: list[Notice]) -> bool:
    end = stop.occurred_at + timedelta(seconds=STOP_TAKES_S)
    return any(eviction.occurred_at > end for eviction in evictions)


def _held(down: list[Notice], now: datetime) -> Verdict:
    until = min(notice.heard_at for notice in down) + timedelta(seconds=HOLD_S)
    return Evicted(Cause.UNKNOWN, _words(down)) if now >= until else Hold(until)


def _words(down: list[Notice]) -> tuple[str, ...]:
    """Tell each thing heard once, however often it was heard."""
    lines = [
        f"{notice.kind.replace('_', ' ')}, by {notice.source}"
        + (f", actor {notice.actor}" if notice.actor else "")
        + f", at {notice.occurred_at.isoformat()}"
        for notice in down
    ]
    return tuple(dict.fromkeys(lines))
