"""What a plan leaves for later: resources that are kept for a time and then deleted, new tries."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from services.plan.timings import DELETE, loss_of
from shared.model.run import DueItem, DueKind, Retained
from shared.names import parts_of
from shared.policy.retained import unused
from store.node_rows import NodeRecord

Json = dict[str, Any]
LAUNCH: Final = "the launch is tried again"


def later_view(after: NodeRecord | None, tries: Iterable[DueItem]) -> list[Json]:
    """Return what happens later, the earliest first: each deletion with its resource, each try.

    Deletions are read from the node: a due row says only that it is worth looking.
    """
    rows = [
        (one.due_at, {"kind": str(one.kind), "what": LAUNCH, "resourceId": None, "loses": ""})
        for one in tries
    ]
    rows += [(one.until, _deletion(one)) for one in _kept(after)]
    return [{"at": _at(at), **row} for at, row in sorted(rows, key=lambda row: row[0])]


def lost_later(before: NodeRecord | None, after: NodeRecord | None) -> Iterator[Json]:
    """Yield the deletions that were not to come before, each with its time, the earliest first."""
    known = {(one.id.lower(), one.until) for one in _kept(before)}
    for one in sorted(_kept(after), key=lambda one: one.until):
        if (one.id.lower(), one.until) not in known:
            loses = _deletion(one)["loses"]
            yield {"number": None, "resourceId": one.id, "loses": loses, "at": _at(one.until)}


def _kept(record: NodeRecord | None) -> tuple[Retained, ...]:
    return unused(record.run).retained if record else ()


def _deletion(one: Retained) -> Json:
    _, kind, name = parts_of(one.id)
    return {
        "kind": str(DueKind.DEALLOCATION),
        "what": name,
        "resourceId": one.id,
        "loses": loss_of(kind, DELETE),
    }


def _at(moment: datetime) -> str:
    return moment.isoformat()
