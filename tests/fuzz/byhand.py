"""What a person does to a node's VM in Azure, with no word to us: a data disk is taken off it.

The disk is that person's business from then on, who may have the only copy on it: a start in place
neither takes it back nor gives it up, however long the node goes on without it.
"""

from contextlib import suppress
from typing import Final

from local.arm.faults import ConnectionLostError
from local.arm.portrait import OS, Portrait
from local.worlds.invariants.breach import name_of
from local.worlds.invariants.picture import is_up, node_of
from tests.fuzz.calm import BACK_WITHIN_S
from tests.fuzz.pace import Pace
from tests.fuzz.stage import Stage

UNNOTICED_S: Final = 60.0
LATER_S: Final = 1_200.0
"""After the node is back: whatever is to be cleared away behind it has gone by then."""


class ByHand:
    """One data disk that is taken off, in fair weather."""

    def __init__(self, pace: Pace, stage: Stage) -> None:
        self._pace, self._stage = pace, stage
        self._there = pace.watch.picture.portraits

    async def happen(self) -> None:
        """Take it off, have the VM go down and start, and see that the disk is there after all."""
        vm = self._there.get(await self._stage.vm_id() or "")
        slots = [(slot, disk) for slot, disk in vm.disks if slot != OS] if vm else []
        if vm is None or not slots or not self._is_active() or not is_up(vm):
            return
        disk = self._there[slots[0][1]]
        if not await self._take_off(vm, disk):
            return
        await self._pace.passes(UNNOTICED_S)
        await self._go_down(vm)
        if not await self._pace.until(self._is_active, BACK_WITHIN_S):
            node_id = self._stage.owner.node_id
            self._pace.blame("L", f"node {node_id} is not back: {self._pace.view(node_id)}")
        await self._pace.passes(LATER_S)
        left, now_on = self._there.get(disk.id), self._there.get(vm.id)
        is_same = now_on is not None and now_on.born == vm.born  # another one runs on a copy
        if is_same and (left is None or left.born != disk.born):
            what = f"{name_of(disk.id)}, which a person took off {name_of(vm.id)}, was deleted"
            self._pace.blame("I2", what)

    async def _take_off(self, vm: Portrait, disk: Portrait) -> bool:
        self._pace.watch.taken_off(node_of(vm), disk.id)
        change = {"dataDisksToDetach": [{"diskId": disk.id}]}
        with suppress(ValueError, ConnectionLostError):
            await self._pace.world.azure.ask("POST", f"{vm.id}/attachDetachDataDisks", change)
            return True
        return False

    async def _go_down(self, vm: Portrait) -> None:
        """Have Azure take the VM, or its owner stop and start it if it is none to be taken."""
        if vm.spot:
            await self._stage.world("POST", "evictions", {"vm": vm.id, "notice_s": 0.0})
            await self._pace.passes(UNNOTICED_S)
            return
        await self._stage.ask("stop")
        await self._pace.until(self._is_stopped, BACK_WITHIN_S)
        await self._stage.ask("up")

    def _is_stopped(self) -> bool:
        view = self._pace.view(self._stage.owner.node_id)
        return view is not None and view.status == "STOPPED" and not view.operation

    def _is_active(self) -> bool:
        view = self._pace.view(self._stage.owner.node_id)
        return view is not None and view.status == "ACTIVE" and not view.operation
