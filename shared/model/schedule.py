"""What happens to a node at set times."""

import re
from collections.abc import Iterator
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Strict

from shared.model.fields import Flag, Part

CRON_FIELDS: Final = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day", 1, 31),
    ("month", 1, 12),
    ("weekday", 0, 6),
)
"""Weekday 0 is Sunday; times are UTC."""
DAYS_OF_MONTHS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Days that a month can have: February 29 comes, if not every year."""
_ITEM = re.compile(r"(\*|\d{1,2}(?:-\d{1,2})?)(?:/(\d{1,2}))?")


def _item_fits(item: str, low: int, high: int) -> bool:
    found = _ITEM.fullmatch(item)
    if found is None or found.group(2) in ("0", "00"):
        return False
    if found.group(1) == "*":
        return True
    bounds = [int(number) for number in found.group(1).split("-")]
    return bounds == sorted(bounds) and low <= bounds[0] and bounds[-1] <= high


def _cron(value: str) -> str:
    fields = value.split()
    if len(fields) != len(CRON_FIELDS):
        raise ValueError("must have five fields: minute hour day month weekday, in UTC")
    for text, (name, low, high) in zip(fields, CRON_FIELDS, strict=True):
        if not all(_item_fits(item, low, high) for item in text.split(",")):
            raise ValueError(f"has a {name} that is not within {low}-{high}: {text[:40]}")
    return value


CronExpression = Annotated[str, Strict(), AfterValidator(_cron)]


def values(text: str, low: int, high: int) -> Iterator[int]:
    """Yield the numbers that a field means, a number as often as it is said."""
    for item in text.split(","):
        span, _, step = item.partition("/")
        first, _, last = span.partition("-")
        begin = low if first == "*" else int(first)
        # `5/15` is from 5 on, in steps; `5` is 5 alone.
        end = int(last) if last else high if first == "*" or step else begin
        yield from range(begin, end + 1, int(step or 1))


def either_is_enough(day: str, weekday: str) -> bool:
    """Tell whether day or weekday is enough: both are restricted; else both must fit."""
    return not (day.startswith("*") or weekday.startswith("*"))


def comes(expression: str) -> bool:
    """Tell whether an expression ever has a moment: February 30 has none.

    A weekday comes in every month, and in the long run on every day of every month.
    """
    texts = expression.split()
    days, months = (
        set(values(text, low, high))
        for text, (_, low, high) in zip(texts[2:4], CRON_FIELDS[2:4], strict=True)
    )
    longest = max(DAYS_OF_MONTHS[month - 1] for month in months)
    return either_is_enough(texts[2], texts[4]) or min(days) <= longest


class Task(Part):
    """One action at cron times."""

    is_enabled: Flag
    type: Literal["pause", "resume", "recycle"]
    cron_expression: CronExpression


class Scheduling(Part):
    """Actions at cron times."""

    tasks: tuple[Task, ...] | None = None
