"""Timer triggers on the injected clock."""

import asyncio
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from azure.functions.meta import Datum

from local.host import log
from local.host.alarm import Alarm, Call
from local.host.durable.database import Database
from local.host.durable.events import moment, stamp
from local.host.index import AppError, Function
from local.host.invoke import Invoker
from local.host.ncrontab import Schedule, ScheduleError, parse_schedule
from local.host.options import witness_of
from local.host.settings import resolve

CALENDAR_START: Final = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Timer:
    """One timer trigger: its function, its schedule, and the schedule as it was written."""

    function: Function
    expression: str
    schedule: Schedule

    @classmethod
    def of(cls, function: Function) -> "Timer":
        """Read a function's timer trigger; AppError if its schedule cannot be read."""
        expression = resolve(str(function.trigger["schedule"]), os.environ)
        try:
            schedule = parse_schedule(expression)
            schedule.after(CALENDAR_START)  # refuses a date that never comes
            return cls(function, expression, schedule)
        except ScheduleError as problem:
            raise AppError(f"function '{function.name}': {problem}") from problem

    @property
    def monitored(self) -> bool:
        """Whether the last run is remembered, so that a missed one is made up for."""
        return bool(self.function.trigger.get("useMonitor", True))


class Timers:
    """Runs timer functions: each never twice at a time, a late one at once and marked as such."""

    def __init__(
        self, timers: list[Timer], invoker: Invoker, alarm: Alarm, database: Database
    ) -> None:
        self._timers = timers
        self._invoker = invoker
        self._alarm = alarm
        self._database = database
        self._lull = invoker.options.lull
        self._tell = witness_of(invoker.options)
        self._running: set[asyncio.Task[None]] = set()
        self._armed: dict[str, tuple[Timer, Call]] = {}

    def start(self, now: datetime) -> None:
        """Arm all timers; what came due while the host was down runs now."""
        if self._timers and os.environ.get("WEBSITE_TIME_ZONE", "UTC") != "UTC":
            log.warn("time_zone_ignored", reason="schedules run in UTC, as on Linux consumption")
        for timer in self._timers:
            due = self._next(timer)
            late = due is not None and due <= now
            if late or timer.function.trigger.get("runOnStartup"):
                self._run(timer, now, past_due=late)
            else:
                self._arm(timer, due or timer.schedule.after(now), now)

    def rouse(self) -> None:
        """End a lull: timers that were let run late are due at their next time again."""
        now = self._alarm.now()
        for timer, call in [*self._armed.values()]:
            due = timer.schedule.after(now)
            if due < call.when:
                call.cancel()
                self._arm(timer, due, now)

    async def stop(self, grace_s: float) -> None:
        """Give running timers a little wall time, then cancel them."""
        running = [*self._running]
        if running and grace_s > 0:
            await asyncio.wait(running, timeout=grace_s)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _next(self, timer: Timer) -> datetime | None:
        row = self._row(timer)
        if row is None or not timer.monitored or row["expression"] != timer.expression:
            return None
        return moment(row["next"])

    def _row(self, timer: Timer) -> Any:
        return self._database.row("SELECT * FROM schedules WHERE function = ?", timer.function.name)

    def _arm(self, timer: Timer, due: datetime, now: datetime, last: str | None = None) -> None:
        with self._database.transaction():
            self._database.execute(
                "INSERT INTO schedules VALUES (?, ?, ?, ?, ?) ON CONFLICT (function) DO UPDATE SET"
                " expression = excluded.expression, last = coalesce(excluded.last, last),"
                " next = excluded.next, updated = excluded.updated",
                timer.function.name,
                timer.expression,
                last,
                stamp(due),
                stamp(now),
            )
        call = self._alarm.at(due, partial(self._run, timer, due, past_due=False))
        self._armed[timer.function.name] = timer, call

    def _run(self, timer: Timer, due: datetime, *, past_due: bool) -> None:
        self._armed.pop(timer.function.name, None)
        task = asyncio.create_task(self._call(timer, due, past_due=past_due))
        self._running.add(task)
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("timer_not_recorded", reason=repr(task.exception()))

    async def _call(self, timer: Timer, due: datetime, *, past_due: bool) -> None:
        name = timer.function.name
        self._tell("timer", name)
        try:
            await self._invoker.call(timer.function, self._value(timer, past_due=past_due))
        except Exception as problem:  # noqa: BLE001 - a failing timer runs again at its next time
            log.error("timer_failed", function=name, reason=repr(problem))
        # Armed only now: a run that takes longer than its interval skips the ticks it covered.
        now = self._alarm.now()
        late = timedelta(seconds=self._lull()) if self._lull else timedelta(0)
        self._arm(timer, timer.schedule.after(max(now, due) + late), now, last=stamp(due))

    def _value(self, timer: Timer, *, past_due: bool) -> Datum:
        row = self._row(timer)
        status = None
        if row is not None and timer.monitored:
            status = {"Last": row["last"], "Next": row["next"], "LastUpdated": row["updated"]}
        document = {
            "Schedule": {"AdjustForDST": True},
            "ScheduleStatus": status,
            "IsPastDue": past_due,
        }
        return Datum(json.dumps(document), "json")
