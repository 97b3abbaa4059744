"""Schedules of timer triggers: six-field NCRONTAB, or a TimeSpan between runs.

Source: Azure docs, functions-bindings-timer (NCRONTAB expressions, TimeSpan).
"""

import re
from datetime import datetime, timedelta
from typing import Final, Protocol

MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
YEARS_AHEAD: Final = 28
"""Years searched for the next run: the calendar repeats itself after 28 (until 2100)."""

TIMESPAN: Final = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?")


class ScheduleError(ValueError):
    """A schedule that cannot be read."""


class Schedule(Protocol):
    """When a timer runs."""

    def after(self, moment: datetime) -> datetime:
        """Return the first run strictly after a moment."""
        ...


class Every:
    """A fixed span between two runs."""

    def __init__(self, span: timedelta) -> None:
        self._span = span

    def after(self, moment: datetime) -> datetime:
        """Return the moment one span later."""
        return moment + self._span


class Crontab:
    """second minute hour day month day-of-week, each a list of values, ranges and steps.

    Day and day-of-week must both fit, unlike in Unix cron.
    """

    def __init__(self, fields: list[str]) -> None:
        self._seconds = _values(fields[0], 0, 59, ())
        self._minutes = _values(fields[1], 0, 59, ())
        self._hours = _values(fields[2], 0, 23, ())
        self._days = set(_values(fields[3], 1, 31, ()))
        self._months = set(_values(fields[4], 1, 12, MONTHS))
        self._weekdays = {day % 7 for day in _values(fields[5], 0, 7, DAYS)}

    def after(self, moment: datetime) -> datetime:
        """Return the first fitting second strictly after a moment; ScheduleError if none comes."""
        start = moment.replace(microsecond=0) + timedelta(seconds=1)
        day = start.replace(hour=0, minute=0, second=0)
        for offset in range(366 * YEARS_AHEAD):
            today = day + timedelta(days=offset)
            if self._fits(today):
                found = self._time(start if offset == 0 else today)
                if found is not None:
                    return found
        raise ScheduleError("the schedule names a date that never comes")

    def _fits(self, day: datetime) -> bool:
        weekday = (day.weekday() + 1) % 7
        return day.month in self._months and day.day in self._days and weekday in self._weekdays

    def _time(self, earliest: datetime) -> datetime | None:
        floor = (earliest.hour, earliest.minute, earliest.second)
        for hour in (h for h in self._hours if h >= floor[0]):
            for minute in (m for m in self._minutes if (hour, m) >= floor[:2]):
                for second in self._seconds:
                    if (hour, minute, second) >= floor:
                        return earliest.replace(hour=hour, minute=minute, second=second)
        return None


def parse_schedule(text: str) -> Schedule:
    """Read a schedule; five fields get a leading second 0. Raises ScheduleError."""
    span = TIMESPAN.fullmatch(text.strip())
    if span is not None:
        return Every(_timespan(span))
    fields = text.split()
    if len(fields) == 5:  # noqa: PLR2004 - NCRONTAB without seconds
        fields = ["0", *fields]
    if len(fields) != 6:  # noqa: PLR2004
        raise ScheduleError(f"'{text}' has {len(fields)} fields, NCRONTAB has six")
    try:
        return Crontab(fields)
    except ValueError as problem:
        raise ScheduleError(f"cannot read the schedule '{text}': {problem}") from problem


def _timespan(found: re.Match[str]) -> timedelta:
    days, hours, minutes, seconds, fraction = found.groups(default="0")
    if int(hours) > 23:  # noqa: PLR2004
        days, hours = hours, "0"  # a TimeSpan of 24:00:00 means 24 days, as .NET reads it
    span = timedelta(
        days=int(days),
        hours=int(hours),
        minutes=int(minutes),
        seconds=int(seconds),
        microseconds=int(fraction.ljust(7, "0")[:6]),
    )
    if span <= timedelta(0):
        raise ScheduleError("a timer needs a positive span")
    return span


def _values(text: str, low: int, high: int, names: tuple[str, ...]) -> list[int]:
    found: set[int] = set()
    for part in text.split(","):
        found.update(_part(part, low, high, names))
    return sorted(found)


def _part(text: str, low: int, high: int, names: tuple[str, ...]) -> range:
    body, slash, step_text = text.partition("/")
    step = _number(step_text, 1, high, ()) if slash else 1
    if body in ("*", "?"):
        return range(low, high + 1, step)
    first_text, dash, last_text = body.partition("-")
    first = _number(first_text, low, high, names)
    if dash:
        last = _number(last_text, low, high, names)
        if last < first:
            raise ScheduleError(f"the range '{body}' runs backwards")
        return range(first, last + 1, step)
    return range(first, high + 1, step) if slash else range(first, first + 1)


def _number(text: str, low: int, high: int, names: tuple[str, ...]) -> int:
    key = text.upper()[:3]
    if key.isalpha() and key in names:
        return names.index(key) + low
    if not text.isdigit() or not low <= int(text) <= high:
        raise ScheduleError(f"'{text}' is not between {low} and {high}")
    return int(text)
