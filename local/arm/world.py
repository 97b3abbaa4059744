"""The world: every resource, what will happen when, and the dice.

Nothing here runs by itself. Whoever asks brings the world up to the present first (`settle`): each
item of the agenda that is due happens, in order of time, with the clock of the world standing at
the moment it was due. One seed and one order of requests give one history.
"""

import heapq
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from random import Random
from typing import Protocol

from local.arm.calls import Calls
from local.arm.chronicle import Chronicle
from local.arm.resource import Resource
from local.arm.throttle import Buckets
from local.arm.wire import Json, key_of
from local.clock import Clock

__all__ = [
    "EFFECTS",
    "Due",
    "Effect",
    "Journal",
    "Resource",
    "Saved",
    "Shelf",
    "World",
    "effect",
    "stamp",
]


@dataclass(order=True)
class Due:
    """Something that will happen: `effect` names a registered function."""

    at: datetime
    serial: int
    effect: str = field(compare=False)
    args: Json = field(compare=False)


@dataclass
class Saved:
    """What a journal gives back when the simulator starts again."""

    resources: list[Resource] = field(default_factory=list)
    agenda: list[Due] = field(default_factory=list)
    facts: Json = field(default_factory=dict)
    shelves: dict[str, dict[str, Json]] = field(default_factory=dict)


class Journal(Protocol):
    """Where the world is kept: told of each change, asked once at start."""

    def load(self) -> Saved:
        """Return what was committed before."""
        ...

    def save_resource(self, resource: Resource) -> None:
        """Keep a resource as it is at the next commit."""
        ...

    def drop_resource(self, key: str) -> None:
        """Forget a resource."""
        ...

    def save_due(self, due: Due) -> None:
        """Keep an item of the agenda."""
        ...

    def drop_due(self, serial: int) -> None:
        """Forget an item of the agenda."""
        ...

    def save_entry(self, shelf: str, key: str, entry: Json) -> None:
        """Keep an entry of a shelf as it is at the next commit."""
        ...

    def drop_entry(self, shelf: str, key: str) -> None:
        """Forget an entry of a shelf."""
        ...

    def save_facts(self, facts: Json) -> None:
        """Keep the small facts."""
        ...

    def commit(self) -> None:
        """Make all of it durable together."""
        ...


class Shelf:
    """A map of many small JSON entries, kept entry by entry: facts are kept whole."""

    def __init__(self, name: str, journal: Journal, entries: dict[str, Json]) -> None:
        self.name = name
        self.journal = journal
        self.entries = entries

    def get(self, key: str) -> Json | None:
        """Return an entry, or None."""
        return self.entries.get(key)

    def put(self, key: str, entry: Json) -> None:
        """Keep an entry, new or changed."""
        self.entries[key] = entry
        self.journal.save_entry(self.name, key, entry)

    def drop(self, key: str) -> None:
        """Forget an entry."""
        if self.entries.pop(key, None) is not None:
            self.journal.drop_entry(self.name, key)


Effect = Callable[["World", Json], None]
EFFECTS: dict[str, Effect] = {}


def effect(name: str) -> Callable[[Effect], Effect]:
    """Register a function that the agenda can name; args are JSON: they survive a restart."""

    def register(function: Effect) -> Effect:
        EFFECTS[name] = function
        return function

    return register


