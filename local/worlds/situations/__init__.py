"""Situations: kinds of worlds that a user starts by name, and that tests play on virtual time."""

from typing import Final

from local.worlds.situations.calls import FLAKY_REPLIES, SLOW_DISKS, THROTTLED
from local.worlds.situations.markets import (
    EVICTION_STORM,
    FULL_REGION,
    FULL_ZONE,
    QUOTA_WALL,
    THIN_MARKET,
)
from local.worlds.situations.senses import DEAF, QUIET, RESTART, STUTTERING
from local.worlds.situations.situation import Moment, Situation, calm, play
from local.worlds.situations.weather import InThisProcess, OverHttp, Powers

__all__ = [
    "SITUATIONS",
    "InThisProcess",
    "Moment",
    "OverHttp",
    "Powers",
    "Situation",
    "calm",
    "named",
    "play",
]

SITUATIONS: Final = {
    one.name: one
    for one in (
        *(QUIET, EVICTION_STORM, FULL_ZONE, FULL_REGION, THIN_MARKET, QUOTA_WALL),
        *(THROTTLED, DEAF, STUTTERING, SLOW_DISKS, FLAKY_REPLIES, RESTART),
    )
}


def named(name: str) -> Situation:
    """Return the situation of that name; ValueError that lists all if there is none."""
    found = SITUATIONS.get(name)
    if found is None:
        raise ValueError(f"There is no world named {name!r}. Worlds: {', '.join(SITUATIONS)}.")
    return found
