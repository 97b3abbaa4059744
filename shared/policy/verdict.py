"""What the notices about a node's VM mean, taken together.

From outside an evicted VM looks exactly like a stopped one, and notices come twice, late, in any
order or never. So nothing here is counted: each notice is a witness of the present VM or of none,
and the same set of notices gives the same verdict however often and in whatever order it came.

A stop of which somebody is named is told; an annotation names nobody, and Azure may write one for
an eviction as well. So an eviction explains a stop that is not told, a told stop stands against an
eviction, and what nobody has explained waits for whoever may.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shared.model.run import Notice, NoticeKind, RunState, Status, Vm

HOLD_S: Final = 180.0
"""Seconds that a stop by nobody known is held before the rules decide without his name.
Source: published behaviour of stateful nodes, "3 minutes after the stop"."""
EVICTION_TAKES_S: Final = 120.0
"""An evicted VM may still be seen running for so long: 30 s notice and 35 s going down recorded,
and as much again for a list that lags. Seen running later than that, it was started again."""
STOP_TAKES_S: Final = 180.0
"""A person's stop is over by then (recorded deallocations: 22-158 s). So an eviction later than
that is of a VM that was started again in between, and so is a VM seen running; a deletion within it
is what the stop was for."""
READ_LAG_S: Final = 90.0
"""A VM that we have just stopped may be listed, and read, as running for so long: a look at the
fleet and a half. Whoever starts it by hand is told by an event, or by the look after next."""

IDENTITY: Final = "identity"
"""Name in a notice's detail of all that Azure says of the actor: names, ids, one a line."""

_EVICTION: Final = frozenset({NoticeKind.EVICTED, NoticeKind.EVICTION_COMING})
_UP: Final = frozenset({NoticeKind.RUNNING, NoticeKind.STARTED_BY_USER})
_LOST: Final = frozenset({NoticeKind.GONE, NoticeKind.DELETED_BY_USER})


class Cause(StrEnum):
    """Why the VM is taken for lost."""

    EVICTION = "eviction"
    STOP_NOT_ALLOWED = "stop_not_allowed"
    """Stopped by somebody whom vmAdmins does not list, or by nobody known although it lists some:
    counts as an interruption."""
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
    if run.status is Status.STOPPED and not _ran_since(run, present):
        if run.rests_since:  # whoever took it down besides: its owner wants it down
            return Nothing("its owner had it stopped")
        return _of_stopped(down, vm_admins)
    if not down:
        return _restarted(run, present)
    return _of_stop(down, now, vm_admins)


def would_overturn(
    run: RunState, notices: Sequence[Notice], now: datetime, vm_admins: list[str] | None
) -> bool:
    """Tell whether the verdict would fall if the VM were seen running now.

    Then whoever is about to act on it looks first. A fresh eviction or stop stands in any case.
    """
    if run.vm is None:
        return False
    looked = [*notices, seen_running(run.vm, now)]
    return isinstance(verdict(run, looked, now, vm_admins), Restarted | Nothing)


def seen_running(vm: Vm, now: datetime) -> Notice:
    """Return what Azure's own word on a running VM is: news, after all that was heard until now."""
    moment = now + timedelta.resolution
    return Notice(
        kind=NoticeKind.RUNNING,
        source="azure",
        vm_resource_id=vm.id,
        occurred_at=moment,
        heard_at=moment,
        event_id=f"{vm.id}:{moment.isoformat()}",
    )


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
    return sorted(mine, key=_order)


def _order(notice: Notice) -> tuple[datetime, str, str, str]:
    """Order by what is told, never by when it arrived."""
    return notice.occurred_at, notice.kind, notice.source, notice.actor or ""


def _last_stop(present: list[Notice]) -> list[Notice]:
    """Return what was heard of the VM going down since it was last seen up."""
    ups = [notice for notice in present if notice.kind in _UP]
    return [
        notice
        for notice in present
        if notice.kind not in _UP and not any(_contradicts(up, notice) for up in ups)
    ]


def _contradicts(up: Notice, down: Notice) -> bool:
    begins, takes_s = down.occurred_at, 0.0
    if down.kind in _EVICTION:
        begins, takes_s = max(begins, down.deadline or begins), EVICTION_TAKES_S
    elif down.kind is NoticeKind.STOPPED_BY_USER and up.kind is NoticeKind.RUNNING:
        takes_s = STOP_TAKES_S
    return up.occurred_at > begins + timedelta(seconds=takes_s)


