"""Situations of what the product hears, and of its own life."""

from collections.abc import Iterator
from random import Random
from typing import Final

from local.worlds.situations.situation import MINUTE_S, Moment, Situation
from local.worlds.situations.weather import KillHost, events, evictions


def _quiet(_dice: Random) -> Iterator[Moment]:
    yield from ()


QUIET: Final = Situation(
    "quiet",
    "Nothing happens by itself",
    """\
Azure has room for all and evicts nothing unless it is asked to. No call fails, every event is
delivered within two seconds.""",
    _quiet,
)


def _evictions(dice: Random) -> Iterator[Moment]:
    while True:
        yield Moment(dice.uniform(5 * MINUTE_S, 15 * MINUTE_S), (evictions(count=1),))


def _deaf(dice: Random) -> Iterator[Moment]:
    yield Moment(0.0, (events(loss=1.0),))
    yield from _evictions(dice)


DEAF: Final = Situation(
    "deaf",
    "No event ever arrives",
    """\
Event Grid loses every event. Every 5 to 15 minutes one Spot VM is evicted: only the list of VMs
that is read once a minute tells, and not why.""",
    _deaf,
)


def _stuttering(dice: Random) -> Iterator[Moment]:
    how = {"loss": 0.1, "duplicate": 0.5, "reorder": 0.5, "reorder_s": 600.0}
    yield Moment(0.0, (events(**how, delay_s=[0.5, 120.0]),))
    yield from _evictions(dice)


STUTTERING: Final = Situation(
    "stuttering",
    "Events come twice, late, and in any order",
    """\
One event in ten is lost, half of the others come twice; each is delayed by up to two minutes, and
half of them by up to ten minutes more, so that they overtake each other. Every 5 to 15 minutes one
Spot VM is evicted.""",
    _stuttering,
)


def _restarts(dice: Random) -> Iterator[Moment]:
    while True:
        yield Moment(dice.uniform(1 * MINUTE_S, 4 * MINUTE_S), (evictions(count=1),))
        yield Moment(dice.uniform(0.2 * MINUTE_S, 2 * MINUTE_S), (KillHost(),))


RESTART: Final = Situation(
    "restart",
    "The host is killed every few minutes",
    """\
Every 1 to 4 minutes one Spot VM is evicted, and 12 to 120 seconds later the host process is killed
with SIGKILL and started again: what it was doing must go on where it stood.""",
    _restarts,
)
