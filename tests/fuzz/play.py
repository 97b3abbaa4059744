"""Play a life in a world of its own on virtual time, judged after everything that happens."""

import random
import re
from contextlib import suppress
from typing import Any, Final

from local.arm.faults import ConnectionLostError
from local.arm.portrait import VM
from local.worlds.boot import HostDownError
from local.worlds.inprocess import NODES, InProcess
from local.worlds.invariants import Breach, Promise, Watch
from local.worlds.invariants.picture import is_up, node_of
from local.worlds.logbook import Entry
from local.worlds.loop import in_virtual_time
from local.worlds.options import Options
from tests.fuzz import steps
from tests.fuzz.ambush import AZURE, DOWN_S, FLAKY, TABLES, Ambush
from tests.fuzz.figures import Counting
from tests.fuzz.guest import Guest
from tests.fuzz.life import Life
from tests.fuzz.outcome import Outcome, faults_of, refuses_extensions
from tests.fuzz.owner import Owner
from tests.fuzz.records import records

Json = dict[str, Any]

BACK_WITHIN_S: Final = 5_400.0
"""After the last fault a node must be ACTIVE within this: the longest back-off of a wait for
capacity (30 min), a fault that was noticed late, and two slow recoveries."""
GONE_WITHIN_S: Final = 5_400.0
RECKON_EVERY_S: Final = 120.0
"""How often the product's own records are judged."""
OWNERLESS_S: Final = 900.0
"""Waited at the end, so that what nobody owns shows: more than the ten minutes it may stay."""
DELETE_ALL: Final = {
    "deallocationConfig": {
        "shouldTerminateVm": True,
        "networkDeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 0},
        "diskDeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 0},
        "snapshotDeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 0},
        "publicIpDeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 0},
    }
}
OK: Final = 200
RAISED: Final = re.compile(r"Activity function '\w+' failed:  (\w+).*")
EXPECTED: Final = frozenset({"Transient", "Unavailable"})
"""What an activity raises for the durable retry; anything else is a bug."""


