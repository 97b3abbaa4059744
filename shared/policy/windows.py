"""Spans of the week: `ddd:hh:mm-ddd:hh:mm`, UTC, one continuous span each, may wrap the week."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

_DAYS: Final = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
_DAY_MIN: Final = 24 * 60


def in_any(windows: Iterable[str], now: datetime) -> bool:
    """Tell whether `now` (aware, UTC) lies in one of the spans; ends are exclusive.

    Raises ValueError on a text that is no span.
    """
    return any(_within(window, now) for window in windows)


def _within(window: str, now: datetime) -> bool:
    begins, ends = (_minute_of_week(edge) for edge in window.split("-"))
    minute = now.weekday() * _DAY_MIN + now.hour * 60 + now.minute
    if begins <= ends:
        return begins <= minute < ends
    return minute >= begins or minute < ends


def _minute_of_week(edge: str) -> int:
    day, hour, minute = edge.strip().split(":")
    if day.casefold() not in _DAYS:
        raise ValueError(f"no day of the week: {day}")
    return _DAYS[day.casefold()] * _DAY_MIN + int(hour) * 60 + int(minute)
