"""Which of a node's VMs is paid for, and how an interval falls on days."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from shared.model.run import RunState, Status
from shared.model.usage import Day, Open, Running, Used

PAID: Final = frozenset(
    {
        Status.ACTIVE,
        Status.PAUSE,
        Status.PAUSING,
        Status.RECYCLE,
        Status.RECYCLING,
        Status.STOPPING,
        Status.DEALLOCATE,
        Status.DEALLOCATING,
    }
)
"""Statuses in which the VM runs, or is only on its way down. In all others it is down, or nobody
knows (ERROR): what is not known is not counted."""
_MS: Final = timedelta(milliseconds=1)
_HOUR_MS: Final = 3_600_000


def running_of(run: RunState) -> Running | None:
    """Return the VM that a node pays for now."""
    vm = run.vm
    if vm is None or run.status not in PAID:
        return None
    return Running(
        vm=f"{vm.id}#{run.generation}",
        lifecycle=vm.lifecycle,
        size=vm.size,
        since=vm.launched_at,
    )


def next_open(was: Open | None, running: Running | None, now: datetime) -> Open:
    """Return the interval that begins where the one before ends: nothing is counted twice.

    A VM counts from its launch. One that was launched before the last interval ended has been
    down since, and runs again as of now.
    """
    if was and was.running and running == was.running:
        return was.model_copy(update={"since": max(now, was.since)})
    launched = (running.since if running else None) or now
    if was is None:
        return Open(since=min(launched, now), running=running)
    began = launched if was.since < launched < now else now
    return Open(since=max(began, was.since), running=running)


def is_same_day(one: datetime, other: datetime) -> bool:
    """Tell whether two moments are of one UTC day, or the clock went back."""
    return other.astimezone(UTC).date() <= one.astimezone(UTC).date()


def shares(open_: Open, end: datetime) -> Iterator[tuple[date, Used]]:
    """Yield what an interval has used by its end, day by day (UTC)."""
    running, at = open_.running, open_.since.astimezone(UTC)
    if running is None:
        return
    while at < end:
        midnight = datetime.combine(at.date() + timedelta(days=1), time(), UTC)
        until = min(midnight, end.astimezone(UTC))
        yield at.date(), _share(open_, running, (until - at) // _MS)
        at = until


def _share(open_: Open, running: Running, used_ms: int) -> Used:
    rates, hours = open_.rates, used_ms / _HOUR_MS
    return Used(
        lifecycle=running.lifecycle,
        size=running.size,
        used_ms=used_ms,
        priced_ms=used_ms if rates else 0,
        cost_usd=hours * rates.usd_per_hour if rates else 0.0,
        od_cost_usd=hours * rates.od_usd_per_hour if rates else 0.0,
    )


def with_used(day: Day, more: Used) -> Day:
    """Return the day with more used on it."""
    kept = [one for one in day.used if not _same(one, more)]
    known = next((one for one in day.used if _same(one, more)), None)
    total = _sum(known, more) if known else more
    return Day(used=tuple(sorted((*kept, total), key=lambda one: (one.lifecycle, one.size))))


def _same(one: Used, other: Used) -> bool:
    return (one.lifecycle, one.size) == (other.lifecycle, other.size)


def _sum(one: Used, other: Used) -> Used:
    return Used(
        lifecycle=one.lifecycle,
        size=one.size,
        used_ms=one.used_ms + other.used_ms,
        priced_ms=one.priced_ms + other.priced_ms,
        cost_usd=one.cost_usd + other.cost_usd,
        od_cost_usd=one.od_cost_usd + other.od_cost_usd,
    )
