"""I6: every write is journalled first, and a repeat has no other effect."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from local.arm.chronicle import SERVICE, Asked
from local.worlds.invariants.breach import Breach, name_of

MARK: Final = "mooring/"
"""What the request ids of the product's own writes begin with: `mooring/<operation>/<step>`."""
QUESTIONS: Final = (
    "/generate/action",
    "microsoft.resourcegraph/resources/action",
    "/retrievebootdiagnosticsdata/action",
)
"""POSTs that change nothing."""


@dataclass
class Effect:
    """What one step has done to one resource by one kind of call."""

    digest: str
    """Of the body that took effect first."""
    marks: set[str]
    """Birth marks of what it made, or of what it acted on."""
    at: datetime
    """When it last took effect."""


@dataclass
class Ledger:
    """The product's writes."""

    unmatched: list[Asked] = field(default_factory=list)
    """Those not yet looked up in the journal."""
    effects: dict[tuple[str, str, str, str], Effect] = field(default_factory=dict)


def repeats_change_nothing(ledger: Ledger, asked: Asked) -> Iterator[Breach]:
    """I6, first half: a step that is repeated has no effect that it had not the first time.

    Calls of one step are those with one request id, one operation and one resource. Those that
    Azure accepted must have carried one body, and have made, changed or deleted one and the same
    thing: what was made under the same name since then has another birth mark. A deletion that was
    still on its way when its repeat took effect nobody can call back, and what it finds is what
    has the name by then.
    """
    if asked.caller != SERVICE or asked.operation.lower().endswith(QUESTIONS):
        return
    ledger.unmatched.append(asked)
    if not 200 <= asked.status < 300 or not asked.request_id:  # noqa: PLR2004 - HTTP
        return
    mark = asked.became if asked.method == "PUT" else asked.was
    if asked.method == "DELETE" and not mark:
        return  # there was nothing to delete
    key = (asked.request_id, asked.method, asked.operation, asked.resource)
    effect = ledger.effects.setdefault(key, Effect(asked.digest, set(), asked.at))
    if asked.method == "DELETE" and asked.sent and asked.sent < effect.at:
        return
    effect.at = asked.at
    effect.marks |= {mark} - {""}  # kinds that only parents delete have none: extensions
    text = f"{asked.method} {name_of(asked.resource)}, step {asked.request_id}"
    if len(effect.marks) > 1:
        yield Breach("I6", asked.at, f"{text}, took effect on two things of that name")
    if asked.digest != effect.digest:
        yield Breach("I6", asked.at, f"{text}, was sent twice with different bodies")


def writes_are_journalled(ledger: Ledger, journal: Sequence[Mapping[str, Any]]) -> Iterator[Breach]:
    """I6, second half: every write to Azure was in the journal before it was sent.

    The request id names operation and step; the journal must have an intent of that operation
    whose step is that step or a part of it (`step/part`), whose target is the resource written
    to or its parent, and which was intended no later than Azure was asked. What Azure refused,
    and what was lost on its way, was sent all the same.
    """
    intents = defaultdict(list)
    for row in journal:
        intents[str(row["operation_id"])].append(row)
    for asked in ledger.unmatched:
        wrong = _wrong_with(asked, intents)
        if wrong:
            what = f"{asked.method} {name_of(asked.resource)} ({asked.operation})"
            yield Breach("I6", asked.at, f"{what} {wrong}")
    ledger.unmatched.clear()


def _wrong_with(asked: Asked, intents: Mapping[str, list[Mapping[str, Any]]]) -> str:
    if not asked.request_id.startswith(MARK):
        return "was sent without saying for which step"
    operation, _, step = asked.request_id.removeprefix(MARK).partition("/")
    fitting = [row for row in intents.get(operation, ()) if _fits(row, step, asked.resource)]
    if not fitting:
        return f"was sent without an intent in the journal (step {step} of {operation})"
    if all(_moment(row["intended_at"]) > asked.at for row in fitting):
        return f"was sent before its intent was written (step {step} of {operation})"
    return ""


def _fits(row: Mapping[str, Any], step: str, resource: str) -> bool:
    told, target = str(row["step"]), str(row["target"]).lower()
    of_step = told == step or told.startswith(step + "/")
    return of_step and (resource == target or resource.startswith(target + "/"))


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
