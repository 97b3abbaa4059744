"""What steps ask for, done in a world of its own: `steps.Ground`."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from local.arm.faults import ConnectionLostError
from local.arm.portrait import VM
from local.worlds.boot import HostDownError
from local.worlds.inprocess import NODES
from local.worlds.invariants import Promise
from local.worlds.invariants.picture import node_of
from local.worlds.invariants.refusals import Ban, Refusals
from local.worlds.operator import terminate
from tests.fuzz.ambush import AZURE, DOWN_S, Ambush
from tests.fuzz.disks import RESTS, WORDS, Disks
from tests.fuzz.figures import Counting
from tests.fuzz.lookout import Lookout
from tests.fuzz.owner import Owner
from tests.fuzz.pace import Pace

Json = dict[str, Any]

OK = 200
WRITES: Final = "PUT,POST,PATCH,DELETE"
LOOK_S = 10.0
"""Between two looks whether the node has settled."""


class Stage:
    """One node in its world, its owner, and what may befall both."""

    def __init__(
        self,
        pace: Pace,
        owner: Owner,
        document: Json,
        ambushes: tuple[Ambush[Any], Ambush[Any]],
        judges: tuple[Counting, Refusals],
    ) -> None:
        self.owner = owner
        self.adjust: Callable[[Promise], Promise] = lambda promise: promise
        """What else bears on what a document promises."""
        self.foreign: frozenset[str] = frozenset()
        """VMs that may carry the node's tag and are none of its: the one that was imported."""
        self.hush: Callable[[], None] = lambda: None
        """Has the next VM that comes up say nothing, whatever it is asked for."""
        self._pace, self._world, self._watch = pace, pace.world, pace.watch
        self._document = document
        self._azure, self._tables = ambushes
        self._counting, self._refusals = judges
        self.disks = Disks(pace, owner, self._counting)
        self._lookout = Lookout(pace.world.log)

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

    async def refuse(self, operation: str, status: int, code: str, message: str) -> None:
        """Have Azure refuse an operation of the product from now on."""
        self._refusals.forbid(Ban(operation, status, code, self._world.clock.now()))
        whom = {"kind": "refuse", "times": None, "caller": "service", "operation": operation}
        what = {"status": status, "code": code, "message": message, "method": WRITES}
        await self.world("POST", "faults", whom | what)

    async def allow(self) -> None:
        """Have Azure's faults stop, and the owner bring a node up that stands in ERROR."""
        self._refusals.lift(self._world.clock.now())
        await self.world("DELETE", "faults")
        view = self._pace.view(self.owner.node_id)
        if view and view.status == "ERROR" and not view.operation:
            await self.ask("up")

    async def settle(self, within_s: float, *, rouses: bool) -> None:
        """Wait until the node is ACTIVE and left alone; its owner may bring it up if it rests."""
        left = within_s
        while left > 0 and not self._has_settled():
            view = self._pace.view(self.owner.node_id)
            if rouses and view and view.status in RESTS and not view.operation:
                await self.ask("up")
            await self._pace.passes(LOOK_S)
            left -= LOOK_S

    def _has_settled(self) -> bool:
        view = self._pace.view(self.owner.node_id)
        return view is None or (view.status == "ACTIVE" and not view.operation)

    async def lose(self, after_s: float) -> None:
        """Have an operator terminate the orchestration that works on the node so much later."""
        await self._world.sleep(after_s)
        view = self._pace.view(self.owner.node_id)
        if view and view.operation:
            if any(f"-{kind}-" in view.operation for kind in WORDS):
                self.disks.lose()
            with suppress(HostDownError):
                lost = await terminate(self._world, view.operation)
                self._counting.figures.counts["operations lost"] += lost

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

    async def silence_next(self) -> None:
        """Have the next VM that comes up never say that it is ready."""
        self.hush()

    async def trap(self, kind: str, call: str, times: int) -> None:
        """Let something befall the next calls of a name."""
        ambush = self._azure if kind in AZURE else self._tables
        ambush.trap(kind, call, times)

    async def comes(self, pattern: str, within_s: float, after_s: float) -> None:
        """Wait for a line of the log, and for so long after it."""
        await self._lookout.comes(pattern, within_s)
        await self._pace.passes(after_s)