class Play:
    """One life under way; what `steps.Ground` asks for."""

    def __init__(self, life: Life) -> None:
        self.outcome = Outcome(life)
        self._life = life
        self._document = life.document
        self._watch = Watch()
        self._node_id = ""
        dice = random.Random(f"{life.seed}/flaky")  # noqa: S311 - chance
        self._azure = Ambush(AZURE, life.flaky, FLAKY, dice)
        self._tables = Ambush(TABLES)
        self._counting = Counting()

    async def run(self) -> Outcome:
        """Live it."""
        try:
            dice = random.Random(f"{self._life.seed}/repeats")  # noqa: S311 - chance
            options = Options(
                host={"repeat_activity": lambda *_: dice.random() < self._life.repeats}
            )
            async with InProcess(
                self._life.seed,
                options,
                hook=self._azure.strike,
                table_hook=self._tables.strike,
            ) as world:
                self._world = world
                await self._live()
                self._sum_up()
        except Exception as problem:  # noqa: BLE001 - whatever ends a life is its outcome
            self.outcome.trouble = f"{type(problem).__name__}: {problem}"
        self.outcome.breaches = self._watch.breaches
        return self.outcome

    # -- the life -----------------------------------------------------------------------------

    async def _live(self) -> None:
        world = self._world
        world.arm.chronicle.listeners.append(self._watch.hear)
        world.arm.chronicle.listeners.append(self._counting.hear)
        guest = Guest(world, self._document, self._life.seed)
        world.arm.chronicle.listeners.append(guest.hear)
        world.log.watchers.append(self._counting.read)
        world.log.watchers.append(self._read)
        self._node_id = await self._created()
        for step in self._life.steps:
            await step.happen(self)
            await self._pass(step.pause_s)
        if self._life.calm_before_end and not self._dies_in_trouble():
            await self._calm()
            await self._come_back()
            if self._owner.wants_rest:
                await self._wake()
        if self._life.deleted and not self._life.deleted_in_calm:
            await self._begin_deletion()
        if self._life.deleted:
            await self._calm()
            await self._be_deleted()
        await self._pass(OWNERLESS_S)

    def _read(self, entry: Entry) -> None:
        """An activity raises `Transient` or what a table that is down raises; else it is a bug."""
        if entry.kind != "end":
            return
        raised = RAISED.search(entry.text)
        if raised and raised[1] not in EXPECTED:
            said = Breach("B", self._world.clock.now(), f"an activity has a bug: {raised[0]}")
            self._watch.breaches.append(said)

    async def _created(self) -> str:
        body = {"statefulNode": self._document}
        answer = await self._world.api("POST", NODES, body)
        if answer.status != OK:
            raise AssertionError(f"create was answered {answer.status}: {answer.body}")
        node_id = str(answer.items[0]["id"])
        self._watch.promise(node_id, Promise.of(self._document))
        self._owner = Owner(self._world, self._watch, node_id)
        self._owner.wish("up")
        return node_id

    async def _pass(self, seconds: float) -> None:
        """Let time pass; judge the records now and then."""
        left = seconds
        while left > 0:
            await self._world.sleep(min(left, RECKON_EVERY_S))
            left -= RECKON_EVERY_S
            self._reckon()

    def _reckon(self) -> None:
        told = records(self._world.tables.rows())
        self._watch.reckon(self._world.clock.now(), told)

    async def _calm(self) -> None:
        """All faults stop, every market has room, somebody looks after the host."""
        self._azure.lift()
        self._tables.lift()
        for method, path, body in (
            ("DELETE", "faults", None),
            ("DELETE", "capacity", None),
            ("PUT", "events", {"loss": 0, "duplicate": 0, "reorder": 0, "delay_s": [0.5, 1.0]}),
            ("PUT", "quota", {"limits": steps.AMPLE_QUOTA}),
        ):
            await self.world(method, path, body)
        await self._world.restart()

    async def _come_back(self) -> None:
        try:
            await self._world.run_until(self._converged, BACK_WITHIN_S, RECKON_EVERY_S)
        except TimeoutError:
            told = records(self._world.tables.rows())
            now = self._world.clock.now()
            self._watch.breaches += self._watch.converged(now, told)
        await self._look_at_extensions()

    async def _wake(self) -> None:
        """Have the owner bring a node up that he put to rest: with all that it had."""
        try:
            await self._world.run_until(self._woken, BACK_WITHIN_S, RECKON_EVERY_S)
        except TimeoutError:
            told = records(self._world.tables.rows()).nodes.get(self._node_id)
            what = f"node {self._node_id} cannot be brought up: {told}"
            self._watch.breaches.append(Breach("L", self._world.clock.now(), what))
            return
        await self._come_back()

    async def _woken(self) -> bool:
        self._reckon()
        await self.ask("up")
        return not self._owner.wants_rest

    async def _look_at_extensions(self) -> None:
        """I10: a VM that is up has its extensions, unless Azure was told to refuse them."""
        wanted = self._life.document["compute"]["launchSpecification"].get("extensions") or ()
        vm = self._watch.picture.portraits.get(await self.vm_id() or "")
        if not wanted or not is_up(vm) or vm is None or refuses_extensions(self._life):
            return
        told = await self._world.azure.ask("GET", f"{vm.id}/extensions")
        there = {
            one["name"]
            for one in told["value"]
            if one["properties"]["provisioningState"] == "Succeeded"
        }
        missing = [one["name"] for one in wanted if one["name"] not in there]
        if missing:
            what = f"{vm.id.rsplit('/', 1)[-1]} is up without its extensions {missing}"
            self._watch.breaches.append(Breach("I10", self._world.clock.now(), what))

    def _converged(self) -> bool:
        self._reckon()
        told = records(self._world.tables.rows())
        idle = not any(view.operation for view in told.nodes.values())
        return idle and not self._watch.converged(self._world.clock.now(), told)

    def _dies_in_trouble(self) -> bool:
        return self._life.deleted and not self._life.deleted_in_calm

    async def _begin_deletion(self) -> None:
        """Ask for the deletion once while faults go on; the host may be down."""
        self._owner.wish("delete")
        with suppress(HostDownError):
            await self._world.api("DELETE", f"{NODES}/{self._node_id}", DELETE_ALL)
        await self._pass(120.0)

    async def _be_deleted(self) -> None:
        """Delete the node: as often as it takes, for it may be busy."""
        self._owner.wish("delete")
        try:
            await self._world.run_until(self._deleted, GONE_WITHIN_S, RECKON_EVERY_S)
        except TimeoutError:
            told = records(self._world.tables.rows()).nodes.get(self._node_id)
            what = f"node {self._node_id} was not deleted: {told}"
            self._watch.breaches.append(Breach("L", self._world.clock.now(), what))

    async def _deleted(self) -> bool:
        self._reckon()
        view = records(self._world.tables.rows()).nodes.get(self._node_id)
        if view is None:
            return True
        if view.status == "STOPPED":  # such a node is not deleted: it is started first
            await self.ask("up")
            self._owner.wish("delete")
        await self._owner.call("DELETE", f"{NODES}/{self._node_id}", DELETE_ALL)
        return False

    # -- what steps ask for -------------------------------------------------------------------

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

    async def vm_id(self) -> str | None:
        """Return the id of the node's VM in Azure, if there is one."""
        portraits = self._watch.picture.portraits
        mine = [
            one for one in portraits.values() if one.type == VM and node_of(one) == self._node_id
        ]
        return mine[0].id if mine else None

    async def update(self, change: Json) -> None:
        """Send an edit; it may come at a bad time and be refused."""
        if not self._world.alive:
            return
        path = f"{NODES}/{self._node_id}"
        answer = await self._owner.call("PUT", path, {"statefulNode": change})
        if answer.status == OK:
            self._document = self._document | answer.items[0] if answer.items else self._document
            self._watch.promise(self._node_id, Promise.of(self._document))

    async def ask(self, state: str) -> None:
        """Have the owner ask for a state; he does not while nobody answers."""
        if self._world.alive and await self._owner.ask(state):
            self._counting.figures.counts["states asked"] += 1

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

    def _sum_up(self) -> None:
        self._counting.figures.faults += faults_of(self._life)
        self._counting.figures.counts["steps"] += len(self._life.steps)
        self.outcome.figures = self._counting.figures
        self.outcome.digest = self._world.log.digest
        self.outcome.log = bytes(self._world.log)
        self.outcome.virtual_s = self._world.log.now()


def play(life: Life) -> Outcome:
    """Play a life to its end."""
    return in_virtual_time(Play(life).run())
