"""An import in the life of a node: made, followed to its end, judged by what became of its VM."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from local.arm.portrait import ADDRESS, NIC
from local.worlds.boot import HostDownError
from local.worlds.inprocess import NODES
from local.worlds.invariants import NodeView, Promise
from store.node_rows import NodeRecord
from tests.fuzz.ambush import DOWN_S
from tests.fuzz.doomed import Doom
from tests.fuzz.dooming import Dooming
from tests.fuzz.ground import put
from tests.fuzz.imported import VM, Source
from tests.fuzz.outcome import bug_in
from tests.fuzz.owner import GOING
from tests.fuzz.pace import Pace
from tests.fuzz.records import nodes
from tests.fuzz.returning import Returning
from tests.fuzz.stage import Stage
from tests.virtual.import_guard import Guard

Json = dict[str, Any]

IMPORT: Final = f"{NODES}/import"
COMPLETED, FAILED = "ImportCompleted", "ImportFailed"
ASKED_MAX: Final = 30
DOWN_AFTER_S: Final = 300.0
"""A VM that its user stops is down by then."""
ENDS_WITHIN_S: Final = 7_200.0
NOT_WHOLE: Final = "not all as it was"
"""What a node says whose VM could not be given back whole."""


class Importing:
    """One import under way."""

    def __init__(self, pace: Pace, source: Source) -> None:
        self._pace, self._world, self._source = pace, pace.world, source
        self._dooming = Dooming(pace.world, source.doom) if source.doom else None
        self._node_id = ""
        self.state = ""
        """How far it is, as the API said last."""

    async def begin(self, document: Json) -> NodeRecord:
        """Make the VM as its user, ask for its import, as often as it takes; return the node."""
        await self._make()
        await self._look_before()
        kept = bool(document["persistence"]["shouldPersistNetwork"])
        hours, blobs = self._source.retention_h, self._source.unmanaged
        self._guard = Guard.over(self._world, hours, network_kept=kept, unmanaged=blobs)
        own = self._guard.own.items()
        self._guard.own = {born: one for born, one in own if "/legacy" in one.id}
        vm = self._pace.watch.picture.portraits[VM.lower()]
        pools = {born: one.pools for born, one in self._guard.own.items() if one.pools}
        self._returning = Returning(vm.born, self._pace.watch.picture, self._has_vm, pools=pools)
        self._world.arm.chronicle.listeners.append(self._returning.hear)
        if self._dooming:
            await self._dooming.lay()
        answer = None
        for _ in range(ASKED_MAX):
            with suppress(HostDownError):
                answer = await self._world.api("POST", IMPORT, self._source.call(document))
            if self._record():
                break
            await self._world.sleep(DOWN_S)
        record = self._record()
        if record is None:
            raise AssertionError(f"the import was answered {answer}")
        self._node_id = record.key.node_id
        promise = Promise.of(record.document)
        drains = timedelta(seconds=self._source.drain_s)
        self._pace.watch.inherit(self._node_id, VM.lower(), promise, drains)
        return record

    def take(self, stage: Stage) -> None:
        """Have the node's stage know what comes with the VM, which is not its own."""
        stage.adjust = self._adjust
        stage.foreign = frozenset((VM.lower(),))
        self._stage, self._owner = stage, stage.owner
        self._pace.before.append(self._see)

    def _see(self) -> None:
        """Tell the watch once the node is shown as more than an import that may be in vain."""
        view = self._view()
        if view and view.status not in ("IMPORTING", "ERROR"):
            self._pace.watch.prove(self._node_id)

    def _adjust(self, promise: Promise) -> Promise:
        """Return a promise with the data disks of the VM, which its document does not list."""
        if not (promise.data_disks and promise.asked):
            return promise
        named, own = promise.asked.luns, self._source.luns
        asked = replace(promise.asked, luns=named | own, afresh=named & own)
        return replace(promise, asked=asked)

    @property
    def wish(self) -> str:
        """What the owner wishes at first: a node of a stopped VM may be up or not."""
        return "up" if self._source.running else "either"

    async def settle(self, *, deleted: bool) -> bool:
        """See the import end; return whether there is a node to be brought up.

        The owner starts a node that is down as its VM was, unless he has it deleted.
        """
        if not await self._pace.until(self._ended, ENDS_WITHIN_S):
            text = f"the import of node {self._node_id} does not end: {self._view()}"
            self._pace.blame("L", text)
        record = self._record()
        if record and record.run.retained:
            until = max(one.until for one in record.run.retained)
            kept = self._stage.disks.keeps_until
            self._stage.disks.keeps_until = max(until, kept) if kept else until
        if deleted or self.state == FAILED:
            if not deleted:
                self._owner.wish("either")  # there is nothing to bring up
            return False
        if not self._source.running:
            await self._pace.until(self._started, ENDS_WITHIN_S)  # or else it is not up in time
        return True

    async def see_through(self, *, surely: bool, seen: bool) -> None:
        """See an import end that nothing disturbs but its doom; `surely`: nothing at all does.

        `seen`: no read lags behind.
        """
        await self._pace.until(self._is_told, ENDS_WITHIN_S)
        if self.state == FAILED:
            frees = self._source.doom is None or self._source.doom.whole
            self._returning.told(self._world.clock.now(), frees=frees)
        await self._pace.until(self._ended, ENDS_WITHIN_S)
        if self._dooming:
            await self._dooming.lift()
        if surely and not self._source.full:
            self._judge_end(self._source.doom)
        if surely and seen and self._source.doom and self.state == FAILED:
            self._judge_power(self._source.doom)

    def _judge_end(self, doom: Doom | None) -> None:
        """See that an import has ended as it must, and its source as it was if that can be."""
        ends = doom.ends if doom else COMPLETED
        if ends not in ("", self.state):
            against = f'"{doom.name}"' if doom else "nothing"
            text = f"an import against which stands {against} is {self.state}"
            self._pace.blame("L", text)
        if not doom or self.state != FAILED:
            return
        record = self._record()
        reason = (record.run.error_reason if record else None) or ""
        if doom.tells not in reason:
            self._pace.blame("I9", f'of an import in vain, for "{doom.name}", is told: {reason}')
        if not doom.person:
            self._judge_return(doom)

    def _judge_return(self, doom: Doom) -> None:
        """See that a source that nobody else has touched was given back in time, and whole."""
        dooming = self._dooming
        if self._source.running and doom.runs_within_s and dooming and dooming.sprung_at:
            self._returning.ran(dooming.sprung_at, timedelta(seconds=doom.runs_within_s))
        if doom.joins_within_s:
            self._returning.joined(timedelta(seconds=doom.joins_within_s))
        for slow in self._returning.slow:
            self._pace.blame("I13", f'of an import in vain, for "{doom.name}": {slow}')
        changed = self._guard.changed(self._world)
        if doom.whole and changed:
            text = f'after an import in vain, for "{doom.name}", there is {changed}'
            self._pace.blame("I13", text)

    def _judge_power(self, doom: Doom) -> None:
        """I13: a source is not stopped for what is known before; if it runs, that is said."""
        record = self._record()
        self._returning.said(record.run.rollback_reason or "" if record else "")
        if doom.spared and self._returning.down_at:
            self._pace.blame("I13", f'the source was stopped for nothing: "{doom.name}"')

    def let_go(self) -> None:
        """Take it that the owner deletes the node: the network that it has goes with it.

        One whose import was in vain has none: what of the source carries its tag still is not its.
        """
        if self.state == FAILED:
            self._pace.watch.spare(self._guard.own)
        elif self._guard.network_kept:
            own = self._guard.own.items()
            kept = {born: one for born, one in own if one.type not in (NIC, ADDRESS)}
            self._guard.own = kept

    async def judge(self) -> None:
        """I13: a VM that is imported is its user's until its node's VM is up and its time is over.

        None of its disks, NICs and addresses goes before, nor is used by another VM; an import in
        vain leaves all as it was, or says what is not. And what its status says of it is so.
        """
        await self._look()
        for wrong in (*self._guard.wrong, *self._returning.wrong):
            self._pace.blame("I13", wrong)
        if self.state == COMPLETED and self._guard.up_at is None:
            self._pace.blame("I13", "an import is called completed, and no VM of its node was up")
        record = self._record()
        if self.state != FAILED or record is None:
            return
        status, told = record.run.status.value, record.run.rollback_reason or ""
        if bug := bug_in(told):
            self._pace.blame("B", f"an import has a bug: {bug}")
        if status not in {"ERROR", *GOING}:
            self._pace.blame("I13", f"after an import in vain the node is {status}")
        changed = self._guard.changed(self._world)
        if changed and NOT_WHOLE not in told:
            self._pace.blame("I13", f"an import in vain says: {told}; and there is {changed}")

    async def _make(self) -> None:
        for layer in self._source.layers():
            await put(self._world, layer)
        if not self._source.running:
            await self._world.azure.ask("POST", f"{VM}/deallocate")
            await self._world.sleep(DOWN_AFTER_S)
        if self._source.full:
            rule = {"room": 0, "lifecycle": self._source.full}
            await self._world.azure.ask("PUT", "/_world/capacity", {"rules": [rule]})

    async def _look_before(self) -> None:
        """I9: what a VM would be as a node is told as Azure has it, if it is told at all."""
        group, name = VM.split("/")[4], VM.rsplit("/", 1)[-1]
        path = f"{NODES}/resourceGroup/{group}/virtualMachine/{name}/importConfiguration"
        shown = await self._world.api("GET", path)
        vm = self._pace.watch.picture.portraits[VM.lower()]
        for told in shown.items:
            compute = told["compute"]
            has = (compute.get("zones") or [], compute["vmSizes"]["odSizes"])
            if has != ([vm.zone] if vm.zone else [], [vm.size]):
                self._pace.blame("I9", f"{name} in zone {vm.zone} is told to be a node of {has}")

    async def _ended(self) -> bool:
        await self._look()
        view = self._view()
        if view is None or view.status in GOING:
            return True
        return self.state in (COMPLETED, FAILED) and not view.operation

    async def _is_told(self) -> bool:
        await self._look()
        return self.state in (COMPLETED, FAILED)

    def _has_vm(self) -> bool:
        view = self._view()
        return bool(view and view.told and view.told.vm)

    async def _started(self) -> bool:
        """Tell whether the node is started, by its owner or a person, or is at rest by a wish."""
        view = self._view()
        if self._owner.wants_rest or view is None or view.status != "STOPPED":
            return True
        return await self._owner.ask("up")

    async def _look(self) -> None:
        path = f"{IMPORT}/{self._node_id.replace('ssn', 'sin')}/status"
        with suppress(HostDownError):
            shown = await self._world.api("GET", path)
            self.state = str(shown.items[0]["state"]) if shown.items else self.state

    def _view(self) -> NodeView | None:
        return self._pace.view(self._node_id)

    def _record(self) -> NodeRecord | None:
        return next(iter(nodes(self._world.tables.rows()).values()), None)
