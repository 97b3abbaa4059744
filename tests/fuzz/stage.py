"""What steps ask for, done in a world of its own: `steps.Ground`."""

from collections.abc import Callable
from typing import Any

from local.arm.faults import ConnectionLostError
from local.arm.portrait import VM
from local.worlds.inprocess import NODES
from local.worlds.invariants import Promise
from local.worlds.invariants.picture import node_of
from tests.fuzz.ambush import AZURE, DOWN_S, Ambush
from tests.fuzz.disks import Disks
from tests.fuzz.figures import Counting
from tests.fuzz.owner import Owner
from tests.fuzz.pace import Pace

Json = dict[str, Any]

OK = 200


class Stage:
    """One node in its world, its owner, and what may befall both."""

    def __init__(
        self,
        pace: Pace,
        owner: Owner,
        document: Json,
        ambushes: tuple[Ambush[Any], Ambush[Any]],
        counting: Counting,
    ) -> None:
        self.owner = owner
        self.adjust: Callable[[Promise], Promise] = lambda promise: promise
        """What else bears on what a document promises."""
        self.foreign: frozenset[str] = frozenset()
        """VMs that may carry the node's tag and are none of its: the one that was imported."""
        self._pace, self._world, self._watch = pace, pace.world, pace.watch
        self._document = document
        self._azure, self._tables = ambushes
        self._counting = counting
        self.disks = Disks(pace, owner, counting)

    def promise(self) -> None:
        """Tell the watch what the node's document promises now."""
        self._watch.promise(self.owner.node_id, self.adjust(Promise.of(self._document)))

    async def world(self, method: str, path: str, body: Json | None = None) -> None:
        """Give an order to the simulated world."""
        await self._world.azure.ask(method, f"/_world/{path}", body)

    async def azure(self, method: str, action: str) -> None:
        """Have a person call Azure about the VM; Azure may refuse."""
        vm_id = await self.vm_id()
        if vm_id is None:
            return
        try:
            await self._world.azure.ask(method, f"{vm_id}/{action}".rstrip("/"))
        except (ValueError, ConnectionLostError) as refusal:
            self._world.log.add("person", f"was refused: {refusal}")

    async def silence(self, *, ready: bool) -> None:
        """Have the VM's agent fall silent, or report again; it has none while it has no host."""
        vm_id = await self.vm_id()
        portrait = self._watch.picture.portraits.get(vm_id or "")
        if portrait is None or not portrait.allocated:
            return
        try:
            await self.world("PUT", "agents", {"vm": vm_id, "ready": ready})
        except ValueError as refusal:
            self._world.log.add("person", f"was refused: {refusal}")

    async def vm_id(self) -> str | None:
        """Return the id of the node's VM in Azure, if there is one."""
        node_id = self.owner.node_id
        view = self._pace.view(node_id)
        given_up = self.foreign | (view.retained if view else frozenset())
        mine = [
            one.id
            for one in self._watch.picture.portraits.values()
            if one.type == VM and node_of(one) == node_id and one.id not in given_up
        ]
        return mine[0] if mine else None

    async def update(self, change: Json) -> None:
        """Send an edit; it may come at a bad time and be refused."""
        if not self._world.alive:
            return
        path = f"{NODES}/{self.owner.node_id}"
        answer = await self.owner.call("PUT", path, {"statefulNode": change})
        if answer.status == OK:
            self._document = self._document | answer.items[0] if answer.items else self._document
            self.promise()

    async def ask(self, state: str) -> None:
        """Have the owner ask for a state; he does not while nobody answers."""
        if self._world.alive and await self.owner.ask(state):
            self._counting.figures.counts["states asked"] += 1

    async def attach(self, asked: Json) -> None:
        """Have the owner attach a data disk."""
        if self._world.alive:
            await self.disks.attach(asked)

    async def detach(self, which: int, asked: Json) -> None:
        """Have the owner detach one of the data disks that the node has."""
        if self._world.alive:
            await self.disks.detach(which, asked)

    async def swap(self, source: str, asked: Json) -> None:
        """Have the owner rest the node and swap its OS disk for a copy, or for an earlier one."""
        if self._world.alive:
            await self.disks.swap(source, asked)

    async def kill(self, at_call: int, moment: str) -> None:
        """Kill the host now or at a call to come."""
        if at_call:
            self._azure.lay(f"killed {moment}", at_call, 1)
            return
        self._world.kill()
        await self._world.sleep(DOWN_S)
        await self._world.restart()

    async def disturb(self, kind: str, at_call: int, times: int) -> None:
        """Let something befall calls of the product on their way."""
        ambush = self._azure if kind in AZURE else self._tables
        ambush.lay(kind, at_call, times)
