"""The plan as clients read it: calls, what they change and cannot bring back, time and money."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from services.plan.forecast import Written
from services.plan.later import later_view, lost_later
from services.plan.rehearsal import Played
from services.plan.timings import VM, loss_of
from shared.model.run import DueItem, LogEntry
from store.node_rows import NodeRecord

Json = dict[str, Any]
SECRET: Final = frozenset(
    {"adminpassword", "protectedsettings", "customdata", "userdata", "secret"}
)
"""Keys of bodies whose values are not told."""
DIGEST_DIGITS: Final = 16
HOURS_A_MONTH: Final = 730
RUNNING: Final = "running"
_MOMENT: Final = re.compile(r"\d{14}|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)?")
"""Moments in names and bodies of writes: those of the run will be others, and no difference."""
_OF_A_MOMENT: Final = {"updated_at", "progress", "vm_health", "notices_read", "waiting"}
"""Of a node's state, what changes while nothing happens to it."""


@dataclass(frozen=True)
class Told:
    """All that a rehearsal has shown."""

    action: str
    asked: Json
    """The body of the call, without what tells the plan."""
    writes: Sequence[Written]
    played: Sequence[Played]
    before: NodeRecord | None
    after: NodeRecord | None
    elapsed_s: float
    log: Sequence[LogEntry] = ()
    later: Sequence[DueItem] = ()
    """New tries that it leaves; what is kept for a time stands in `after`."""
    usd_per_hour: tuple[float | None, float | None] = (None, None)
    """Before and after; None: not known."""
    when_recycled: "Told | None" = None
    notes: Sequence[str] = field(default_factory=tuple)


def digest_of(told: Told) -> str:
    """Return the digest of what the plan rests on: the wish, the node, and each write."""
    facts = {
        "action": told.action,
        "asked": told.asked,
        "node": _facts(told.before),
        "ends": [(one.kind, one.outcome) for one in told.played],
        # Sorted, for some go side by side.
        "writes": sorted(_MOMENT.sub("#", _canonical(_said(one))) for one in told.writes),
    }
    return hashlib.sha256(_canonical(facts).encode()).hexdigest()


def _said(one: Written) -> Any:
    return one.method, one.path.key, one.path.more.lower(), one.body


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _facts(record: NodeRecord | None) -> Json | None:
    if record is None:
        return None
    run = record.run.model_dump(mode="json", exclude=_OF_A_MOMENT)
    return {"version": record.version, "run": run}


def plan_view(told: Told, plan_id: str) -> Json:
    """Return the plan as clients read it."""
    of = told.after or told.before
    view = {
        "planId": plan_id,
        "digest": digest_of(told),
        "action": told.action,
        "nodeId": of.key.node_id if of else None,
        **_effects(told),
        "node": {"before": _node(told.before), "after": _node(told.after)},
        "cost": _cost(told.usd_per_hour),
        "later": later_view(told.after, told.later),
        "notes": list(told.notes),
    }
    if told.when_recycled is not None:
        view["whenRecycled"] = _effects(told.when_recycled)
    return view


def _effects(told: Told) -> Json:
    calls = [_call(number, one) for number, one in enumerate(told.writes, start=1)]
    lost = [
        {**{name: call[name] for name in ("number", "resourceId", "loses")}, "at": None}
        for call in calls
        if call["irreversible"]
    ]
    return {
        "ends": [
            {"operation": one.kind, "outcome": one.outcome, "reason": one.reason}
            for one in told.played
        ],
        "calls": calls,
        "irreversible": [*lost, *lost_later(told.before, told.after)],
        "expectedSeconds": round(told.elapsed_s, 1),
        "downtime": downtime(told.writes),
        "log": [{"severity": one.severity, "message": one.message} for one in told.log],
    }


def _call(number: int, one: Written) -> Json:
    loses = loss_of(one.path.target, one.action)
    shown: Json = {
        "number": number,
        "step": one.step,
        "method": one.method,
        "resourceId": one.path.resource_id,
        "action": one.action,
        "irreversible": bool(loses) and one.method == "DELETE",
        "loses": loses,
        "atSeconds": round(one.at_s, 1),
        "expectedSeconds": one.takes_s,
    }
    if one.method == "POST":
        shown["sends"] = redacted(one.body)
    elif one.method != "DELETE" and one.before is None:
        shown["creates"] = redacted(one.body)
    elif one.method != "DELETE":
        shown["changes"] = list(differences(one.before or {}, one.body or {}))
    return shown


def differences(before: Mapping[str, Any], sent: Mapping[str, Any], at: str = "") -> Iterator[Json]:
    """Yield each value that a write changes: where, from what, to what."""
    for name, value in sent.items():
        place = f"{at}.{name}".lstrip(".")
        known = before.get(name)
        if isinstance(value, Mapping) and isinstance(known, Mapping):
            yield from differences(known, value, place)
        elif value != known and not (known is None and value in ({}, [], None)):
            hidden = name.lower() in SECRET
            yield {
                "path": place,
                "from": _hide(known) if hidden else redacted(known),
                "to": _hide(value) if hidden else redacted(value),
            }


def redacted(value: Any) -> Any:
    """Return JSON in which secrets are stars."""
    if isinstance(value, Mapping):
        return {
            name: _hide(one) if name.lower() in SECRET else redacted(one)
            for name, one in value.items()
        }
    return [redacted(one) for one in value] if isinstance(value, list) else value


def _hide(value: Any) -> str | None:
    return None if value is None else "***"


def downtime(writes: Iterable[Written]) -> Json:
    """Return for how long a VM that runs is down in the course of it, and whether it stays so.

    Of one that does not run: after how many seconds it will.
    """
    down_s, up_after_s = 0.0, None
    since: float | None = None
    was_up = False
    for one in writes:
        if one.path.target != VM or one.power[0] == one.power[1]:
            continue
        ends_s = one.at_s + one.takes_s
        if one.power[0] == RUNNING:
            since, was_up = one.at_s, True
        elif one.power[1] == RUNNING and since is not None:
            down_s, since = down_s + ends_s - since, None
        elif one.power[1] == RUNNING and not was_up:
            up_after_s = round(ends_s, 1)
    return {
        "expectedSeconds": round(down_s, 1),
        "staysDown": was_up and since is not None,
        "upAfterSeconds": up_after_s,
    }


def _node(record: NodeRecord | None) -> Json | None:
    if record is None:
        return None
    vm = record.run.vm
    return {
        "status": record.run.status.value,
        "vmName": vm.name if vm else None,
        "vmSize": vm.size if vm else None,
        "zone": vm.zone if vm else None,
        "lifecycle": vm.lifecycle.value if vm else None,
        "configurationVersion": record.version,
        "waiting": record.run.waiting.reason if record.run.waiting else None,
        "errorReason": record.run.error_reason,
    }


def _cost(usd_per_hour: tuple[float | None, float | None]) -> Json:
    before, after = usd_per_hour
    known = before is not None and after is not None
    change = round((after or 0.0) - (before or 0.0), 6) if known else None
    return {
        "usdPerHourBefore": before,
        "usdPerHourAfter": after,
        "changeUsdPerHour": change,
        "changeUsdPerMonth": None if change is None else round(change * HOURS_A_MONTH, 2),
    }
