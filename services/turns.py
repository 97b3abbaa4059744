"""Turns: which of many nodes have theirs in this minute, so that Azure is asked evenly."""

import zlib
from collections.abc import Sequence
from datetime import datetime
from math import ceil
from typing import TypeVar

from store.summary import NodeSummary

T = TypeVar("T", bound=NodeSummary)


def in_turn(nodes: Sequence[T], minute: datetime, a_minute: int, period_min: int = 1) -> list[T]:
    """Return the nodes whose turn it is: each has one in every so many minutes, by its id.

    The period is `period_min`, or longer where more than `a_minute` nodes would share a minute.
    """
    period = max(period_min, ceil(len(nodes) / a_minute))
    number = int(minute.timestamp() // 60)
    return [one for one in nodes if (zlib.crc32(one.key.node_id.encode()) + number) % period == 0]
