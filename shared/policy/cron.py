"""Cron expressions: five fields (minute, hour, day, month, weekday; 0 is Sunday), in UTC.

As cron has always had it: where both day and weekday are restricted, either is enough. What may
stand in a field, `shared/model/schedule.py` says; nothing else gets here.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from shared.model.schedule import CRON_FIELDS, either_is_enough, values

DAYS_MAX: Final = 8 * 366 + 1
"""Days to look ahead: February 29 may be eight years away. What is not found until then (February
30) never comes."""
DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Cron:
    """An expression, read."""

    times: tuple[time, ...]
    """Of a day that fits, in order."""
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool
    """Day or weekday is enough; else both must fit."""

    def fits(self, day: date) -> bool:
        """Tell whether the expression has moments on a day."""
        of_month, of_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        fits = of_month or of_week if self.either else of_month and of_week
        return fits and day.month in self.months


@lru_cache(maxsize=256)
def read(expression: str) -> Cron:
    """Read an expression. ValueError for what is none."""
    texts = expression.split()
    minutes, hours, days, months, weekdays = (
        frozenset(values(text, low, high))
        for text, (_, low, high) in zip(texts, CRON_FIELDS, strict=True)
    )
    return Cron(
        times=tuple(
            time(hour, minute, tzinfo=UTC) for hour in sorted(hours) for minute in sorted(minutes)
        ),
        days=days,
        months=months,
        weekdays=weekdays,
        either=either_is_enough(texts[2], texts[4]),
    )


def next_after(expression: str, moment: datetime) -> datetime | None:
    """Return the first moment of an expression after `moment`; None: it never comes."""
    cron, begin = read(expression), moment.astimezone(UTC)
    for ahead in range(DAYS_MAX):
        day = begin.date() + ahead * DAY
        if not cron.fits(day):
            continue
        for of_day in cron.times:
            found = datetime.combine(day, of_day)
            if found > begin:
                return found
    return None


def last_by(expression: str, moment: datetime, since: datetime) -> datetime | None:
    """Return the latest moment of an expression from `since` to `moment`; None: there is none."""
    cron, end, begin = read(expression), moment.astimezone(UTC), since.astimezone(UTC)
    for back in range((end.date() - begin.date()).days + 1):
        day = end.date() - back * DAY
        if not cron.fits(day):
            continue
        for of_day in reversed(cron.times):
            found = datetime.combine(day, of_day)
            if begin <= found <= end:
                return found
    return None
