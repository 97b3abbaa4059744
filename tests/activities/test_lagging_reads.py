"""Reads that lag behind writes: what Azure itself says contradicts them, and is believed."""

import asyncio
from typing import Any

from local.worlds.faults import Call, Fault, Killed, Moment, Stale
from shared.contracts.vm import CREATE_VM, VmUp
from tests.activities.acts import VM_ID, first_vm, scenery, with_nics
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
