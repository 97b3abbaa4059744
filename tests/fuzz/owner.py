"""The node's owner: what he asks of the API, and what he wishes since."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from local.worlds.boot import HostDownError
from local.worlds.inprocess import NODES, Answer
from local.worlds.invariants import Wish
from tests.fuzz.ambush import DOWN_S
from tests.fuzz.care import Schedule
from tests.fuzz.pace import Pace
from tests.fuzz.parting import Parting
from tests.fuzz.records import nodes

Json = dict[str, Any]

ASKED_MAX: Final = 5
DOWN: Final = frozenset({"pause", "stop"})
"""What puts a node to rest."""
RESTING: Final = frozenset({"PAUSE", "PAUSING", "PAUSED"})
GOING: Final = frozenset({"DEALLOCATE", "DEALLOCATING"})


class Owner:
    """Whoever made the node, in one world."""

    def __init__(self, pace: Pace, node_id: str, schedule: Schedule) -> None:
        self.node_id = node_id
        self._pace, self._world, self._watch = pace, pace.world, pace.watch
        self._schedule = schedule
        self._wish: Wish | None = None
        self._before: Wish | None = None
        """What he wished before he had the node deleted."""
        self.deleted_in_vain = ""
        """What the node says of a deletion that it took and that came to nothing, if one did."""
        pace.before.append(self.look)

    @property
    def wants_rest(self) -> bool:
        """Whether the node is to be down."""
        return self._wish is not None and self._wish.kind == "down"

    def wish(self, kind: str, at: datetime | None = None) -> None:
        """Wish the node up, down or neither, from a moment on (now), until its schedule's next."""
        now = at or self._world.clock.now()
        self._tell(Wish(now, kind, until=self._schedule.undoes(kind, now)))

    async def delete(self, parting: Parting, *, insists: bool) -> None:
        """Have the node deleted; what he wishes of it stands only if the node takes it."""
        if self._wish and self._wish.kind != "delete":
            self._before = self._wish
        at = self._world.clock.now()
        self._tell(parting.wish(at))
        path, body = f"{NODES}/{self.node_id}", parting.body()
        with suppress(HostDownError):
            await (self.call if insists else self._world.api)("DELETE", path, body)
        view = self._pace.view(self.node_id)
        if view and view.status not in GOING and not self._took("delete", at):
            self._recant()

    def _recant(self) -> None:
        """Take it that the node was not deleted."""
        self._watch.stays(self.node_id)
        if self._before:
            self._tell(self._before)

    def look(self) -> None:
        """See what the node's own schedule has done, and whether a deletion came to nothing."""
        view, wish = self._pace.view(self.node_id), self._wish
        if view is None or wish is None:
            return
        now = self._world.clock.now()
        if wish.kind == "delete":
            if self._before and not view.operation and view.status not in GOING:
                self._before = replace(self._before, until=now)  # the node may be as it likes now
                self.deleted_in_vain = f"{view.status} {view.reason}"
                self._recant()
            return
        if wish.holds(now) or view.operation:
            return
        told = self._schedule.latest(now)
        if told == "pause" and view.status in RESTING:
            self.wish("down")
        if told != "pause" and view.status == "ACTIVE":
            self.wish("up")

    def _tell(self, wish: Wish) -> None:
        self._wish = wish
        self._watch.wish(self.node_id, wish)

    async def ask(self, state: str) -> bool:
        """Ask for a state; the wish counts if the node takes it. Return whether it has."""
        view = self._pace.view(self.node_id)
        if view is None:
            return False
        if state == "up" and view.status == "ACTIVE":  # a person has started what he had stopped
            self.wish("up")
            return True
        if state == "up":
            state = "start" if view.status == "STOPPED" else "resume"
        before, at = self._wish, self._world.clock.now()
        if state not in DOWN:  # what brings the node up may begin before the answer is here
            self.wish("up", at)
        if state == "recycle":
            self._watch.recycles(self.node_id, at)
        await self.call("PUT", f"{NODES}/{self.node_id}/state", {"state": state})
        if self._took(state, at):
            self.wish("down" if state in DOWN else "up", at)
            return True
        if before:
            self._tell(before)
        return False

    def _took(self, state: str, at: datetime) -> bool:
        """Tell whether the node took what was asked for at a moment: an answer may be lost."""
        record = next(iter(nodes(self._world.tables.rows()).values()), None)
        operation = record.operation if record else None
        return bool(operation and operation.kind == state and operation.locked_at >= at)

    async def call(self, method: str, path: str, body: Json) -> Answer:
        """Call the API, again if the host died over it: a client does not know what took effect."""
        for _ in range(ASKED_MAX):
            try:
                return await self._world.api(method, path, body)
            except HostDownError:
                await self._world.sleep(DOWN_S)
        return await self._world.api(method, path, body)
