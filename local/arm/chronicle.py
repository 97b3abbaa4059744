"""The chronicle: what happened in this Azure, in order, for whoever judges afterwards or at once.

Four kinds of happening: a resource changed, somebody asked for a write, a subscriber was told of
an event, a bucket of throttling ran low. Kept in memory only, the latest; as each happens, the
listeners hear of it. It begins with a portrait of everything there is.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice
from typing import Any, Final

from local.arm.portrait import Portrait, portrait_of
from local.arm.resource import Resource
from local.arm.throttle import Rate
from local.arm.wire import Json

KEPT: Final = 20_000
"""Happenings that can be read back; listeners hear all."""
SERVICE: Final = "service"
"""The caller whose token nobody described: the product."""


@dataclass(frozen=True, slots=True)
class Change:
    """A resource came to be (`before` None), changed, or went (`after` None)."""

    at: datetime
    id: str
    before: Portrait | None
    after: Portrait | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A write was asked of Azure Resource Manager, and answered."""

    at: datetime
    caller: str
    """`SERVICE`, or the name of the person whose token it was."""
    method: str
    operation: str
    resource: str
    """Lower-case id."""
    request_id: str
    """What the client sent as x-ms-client-request-id."""
    status: int
    """As answered, whether or not the answer arrived; 0: the request was lost on its way."""
    digest: str
    """Of the body."""
    was: str
    """Birth mark of the resource before the call; empty: there was none."""
    became: str
    """Birth mark right after it."""
    place: str = ""
    """Of a VM that was refused: `size/zone/lifecycle` that was asked for; empty: none was."""
    idle: bool = False
    """Of a network interface: it was there, had not failed, and was as it was asked for already."""
    sent: datetime | None = None
    """When it set out, if its header Date says so: a request that was long under way."""


@dataclass(frozen=True, slots=True)
class Told:
    """A subscriber took an event (it answered 2xx)."""

    at: datetime
    subscriber: str
    event: Json


@dataclass(frozen=True, slots=True)
class Dip:
    """A call left little in a bucket that nobody had emptied by hand."""

    at: datetime
    bucket: str
    left: float
    burst: int


Happening = Change | Asked | Told | Dip
KINDS: Final[dict[str, type[Happening]]] = {
    "change": Change,
    "asked": Asked,
    "told": Told,
    "dip": Dip,
}
NAMES: Final = {kind: name for name, kind in KINDS.items()}
FIELDS: Final = {kind: tuple(one.name for one in fields(kind)) for kind in NAMES}


class Chronicle:
    """The latest happenings of a world."""

    def __init__(self, resources: Mapping[str, Resource]) -> None:
        self._resources = resources
        self._portraits: dict[str, Portrait] = {}
        self._touched: dict[str, None] = dict.fromkeys(resources)
        self._kept: deque[tuple[int, Happening]] = deque(maxlen=KEPT)
        self.last = 0
        """Serial of the latest happening."""
        self.listeners: list[Callable[[Happening], None]] = []

    def touch(self, key: str) -> None:
        """Note that a resource was saved or dropped; it is looked at when the turn is over."""
        self._touched[key] = None

    def turn(self, now: datetime) -> None:
        """Tell what has changed since the last turn: after each effect and each request."""
        if not self._touched:
            return
        touched, self._touched = self._touched, {}
        for key in touched:
            resource = self._resources.get(key)
            before = self._portraits.get(key)
            after = portrait_of(resource) if resource else None
            if before == after:
                continue
            if after:
                self._portraits[key] = after
            else:
                del self._portraits[key]
            self.note(Change(now, key, before, after))

    def note(self, happening: Happening) -> None:
        """Keep a happening and tell the listeners."""
        self.last += 1
        self._kept.append((self.last, happening))
        for hear in self.listeners:
            hear(happening)

    def dipped(self, bucket: str, left: float, rate: Rate, now: datetime) -> None:
        """Note that a bucket ran low."""
        self.note(Dip(now, bucket, left, rate.burst))

    def since(self, serial: int, limit: int) -> list[tuple[int, Happening]]:
        """Return the happenings after `serial`, in order, with their serials.

        LookupError if some of them are no longer kept.
        """
        first = self._kept[0][0] if self._kept else self.last + 1
        if serial + 1 < first:
            raise LookupError(f"happenings before {first} are no longer kept")
        start = serial + 1 - first
        stop = min(len(self._kept), start + limit)
        return list(islice(self._kept, start, stop))


def to_json(happening: Happening) -> Json:
    """Return a happening as JSON; `kind` names it."""
    told: Json = {"kind": NAMES[type(happening)]}
    for name in FIELDS[type(happening)]:
        value = getattr(happening, name)
        if isinstance(value, datetime):
            value = value.isoformat()
        elif isinstance(value, Portrait):
            value = value.to_json()
        told[name] = value
    return told


def from_json(told: Mapping[str, Any]) -> Happening:
    """Read what `to_json` wrote."""
    kind = KINDS[told["kind"]]
    values = {name: told[name] for name in FIELDS[kind]}
    for name in values.keys() & {"at", "sent"}:
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    if kind is Change:
        for name in ("before", "after"):
            values[name] = Portrait.from_json(values[name]) if values[name] else None
    return kind(**values)
