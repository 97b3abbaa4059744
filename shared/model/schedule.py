"""What happens to a node at set times."""

import re
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


class Task(Part):
    """One action at cron times."""

    is_enabled: Flag
    type: Literal["pause", "resume", "recycle"]
    cron_expression: CronExpression


class Scheduling(Part):
    """Actions at cron times."""

    tasks: tuple[Task, ...] | None = None
