"""Figures printed: median, p90 and most, and goals that hold or do not."""

import os
import platform
import sys
from collections.abc import Iterable
from statistics import median

WIDTH = 46


def say(*lines: str) -> None:
    """Print lines, at once."""
    for text in lines or ("",):
        sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def line(what: str, values: Iterable[float], unit: str = "s") -> str:
    """Return one row of the table."""
    ordered = sorted(values)
    most = ordered[-1]
    p90 = ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))]
    cells = "".join(f"{value:10.2f}" for value in (median(ordered), p90, most))
    return f"{what:<{WIDTH}}{cells} {unit}"


def heading(title: str) -> str:
    """Return the head of the table."""
    cells = "".join(f"{word:>10}" for word in ("median", "p90", "max"))
    return f"\n{title:<{WIDTH}}{cells}"


def goal(what: str, holds: bool, seen: str) -> str:  # noqa: FBT001 - the verdict is the point
    """Return one goal with its verdict."""
    return f"  {'holds ' if holds else 'MISSED'}  {what}: {seen}"


def machine() -> str:
    """Return the class of machine."""
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
