"""How a life ends: its node is deleted, and what its owner gave up goes in its time."""

from typing import Final

from local.worlds.invariants import Breach, NodeView
from tests.fuzz.aimed import SETTLES_S
from tests.fuzz.calm import look_at_extensions
from tests.fuzz.life import Life
from tests.fuzz.owner import GOING
from tests.fuzz.pace import Pace
from tests.fuzz.records import log_lines
from tests.fuzz.stage import Stage

GONE_WITHIN_S: Final = 5_400.0
"""After faults have stopped, beside the time for which something is to be kept."""
IN_TROUBLE_S: Final = 120.0


class End:
    """The end of one node."""

    def __init__(self, pace: Pace, stage: Stage, life: Life) -> None:
        self._pace, self._stage, self._owner = pace, stage, stage.owner
        self._life, self._parting = life, life.parting

    async def begin(self) -> None:
        """Ask for the deletion once while faults go on.

        The host may be down, Azure may refuse something or have no room for a while, or the
        operation may be lost.
        """
        before, lost_after_s = self._life.ends_in, self._life.ends_lost_s
        if before:
            await self._stage.settle(SETTLES_S, rouses=True)
        for step in before:
            await step.happen(self._stage)
        await self._owner.delete(self._parting, insists=False)
        if lost_after_s is not None:
            await self._stage.lose(lost_after_s)
        await self._pace.passes(before[-1].pause_s if before else IN_TROUBLE_S)
        await self._is_told()

    async def _is_told(self) -> None:
        """See that it is told when a VM that is kept on demand waits for room, and is not there."""
        for _ in range(2):
            view = self._view()
            if await self._stage.vm_id() or not self._parting.on_demand:
                return
            if view is None or view.status not in GOING or not view.operation:
                return
            await self._pace.passes(IN_TROUBLE_S)
        lines = log_lines(self._pace.world.tables.rows())
        if not any("not on demand" in text for _, text in lines):
            what = f"node {self._owner.node_id} has no VM that was to stay, and nobody is told why"
            self._pace.blame("L", what)

    async def come(self) -> None:
        """Delete the node: as often as it takes, for it may be busy. See it go, with what it has.

        What was chosen is gone when its time is over, what was not stays.
        """
        stays = await self._stage.vm_id() if self._parting.on_demand else None
        within_s = GONE_WITHIN_S + self._parting.lasts_s + self._keeps_s()
        self._owner.deleted_in_vain = ""
        if not await self._pace.until(self._deleted, within_s):
            what = f"node {self._owner.node_id} was not deleted: {self._view()}"
            self._pace.blame("L", what)
        if self._life.calm_before_end and not self._life.dies_in_trouble:
            self._took_at_once()
        await self.part()
        await look_at_extensions(self._pace, self._life, stays or "")

    def _took_at_once(self) -> None:
        """See that the first deletion was the last: nothing speaks against it in fair weather."""
        if said := self._owner.deleted_in_vain:
            self._pace.blame("L", f"node {self._owner.node_id} was deleted in vain: {said}")

    async def part(self) -> None:
        """See that what the owner gave up goes in its time, and that what he kept is his."""
        if not await self._pace.until(self._over, GONE_WITHIN_S + self._keeps_s()):
            self._pace.watch.breaches += self._left()

    def _over(self) -> bool:
        return self._keeps_s() <= 0 and not self._left()

    def _keeps_s(self) -> float:
        """Return for how long something that was given up is to be kept still."""
        until, now = self._stage.disks.keeps_until, self._pace.world.clock.now()
        return max(0.0, (until - now).total_seconds()) if until else 0.0

    def _left(self) -> list[Breach]:
        return self._pace.watch.over(self._pace.world.clock.now(), self._pace.records())

    async def _deleted(self) -> bool:
        view = self._view()
        if view is None:
            return True
        if view.status == "STOPPED":  # such a node is not deleted: it is started first
            await self._stage.ask("up")
        if view.status in GOING:
            return False
        await self._owner.delete(self._parting, insists=True)
        return False

    def _view(self) -> NodeView | None:
        return self._pace.view(self._owner.node_id)
