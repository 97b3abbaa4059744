"""Situations of the way to Azure: throttled, slow, unreliable."""

from collections.abc import Iterator
from random import Random
from typing import Final

from local.worlds.situations.situation import MINUTE_S, Moment, Situation
from local.worlds.situations.weather import evictions, fault, latency_of, no_faults

WRITES: Final = "PUT,PATCH,POST,DELETE"


def _evicted_at_times(dice: Random, least_s: float, most_s: float) -> Iterator[Moment]:
    while True:
        yield Moment(dice.uniform(least_s, most_s), (evictions(count=1),))


def _throttles(dice: Random) -> Iterator[Moment]:
    while True:
        share, wait_s = dice.uniform(0.1, 0.4), dice.randint(2, 30)
        told = fault("throttle", share, retry_after_s=wait_s)
        silent = fault("throttle", 0.05, group="HighCostGet3Min")
        yield Moment(0.0, (no_faults(), told, silent))
        yield Moment(dice.uniform(2 * MINUTE_S, 6 * MINUTE_S), (evictions(count=1),))
        yield Moment(dice.uniform(2 * MINUTE_S, 6 * MINUTE_S), (no_faults(),))
        yield Moment(dice.uniform(1 * MINUTE_S, 3 * MINUTE_S), ())


THROTTLED: Final = Situation(
    "throttled",
    "Others use up the subscription's share of calls",
    """\
For 4 to 12 minutes a tenth to four tenths of all calls to Azure are answered 429 with a Retry-After
of 2 to 30 seconds, and one in twenty 429 without; then for 1 to 3 minutes none; and so on. In the
middle of each bad time one Spot VM is evicted.""",
    _throttles,
)


def _slow(dice: Random) -> Iterator[Moment]:
    factors = {"disk.*": 30.0, "snapshot.*": 60.0, "vm.update.disks": 8.0, "nic.*": 5.0}
    yield Moment(0.0, (latency_of(factors), fault("slow", 0.2, slow_s=8.0, method="GET")))
    yield from _evicted_at_times(dice, 10 * MINUTE_S, 30 * MINUTE_S)


SLOW_DISKS: Final = Situation(
    "slow_disks",
    "Storage is slow, and so is the network's control plane",
    """\
Operations on disks take 30 times as long, on snapshots 60 times, on NICs 5 times; attaching a disk
takes 8 times as long. One read in five is answered 8 seconds late. Every 10 to 30 minutes one Spot
VM is evicted.""",
    _slow,
)


def _flaky(dice: Random) -> Iterator[Moment]:
    faults = (
        fault("lose_reply", 0.06),
        fault("lose_request", 0.04),
        fault("refuse", 0.03, status=503),
        fault("refuse", 0.02, status=500, code="InternalServerError", method=WRITES),
        fault("refuse", 0.02, status=429, retry_after_s=5),
    )
    yield Moment(0.0, faults)
    yield from _evicted_at_times(dice, 6 * MINUTE_S, 15 * MINUTE_S)


FLAKY_REPLIES: Final = Situation(
    "flaky_replies",
    "Connections break, servers stumble",
    """\
Of a hundred calls to Azure six have their effect but no reply, four are lost on the way, three are
answered 503, two writes 500, two 429. Every 6 to 15 minutes one Spot VM is evicted.""",
    _flaky,
)
