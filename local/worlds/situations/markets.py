"""Situations of Azure's room: what it has, takes back, and refuses."""

from collections.abc import Iterator
from itertools import count
from random import Random
from typing import Final

from local.arm.wire import Json
from local.worlds.situations.situation import HOUR_S, MINUTE_S, Moment, Situation
from local.worlds.situations.weather import (
    capacity,
    evictions,
    quota,
    room_for_all,
    usual_quota,
)

ZONES: Final = ("1", "2", "3")


def _spot(**more: object) -> Json:
    return {"lifecycle": "SPOT", **more}


# -- eviction storm -------------------------------------------------------------------------------


def _storms(dice: Random) -> Iterator[Moment]:
    while True:
        after_s = dice.uniform(3 * MINUTE_S, 10 * MINUTE_S)
        notice_s = dice.choice((30.0, 30.0, 30.0, 5.0, 0.0))
        which = {} if dice.random() < 0.5 else {"zone": dice.choice((*ZONES, "regional"))}  # noqa: PLR2004
        yield Moment(after_s, (evictions(notice_s=notice_s, **which),))


EVICTION_STORM: Final = Situation(
    "eviction_storm",
    "Azure takes Spot VMs back all the time, many at once",
    """\
Every 3 to 10 minutes Azure evicts Spot VMs: by even chance all of them, or all of one zone (or all
without a zone). Three times in five with 30 seconds of notice, else with 5 or none.
There is always room for the next VM.""",
    _storms,
)


# -- a full zone, a full region -------------------------------------------------------------------


def _full_zones(dice: Random) -> Iterator[Moment]:
    full = "1"
    for turn in count():
        rule = _spot(zone=full, room=0, evict=True)
        after_s = 0.0 if turn == 0 else dice.uniform(20 * MINUTE_S, 60 * MINUTE_S)
        yield Moment(after_s, (room_for_all(), capacity(rule)))
        full = dice.choice([zone for zone in ZONES if zone != full])


FULL_ZONE: Final = Situation(
    "full_zone",
    "One zone has no Spot room, another one after a while",
    """\
Zone 1 has no Spot room from the start: Spot VMs there are evicted, starts and creates are refused,
some at once and some minutes later. On-demand VMs and the other zones have room.
After 20 to 60 minutes that zone has room again and another one is full; and so on.""",
    _full_zones,
)


def _full_regions(dice: Random) -> Iterator[Moment]:
    for turn in count():
        after_s = 0.0 if turn == 0 else dice.uniform(20 * MINUTE_S, 40 * MINUTE_S)
        rules = [_spot(room=0, evict=True)]
        if dice.random() < 0.3:  # noqa: PLR2004
            rules.append({"lifecycle": "OD", "room": 0})
        yield Moment(after_s, (capacity(*rules),))
        yield Moment(dice.uniform(20 * MINUTE_S, 60 * MINUTE_S), (room_for_all(),))


FULL_REGION: Final = Situation(
    "full_region",
    "No Spot room anywhere, and at times nothing at all",
    """\
From the start no region has any Spot room: all Spot VMs are evicted. Three times in ten there is no
on-demand room either; VMs that run on demand stay.
After 20 to 60 minutes there is room for all, for 20 to 40 minutes; then it begins again.""",
    _full_regions,
)


# -- a thin market --------------------------------------------------------------------------------


def _thin_markets(dice: Random) -> Iterator[Moment]:
    for turn in count():
        after_s = 0.0 if turn == 0 else dice.uniform(1 * HOUR_S, 3 * HOUR_S)
        thick = dice.choice(ZONES)
        thin = _spot(life_s=[MINUTE_S, 5 * MINUTE_S])
        rules = (thin, _spot(zone=thick, life_s=[2 * HOUR_S, 8 * HOUR_S]))
        yield Moment(after_s, (room_for_all(), capacity(*rules), evictions()))


THIN_MARKET: Final = Situation(
    "thin_market",
    "Spot VMs are granted, then taken back within minutes",
    """\
Azure grants every Spot VM, and evicts it 1 to 5 minutes after it is up. One zone, drawn by the
seed, is better: there a VM lasts 2 to 8 hours. Each 1 to 3 hours the better zone is drawn anew.
At the start and at each draw all Spot VMs are evicted. On-demand VMs are left alone.""",
    _thin_markets,
)


# -- quota ----------------------------------------------------------------------------------------


def _quotas(dice: Random) -> Iterator[Moment]:
    for turn in count():
        after_s = 0.0 if turn == 0 else dice.uniform(20 * MINUTE_S, 60 * MINUTE_S)
        spot = dice.choice((0, 2, 4))
        on_demand = dice.choice((0, 4, 350))
        yield Moment(after_s, (quota(lowPriorityCores=spot, cores=on_demand), evictions()))
        yield Moment(dice.uniform(20 * MINUTE_S, 60 * MINUTE_S), (usual_quota(),))


QUOTA_WALL: Final = Situation(
    "quota_wall",
    "The subscription may have hardly any vCPUs",
    """\
From the start the quota is 0, 2 or 4 vCPUs for Spot (lowPriorityCores) and 0, 4 or 350 for
on-demand (cores), in every region, and all Spot VMs are evicted once. A VM counts whether it runs
or is deallocated: what stands may start again, what is new or larger is refused.
After 20 to 60 minutes the usual quota (350) is back, as if a person had asked for it; 20 to 60
minutes later the wall is there again.""",
    _quotas,
)