class World:
    """All state of the simulator."""

    def __init__(self, clock: Clock, seed: int, journal: Journal) -> None:
        self.clock = clock
        self.seed = seed
        self.journal = journal
        saved = journal.load()
        self.resources = {key_of(resource.id): resource for resource in saved.resources}
        self.agenda = saved.agenda
        heapq.heapify(self.agenda)
        self.facts: Json = {"rolls": 0, "serial": 0} | saved.facts
        """Small things that must survive: counters, capacity, settings; kept whole."""
        self.shelves = {
            name: Shelf(name, journal, entries) for name, entries in saved.shelves.items()
        }
        self.calls = Calls()
        self.now = clock.now()
        self.chronicle = Chronicle(self.resources)
        self.chronicle.turn(self.now)
        self.buckets = Buckets(self.chronicle.dipped)
        self.outbox: list[str] = []
        """Ids of event deliveries that are due; the courier empties it."""
        self.deliveries: Counter[str] = Counter()
        """How subscribers answered."""
        self.wake: Callable[[], None] = lambda: None
        """Called when something new is due earlier than before; the server sleeps until then."""

    # -- time ---------------------------------------------------------------------------------

    def settle(self) -> None:
        """Let everything happen that is due by now."""
        until = self.clock.now()
        while self.agenda and self.agenda[0].at <= until:
            due = heapq.heappop(self.agenda)
            self.now = max(self.now, due.at)
            self.journal.drop_due(due.serial)
            EFFECTS[due.effect](self, due.args)
            self.chronicle.turn(self.now)
        self.now = max(self.now, until)

    def plan(self, seconds: float, effect_name: str, args: Json) -> Due:
        """Put an effect on the agenda, `seconds` from the world's now; return it."""
        due = Due(self.now + timedelta(seconds=seconds), self.count("serial"), effect_name, args)
        heapq.heappush(self.agenda, due)
        self.journal.save_due(due)
        self.wake()
        return due

    def cancel(self, serial: int) -> None:
        """Take an item off the agenda; nothing happens if it is gone."""
        self.agenda = [due for due in self.agenda if due.serial != serial]
        heapq.heapify(self.agenda)
        self.journal.drop_due(serial)

    # -- dice ---------------------------------------------------------------------------------

    def count(self, counter: str) -> int:
        """Return the next number of a counter that survives restarts."""
        self.facts[counter] = int(self.facts.get(counter, 0)) + 1
        return int(self.facts[counter])

    def dice(self) -> Random:
        """Return fresh dice: the world's seed and the number of rolls so far decide their throw."""
        return Random(f"{self.seed}/{self.count('rolls')}")  # noqa: S311 - a game, not a secret

    def new_uuid(self) -> str:
        """Return a UUID that the seed decides."""
        return str(uuid.UUID(int=self.dice().getrandbits(128), version=4))

    def shelf(self, name: str) -> Shelf:
        """Return the shelf of that name: for maps that grow, such as operations."""
        if name not in self.shelves:
            self.shelves[name] = Shelf(name, self.journal, {})
        return self.shelves[name]

    # -- resources ----------------------------------------------------------------------------

    def find(self, resource_id: str) -> Resource | None:
        """Return the resource with this id, in whatever case, or None."""
        return self.resources.get(key_of(resource_id))

    def of_type(self, type_: str, under: str = "") -> Iterator[Resource]:
        """Yield the resources of one type, in id order, whose id starts with `under`."""
        prefix = key_of(under)
        wanted = type_.lower()
        found = [
            (key, resource)
            for key, resource in self.resources.items()
            if (not prefix or key.startswith(prefix + "/")) and resource.type.lower() == wanted
        ]
        for _, resource in sorted(found, key=itemgetter(0)):
            yield resource

    def save(self, resource: Resource) -> Resource:
        """Keep a resource, new or changed; its etag moves on. Return it."""
        resource.sim["etag"] = self.new_uuid()
        key = key_of(resource.id)
        self.resources[key] = resource
        self.chronicle.touch(key)
        self.journal.save_resource(resource)
        return resource

    def drop(self, resource: Resource) -> None:
        """Forget a resource."""
        key = key_of(resource.id)
        self.resources.pop(key, None)
        self.chronicle.touch(key)
        self.journal.drop_resource(key)

    def commit(self) -> None:
        """Make all changes since the last commit durable, together."""
        self.chronicle.turn(self.now)
        self.journal.save_facts(self.facts)
        self.journal.commit()


def stamp(moment: datetime) -> str:
    """Write a moment as ARM bodies do."""
    return moment.isoformat(timespec="microseconds")