def _ran_since(run: RunState, present: list[Notice]) -> bool:
    """Tell whether a VM that was noted as stopped was up after that."""
    noted = run.rests_since or run.updated_at
    lag = timedelta(seconds=READ_LAG_S if run.rests_since else 0.0)
    return noted is None or any(
        up.occurred_at > noted + (lag if up.kind is NoticeKind.RUNNING else timedelta())
        for up in present
        if up.kind in _UP
    )


def _restarted(run: RunState, present: list[Notice]) -> Verdict:
    """Nothing that went down is still down: say whether anything ever was."""
    ups = [notice.occurred_at for notice in present if notice.kind in _UP]
    if len(ups) == len(present) and run.status is not Status.STOPPED:
        return Nothing("the VM runs")
    return Restarted(max(ups))


def _of_stopped(down: list[Notice], vm_admins: list[str] | None) -> Verdict:
    """Judge a VM that was stopped before: stopping it again, or deleting it, changes nothing."""
    return _explained(down, vm_admins) or Nothing("the VM is stopped already")


def _of_stop(down: list[Notice], now: datetime, vm_admins: list[str] | None) -> Verdict:
    found = _explained(down, vm_admins)
    if found:
        return found
    told = [notice for notice in down if _is_stop(notice) and notice.actor]
    untold = [notice for notice in down if _is_stop(notice) and not notice.actor]
    lost = [notice for notice in down if notice.kind in _LOST]
    meant = [stop for stop in untold if not any(_in_wake(stop, end) for end in lost)]
    if meant and not told:
        return _held(down, now) or _meant(meant[-1], down, vm_admins)
    if lost:
        return Evicted(Cause.GONE, _words(down))
    if told:
        return Evicted(Cause.STOP_NOT_ALLOWED, _words(down))
    return _held(down, now) or Evicted(Cause.UNKNOWN, _words(down))


def _explained(down: list[Notice], vm_admins: list[str] | None) -> Verdict | None:
    """Return what a told stop or an eviction makes of it, None if there is neither."""
    evictions = [notice for notice in down if notice.kind in _EVICTION]
    intended = [
        notice
        for notice in down
        if _is_stop(notice)
        and notice.actor
        and may_stop(notice.detail.get(IDENTITY, notice.actor), vm_admins)
        and not _outlived(notice, evictions)
    ]
    if intended:
        return UserStop(intended[-1].actor, intended[-1].occurred_at)
    if evictions:
        deadlines = [notice.deadline for notice in evictions if notice.deadline]
        return Evicted(Cause.EVICTION, _words(down), min(deadlines, default=None))
    return None


def _meant(stop: Notice, down: list[Notice], vm_admins: list[str] | None) -> Verdict:
    """Judge a stop that somebody wanted and whose name never came."""
    if may_stop(None, vm_admins):
        return UserStop(None, stop.occurred_at)
    return Evicted(Cause.STOP_NOT_ALLOWED, _words(down))


def _is_stop(notice: Notice) -> bool:
    return notice.kind is NoticeKind.STOPPED_BY_USER


def _outlived(stop: Notice, evictions: list[Notice]) -> bool:
    end = stop.occurred_at + timedelta(seconds=STOP_TAKES_S)
    return any(eviction.occurred_at > end for eviction in evictions)


def _in_wake(stop: Notice, end: Notice) -> bool:
    passed = end.occurred_at - stop.occurred_at
    return timedelta() <= passed <= timedelta(seconds=STOP_TAKES_S)


def _held(down: list[Notice], now: datetime) -> Hold | None:
    """Return the hold, None once it is over. It begins when the stop is first heard of."""
    until = min(notice.heard_at for notice in down) + timedelta(seconds=HOLD_S)
    return Hold(until) if now < until else None


def _words(down: list[Notice]) -> tuple[str, ...]:
    """Tell each thing heard once, however often it was heard."""
    lines = [
        f"{notice.kind.replace('_', ' ')}, by {notice.source}"
        + (f", actor {notice.actor}" if notice.actor else "")
        + f", at {notice.occurred_at.isoformat()}"
        for notice in down
    ]
    return tuple(dict.fromkeys(lines))
