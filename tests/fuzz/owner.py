"""The node's owner: what he asks of the API, and what he wishes since."""

from datetime import datetime
from typing import Any, Final

from local.worlds.boot import HostDownError
from local.worlds.inprocess import NODES, Answer, InProcess
from local.worlds.invariants import Watch, Wish
from tests.fuzz.ambush import DOWN_S
from tests.fuzz.records import nodes, records

Json = dict[str, Any]

ASKED_MAX: Final = 5
DOWN: Final = frozenset({"pause", "stop"})
"""What puts a node to rest."""


class Owner:
    """Whoever made the node, in one world."""

    def __init__(self, world: InProcess, watch: Watch, node_id: str) -> None:
        self._world = world
        self._watch = watch
        self._node_id = node_id
        self._wish: Wish | None = None

    @property
    def wants_rest(self) -> bool:
        """Whether the node is to be down."""
        return self._wish is not None and self._wish.kind == "down"

    def wish(self, kind: str, at: datetime | None = None) -> None:
        """Wish the node up, down or deleted, from a moment on (now)."""
        self._wish = Wish(at or self._world.clock.now(), kind)
        self._watch.wish(self._node_id, self._wish)

    async def ask(self, state: str) -> bool:
        """Ask for a state; the wish counts if the node takes it. Return whether it has."""
        view = records(self._world.tables.rows()).nodes.get(self._node_id)
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
        await self.call("PUT", f"{NODES}/{self._node_id}/state", {"state": state})
        if self._took(state, at):
            self.wish("down" if state in DOWN else "up", at)
            return True
        if before:
            self.wish(before.kind, before.at)
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
