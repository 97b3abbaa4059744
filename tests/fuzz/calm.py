"""What a life must come to once all faults have stopped."""

from typing import Any, Final

from local.worlds.invariants.picture import is_up
from tests.fuzz.life import Life
from tests.fuzz.outcome import refuses_extensions
from tests.fuzz.pace import Pace
from tests.fuzz.records import told
from tests.fuzz.stage import Stage

Json = dict[str, Any]

BACK_WITHIN_S: Final = 5_400.0
"""After the last fault a node must be ACTIVE within this: the longest back-off of a wait for
capacity (30 min), a fault that was noticed late, and two slow recoveries."""
KEPT_WITHIN_S: Final = 1_740.0
"""A task waits half an hour at most for whatever holds the node; then it would be passed over."""

SEEN_WELL_S: Final = 600.0
"""By then a VM is looked at and found well: grace, the agent's first report, each third minute."""
HEALED_WITHIN_S: Final = 3_600.0
"""A look each third minute, then a release and a launch, with the signals that these wait for."""


class Calm:
    """The judge of one node in fair weather."""

    def __init__(self, pace: Pace, stage: Stage, life: Life) -> None:
        self._pace, self._stage, self._owner = pace, stage, stage.owner
        self._life = life

    async def come_back(self) -> None:
        """See the node ACTIVE within the bound, or at rest; then have its owner bring it up."""
        await self._settle()
        if self._owner.wants_rest:
            await self._wake()

    async def keep_schedule(self) -> None:
        """See the node do what its schedule says, each task once, unless somebody stopped it."""
        for kind in ("recycle", "pause", "resume"):
            moment = self._life.care.schedule.next_of(kind, self._now())
            if moment is None:
                continue
            before = self._vm()
            await self._pace.passes((moment - self._now()).total_seconds())
            if (before or kind == "resume") and not self._is_stopped():
                await self._done(kind, before)

    async def heal(self) -> None:
        """See a VM replaced whose agent has fallen silent, if its document asks for that."""
        health = self._life.care.health or {}
        if not health.get("autoHealing") or "vmAgent" not in health["healthCheckTypes"]:
            return
        await self._pace.passes(SEEN_WELL_S)
        before = self._vm()
        if not before:
            return
        await self._stage.silence(ready=False)

        def is_healed() -> bool:
            return self._vm() not in ("", before)

        if not await self._pace.until(is_healed, health["unhealthyDuration"] + HEALED_WITHIN_S):
            node_id = self._owner.node_id
            what = f"node {node_id} was not healed: {self._pace.view(node_id)}"
            self._pace.blame("L", what)

    async def _done(self, kind: str, before: str) -> None:
        def is_done() -> bool:
            view = self._pace.view(self._owner.node_id)
            is_idle = view is not None and not view.operation
            up = self._vm()
            if kind == "pause":
                return is_idle and not up
            return is_idle and bool(up) and (kind == "resume" or up != before)

        if not await self._pace.until(is_done, KEPT_WITHIN_S):
            node_id = self._owner.node_id
            what = f"node {node_id} did not {kind} at its time: {self._pace.view(node_id)}"
            self._pace.blame("L", what)

    def _is_stopped(self) -> bool:
        view = self._pace.view(self._owner.node_id)
        return view is not None and view.status == "STOPPED"

    def _vm(self) -> str:
        """Return the birth mark of the node's VM, if it is up."""
        there = self._pace.watch.picture
        mine = there.live[self._owner.node_id]
        return "".join(there.portraits[one].born for one in sorted(mine))

    async def _settle(self) -> None:
        if not await self._pace.until(self._mended, BACK_WITHIN_S):
            self._pace.watch.breaches += self._pace.converged()
        await look_at_extensions(self._pace, self._life, await self._stage.vm_id() or "")

    async def _wake(self) -> None:
        """Have the owner bring a node up that he put to rest: with all that it had."""
        if not await self._pace.until(self._woken, BACK_WITHIN_S):
            node_id = self._owner.node_id
            what = f"node {node_id} cannot be brought up: {self._pace.view(node_id)}"
            self._pace.blame("L", what)
            return
        await self._settle()

    async def _woken(self) -> bool:
        await self._stage.ask("up")
        return not self._owner.wants_rest

    async def _mended(self) -> bool:
        """See the node as it must be; its owner brings it up where it stands in ERROR."""
        view = self._pace.view(self._owner.node_id)
        if self._life.may_err and view and view.status == "ERROR" and not view.operation:
            await self._stage.ask("up")
            return False
        return self._converged()

    def _converged(self) -> bool:
        view = self._pace.view(self._owner.node_id)
        return not (view and view.operation) and not self._pace.converged()

    def _now(self) -> Any:
        return self._pace.world.clock.now()


async def look_at_extensions(pace: Pace, life: Life, vm_id: str) -> None:
    """I10: a VM that is up has its extensions, or its log a warning that Azure refused one."""
    wanted = life.document["compute"]["launchSpecification"].get("extensions") or ()
    vm = pace.watch.picture.portraits.get(vm_id)
    if not wanted or not is_up(vm) or vm is None:
        return
    answer = await pace.world.azure.ask("GET", f"{vm.id}/extensions")
    has = {
        one["name"]
        for one in answer["value"]
        if one["properties"]["provisioningState"] == "Succeeded"
    }
    missing = [one["name"] for one in wanted if one["name"] not in has]
    is_told = refuses_extensions(life) and bool(told(pace.world.tables.rows(), "WARN"))
    if missing and not is_told:
        name = vm.id.rsplit("/", 1)[-1]
        pace.blame("I10", f"{name} is up without its extensions {missing}")
