"""The routes of usage and costs: what they take and what they give."""

from typing import Any, Final

from store.tokens import Role
from triggers.route import NODE, Items, Query, Route
from triggers.shapes import thing

COST_KIND: Final = "spotinst:azure:statefulNode:cost"
SIZE_KIND: Final = "spotinst:azure:stateful:dailySizeUsage"
_NUMBER: Final = {"type": "number", "minimum": 0}
_HOURS: Final = thing("hours", hours=_NUMBER)
_USAGE: Final = thing("spot od", spot=_HOURS, od=_HOURS)
_DOLLARS: Final[dict[str, Any]] = dict.fromkeys(
    ("odCost", "spotPotentialCost", "spotActualCost"), _NUMBER
)
_COST: Final = thing(" ".join(_DOLLARS), **_DOLLARS)
_DAY_COST: Final = thing(" ".join((*_DOLLARS, "day")), **_DOLLARS)
_USED: Final[dict[str, Any]] = {"spot": {"hours": 23.5}, "od": {"hours": 0.5}}
_PAID: Final = {"odCost": 0.048, "spotPotentialCost": 2.256, "spotActualCost": 0.451}
_DAY: Final = "2026-11-23T00:00:00.000Z"
COST_ITEM: Final = Items(
    "Cost", thing("usage cost", usage=_USAGE, cost=_COST), {"usage": _USED, "cost": _PAID}
)
DAILY_COST_ITEM: Final = Items(
    "DailyCost",
    thing("day usage cost", usage=_USAGE, cost=_DAY_COST),
    {"day": _DAY, "usage": _USED, "cost": _PAID | {"day": _DAY}},
)
SIZE_ITEM: Final = Items(
    "DailySizeUsage",
    thing(
        "day cpus lifeCycle vmSize",
        cpus={"type": "integer", "minimum": 0},
        lifeCycle={"enum": ["spot", "od"]},
    ),
    {"day": _DAY, "cpus": 2, "lifeCycle": "spot", "vmSize": "standard_d2s_v5"},
)
_QUERIES: Final = (
    Query("fromDate", "ISO 8601 or Unix milliseconds; its UTC day counts whole", required=True),
    Query("toDate", "ISO 8601 or Unix milliseconds; its UTC day counts whole", required=True),
    Query("ownerId", "a node's id; absent: all nodes of the account"),
)
_ABOUT: Final = (
    "Dollars are those of the hours whose price is known; hours without a price are hours alone. "
    "spotPotentialCost is what the Spot hours would have cost on demand."
)

USAGE_ROUTES: Final = (
    Route(
        "azureGetAggregatedCosts",
        "GET",
        f"{NODE}/cost",
        Role.VIEWER,
        "Read hours and costs of a time",
        gives=COST_ITEM,
        queries=_QUERIES,
        about=_ABOUT,
    ),
    Route(
        "azureGetDailyAggregatedCosts",
        "GET",
        f"{NODE}/cost/daily",
        Role.VIEWER,
        "Read hours and costs of each day",
        gives=DAILY_COST_ITEM,
        queries=_QUERIES,
        about=_ABOUT,
    ),
    Route(
        "azureGetDailyVmSizeUsage",
        "GET",
        f"{NODE}/sizeUsage/daily",
        Role.VIEWER,
        "Read which VM sizes ran on each day",
        gives=SIZE_ITEM,
        queries=_QUERIES,
        about="cpus counts each node once a day for each size that it ran.",
    ),
)
