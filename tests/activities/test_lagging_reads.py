"""Reads that lag behind writes: what Azure itself says contradicts them, and is believed."""

import asyncio
from typing import Any

from local.worlds.faults import Call, Fault, Killed, Moment, Stale
from shared.contracts.vm import CREATE_VM, DELETE_VM, LOOK_AT_VM, START_VM, LookAtVm, VmUp
from tests.activities.acts import (
    SETUP,
    SPOT,
    VM_ID,
    evicted,
    first_vm,
    launched,
    next_vm,
    scenery,
    start_larger,
    vm_gone,
    with_nics,
)
from tests.activities.scenes import played
from tests.activities.stage import Stage


class Lag:
    """Kills the host over the PUT of the VM; then two reads show what was before it."""

    def __init__(self) -> None:
        self.killed = False
        self.lagging = 2

    def __call__(self, call: Call) -> Fault | None:
        if call.resource.lower() != VM_ID.lower():
            return None
        if call.method == "PUT" and not self.killed:
            self.killed = True
            return Killed(Moment.AFTER)
        if call.method == "GET" and self.killed and self.lagging:
            self.lagging -= 1
            return Stale(600.0)
        return None


class OneLag:
    """Once it is told to, the next read of the VM shows what was before."""

    lagging = False

    def __call__(self, call: Call) -> Fault | None:
        if call.resource.lower() != VM_ID.lower() or call.method != "GET" or not self.lagging:
            return None
        self.lagging = False
        return Stale(600.0)


def test_a_vm_that_azure_says_is_there_is_looked_for_again_and_taken() -> None:
    """The PUT is answered with 412 because the VM exists, while reads still show none."""

    async def scene(stage: Stage) -> Any:
        request = await first_vm(stage)
        lag = stage.wire.hook = Lag()
        dead = asyncio.create_task(stage.ask(CREATE_VM, request))
        await stage.ports.clock.sleep(30)
        dead.cancel()
        stage.restart()
        answer = await stage.ask(CREATE_VM, request)
        return answer, lag.lagging, len(stage.there("virtualmachines"))

    answer, lagging, vms = played(scene, scenery(with_nics))

    assert isinstance(answer, VmUp)
    assert (lagging, vms) == (0, 1)


def test_a_vm_that_was_deleted_and_is_still_read_is_not_taken_for_the_next() -> None:
    """Of one operation are both: the tag tells no difference, and its market would be blamed."""

    async def scene(stage: Stage) -> Any:
        lag = stage.wire.hook = OneLag()
        await stage.ask(LOOK_AT_VM, LookAtVm(work=stage.work("look"), vm_resource_id=VM_ID))
        gone = await stage.ask(DELETE_VM, await vm_gone(stage, SETUP))
        request = await next_vm(stage, SETUP)
        again = request.model_copy(update={"work": stage.work("create-2", SETUP)})
        lag.lagging = True
        answer = await stage.ask(CREATE_VM, again)
        return gone, answer, len(stage.there("virtualmachines"))

    gone, answer, vms = played(scene, scenery(evicted))

    assert gone.kind == "done"
    assert isinstance(answer, VmUp)
    assert not answer.taken
    assert vms == 1


def test_a_market_is_remembered_for_the_vm_that_runs_and_not_for_what_was_asked() -> None:
    """As after two reads in a row that lagged: it was to be started in a larger size, and runs."""

    async def scene(stage: Stage) -> Any:
        answer = await stage.ask(START_VM, await start_larger(stage))
        return answer, await stage.ports.stores.markets.of_region("eastus")

    answer, remembered = played(scene, scenery(launched))

    assert isinstance(answer, VmUp)
    assert answer.vm.size == SPOT.size
    assert [one.size.lower() for one in remembered if one.last_success_at] == [SPOT.size.lower()]
