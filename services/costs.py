"""What clients ask of usage: hours and dollars in all and by day, VM sizes by day."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from services.moments import parse_span
from services.node_views import rfc3339
from services.refusals import UnknownNode
from shared.clock import Clock
from shared.model.ids import node_key
from shared.model.problems import FieldError, Rejected
from shared.model.run import Lifecycle
from shared.model.usage import Day, Used
from shared.policy.usage import with_used
from store.stores import Stores
from store.usage import Days

_HOUR_MS: Final = 3_600_000
_DIGITS: Final = 4
_VCPUS: Final = re.compile(r"[a-z]+(\d+)(?:-(\d+))?", re.IGNORECASE)


@dataclass(frozen=True)
class CostQuery:
    """Which days, of which node; no node: all of the account."""

    first: date
    last: date
    owner_id: str = ""


def parse_cost_query(query: Mapping[str, str]) -> CostQuery:
    """Return the query of a cost call. Raises `Rejected` with every parameter that is wrong.

    Both dates are days in UTC, and both days count whole.
    """
    errors: list[FieldError] = []
    span = parse_span(query, errors)
    if span is None:
        raise Rejected(errors)
    first, last = (one.astimezone(UTC).date() for one in span)
    return CostQuery(first, last, query.get("ownerId", ""))


@dataclass(frozen=True)
class Costs:
    """Answers about usage. Reads only."""

    stores: Stores
    clock: Clock

    async def total(self, account_id: str, query: CostQuery) -> dict[str, Any]:
        """Return hours and dollars over all days. Raises `UnknownNode`."""
        return _cost_view(
            used for _, day in await self._days(account_id, query) for used in day.used
        )

    async def daily(self, account_id: str, query: CostQuery) -> list[dict[str, Any]]:
        """Return the same for each day on which anything ran, in order."""
        views: list[dict[str, Any]] = []
        for day, used in sorted(_by_day(await self._days(account_id, query)).items()):
            view = _cost_view(used)
            moment = _moment(day)
            views.append({"day": moment, **view, "cost": {**view["cost"], "day": moment}})
        return views

    async def sizes(self, account_id: str, query: CostQuery) -> list[dict[str, Any]]:
        """Return for each day the VM sizes that ran, with the vCPUs of the nodes that ran them."""
        views: list[dict[str, Any]] = []
        for day, used in sorted(_by_day(await self._days(account_id, query)).items()):
            counts: dict[tuple[str, str], int] = {}
            for one in used:
                key = one.size, one.lifecycle.value.lower()
                counts[key] = counts.get(key, 0) + vcpus_of(one.size)
            views += [
                {"day": _moment(day), "cpus": cpus, "lifeCycle": lifecycle, "vmSize": size}
                for (size, lifecycle), cpus in sorted(counts.items())
            ]
        return views

    async def _days(self, account_id: str, query: CostQuery) -> list[tuple[date, Day]]:
        """Return what each node used on each day, closed and still open together."""
        now, usage = self.clock.now(), self.stores.usage
        if not query.owner_id:
            return _joined(await usage.of_account(account_id, query.first, query.last, now))
        key = node_key(account_id, query.owner_id)
        if not await usage.knows(key) and await self.stores.nodes.get(key) is None:
            raise UnknownNode(query.owner_id)
        return _joined(await usage.of_node(key, query.first, query.last, now))


def vcpus_of(size: str) -> int:
    """Return the vCPUs that the name of a VM size tells: 4 of Standard_D4s_v5, 2 of E4-2s_v5.

    The number behind the family, or the one behind it that says how many of them are on. Source:
    Azure docs, vm-naming-conventions. 0 where a name tells none. Sizes older than the convention
    (DS3_v2 has 4) tell less than they have.
    """
    found = _VCPUS.match(size.split("_", 1)[-1])
    return int(found[2] or found[1]) if found else 0


def _joined(days: Days) -> list[tuple[date, Day]]:
    found: dict[tuple[str, date], Day] = {}
    for node, day, more in days:
        for used in more.used:
            found[node, day] = with_used(found.get((node, day), Day()), used)
    return [(day, used) for (_, day), used in found.items()]


def _by_day(days: list[tuple[date, Day]]) -> dict[date, list[Used]]:
    found: dict[date, list[Used]] = {}
    for day, more in days:
        found.setdefault(day, []).extend(more.used)
    return found


def _cost_view(used: Iterable[Used]) -> dict[str, Any]:
    spot, od = Used(lifecycle=Lifecycle.SPOT, size=""), Used(lifecycle=Lifecycle.OD, size="")
    total = Day(used=(spot, od))
    for one in used:
        total = with_used(total, one.model_copy(update={"size": ""}))
    by = {one.lifecycle: one for one in total.used}
    spot, od = by[Lifecycle.SPOT], by[Lifecycle.OD]
    return {
        "usage": {"spot": {"hours": _hours(spot)}, "od": {"hours": _hours(od)}},
        "cost": {
            "odCost": round(od.cost_usd, _DIGITS),
            "spotPotentialCost": round(spot.od_cost_usd, _DIGITS),
            "spotActualCost": round(spot.cost_usd, _DIGITS),
        },
    }


def _hours(used: Used) -> float:
    return round(used.used_ms / _HOUR_MS, _DIGITS)


def _moment(day: date) -> str | None:
    return rfc3339(datetime.combine(day, time(), UTC))
