"""The decision on a VM read anew, and the record of a decision too large for a row."""

import hashlib
from datetime import timedelta
from typing import Any

from shared.contracts.market import DECIDE, Decide, Decided
from shared.model.facts import Decision
from shared.model.market import MarketMemory, Rung
from shared.model.run import Lifecycle
from tests.activities.acts import VM_ID, evicted, launched, scenery, stored, work
from tests.activities.scenes import played
from tests.activities.stage import KEY, Stage

WIDE = 6_000
"""Memories that bear on every size: with a random reason each, more than a row holds."""


def anew(stage: Stage) -> Decide:
    return Decide(work=work(stage), why="changed", look_at=VM_ID)


def test_a_vm_that_runs_after_all_is_the_only_move() -> None:
    async def scene(stage: Stage) -> Any:
        return await stage.ask(DECIDE, anew(stage))

    answer = played(scene, scenery(launched))

    assert isinstance(answer, Decided)
    assert [one.rung for one in answer.moves] == [Rung.START]
    assert answer.vm is not None
    assert answer.vm.power == "running"


def test_a_vm_on_its_way_down_is_waited_for() -> None:
    async def scene(stage: Stage) -> Any:
        await stage.arm("POST", f"{VM_ID}/deallocate")
        began = stage.ports.clock.now()
        answer = await stage.ask(DECIDE, anew(stage))
        return answer, stage.ports.clock.now() - began

    answer, took = played(scene, scenery(launched))

    assert answer.vm.power == "deallocated"
    assert took > timedelta(seconds=10)


def test_a_vm_that_is_gone_leaves_the_disks_to_go_by() -> None:
    async def scene(stage: Stage) -> Any:
        await stage.arm("DELETE", VM_ID)
        await stage.ports.clock.sleep(60)
        return await stage.ask(DECIDE, anew(stage))

    answer = played(scene, scenery(evicted))

    assert not answer.vm.exists
    assert answer.moves[0].rung is Rung.REATTACH
    assert answer.os_disk.zone == "1"


def test_a_decision_too_large_for_a_row_is_kept_without_its_inputs() -> None:
    async def scene(stage: Stage) -> Any:
        now = stage.ports.clock.now()
        for number in range(WIDE):
            memory = MarketMemory(
                region="eastus",
                size=f"Standard_X{number}",
                zone="9",
                lifecycle=Lifecycle.SPOT,
                scope="lifecycle",
                shunned_until=now + timedelta(hours=1),
                reason=hashlib.sha512(str(number).encode()).hexdigest(),
            )
            await stage.ports.stores.markets.remember(memory)
        answer = await stage.ask(DECIDE, Decide(work=work(stage), why="first launch"))
        (line,) = await stage.ports.stores.log.read(KEY, now, now + timedelta(hours=1))
        return answer, line

    answer, line = played(scene, scenery(stored))

    assert line.data["shortened"] is True
    assert "inputs" not in line.data
    kept = Decision.model_validate(line.data["decision"])
    assert kept.moves == answer.moves
    assert kept.inputs_digest.startswith(answer.decision_id)
