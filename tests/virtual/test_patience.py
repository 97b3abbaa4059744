"""What a client asks of a node while a round of snapshots holds it, in whole worlds."""

from typing import Any

import pytest

from local.worlds.faults import Call, Fault, Slow
from local.worlds.inprocess import NODES, Answer, InProcess
from local.worlds.options import Options
from tests.fuzz.records import nodes
from tests.virtual.disks import attach, deletion, idle
from tests.virtual.support import BOUND_S, reach, tell
from tests.virtual.test_snapshots import active

CALM = Options(events=False)


async def snapshots_begin(world: InProcess, node_id: str) -> None:
    def held() -> bool:
        for key, record in nodes(world.tables.rows()).items():
            if key.node_id == node_id and record.operation and not record.operation.finished_at:
                return record.operation.kind == "snapshot_disks"
        return False

    await world.run_until(held, BOUND_S, every_s=0.1)


ASKS: dict[str, tuple[str, str, Any]] = {
    "pause": ("PUT", "/state", {"state": "pause"}),
    "delete": ("DELETE", "", deletion()),
    "attach": ("PUT", "/dataDisk/attach", attach()),
}


@pytest.mark.parametrize("asked", ASKS)
def test_what_is_asked_during_a_round_of_snapshots_is_begun_when_it_is_over(asked: str) -> None:
    method, path, sent = ASKS[asked]

    async def story(world: InProcess) -> tuple[Answer, float]:
        node_id = await active(world)
        await snapshots_begin(world, node_id)
        began = world.log.now()
        answer = await world.api(method, f"{NODES}/{node_id}{path}", sent)
        return answer, world.log.now() - began

    answer, took_s = tell(story, options=CALM)

    assert answer.status == 200, answer.body
    assert 0.2 <= took_s < 30


def test_what_the_status_forbids_is_refused_at_once_even_then() -> None:
    async def story(world: InProcess) -> tuple[Answer, float]:
        node_id = await active(world)
        await snapshots_begin(world, node_id)
        began = world.log.now()
        answer = await world.api("PUT", f"{NODES}/{node_id}/state", {"state": "resume"})
        return answer, world.log.now() - began

    answer, took_s = tell(story, options=CALM)

    assert (answer.status, took_s < 0.2) == (400, True)


def test_a_round_that_lasts_longer_than_a_client_waits_is_told() -> None:
    def slow(call: Call) -> Fault | None:
        return Slow(45.0) if call.operation.endswith("snapshots/write") else None

    async def story(world: InProcess) -> Answer:
        node_id = await active(world)
        await snapshots_begin(world, node_id)
        answer = await world.api("PUT", f"{NODES}/{node_id}/state", {"state": "pause"})
        await idle(world, node_id)
        await world.api("PUT", f"{NODES}/{node_id}/state", {"state": "pause"})
        await reach(world, node_id, "PAUSED")
        return answer

    answer = tell(story, options=CALM, hook=slow)

    assert answer.status == 400
    assert "snapshot_disks" in str(answer.body)
