"""Operations whose orchestration an operator terminates when its work in Azure is half done."""

from typing import Any

import pytest

from local.worlds.inprocess import NODES, InProcess
from local.worlds.operator import terminate
from shared.model.run import DiskRef
from tests.fuzz.records import nodes
from tests.virtual.disks import (
    attach,
    is_marked,
    luns,
    os_disk_in_azure,
    person_copies,
    run_of,
    swap,
    there,
    turned,
)
from tests.virtual.support import active_node, reach, tell

RELEASED_WITHIN_S = 1_200.0


def os_disk_of(world: InProcess, node_id: str) -> DiskRef:
    disk = run_of(world, node_id).os_disk
    assert disk is not None
    return disk


def operation_of(world: InProcess) -> str:
    (record,) = nodes(world.tables.rows()).values()
    assert record.operation is not None
    return record.operation.id


async def swap_lost(world: InProcess, node_id: str, after_s: float) -> None:
    """Have a swap lost so long after it began, and the node released."""
    answer = await world.api("PUT", f"{NODES}/{node_id}/osDisk/swap", swap())
    assert answer.status == 200, answer.body
    await world.sleep(after_s)
    assert await terminate(world, operation_of(world))
    await world.run_until(lambda: run_of(world, node_id).status == "ERROR", RELEASED_WITHIN_S)


@pytest.mark.parametrize("deed", ["resume", "recycle"])
def test_a_disk_that_was_not_swapped_in_is_its_users_again(deed: str) -> None:
    async def story(world: InProcess) -> Any:
        node_id = await active_node(world)
        await person_copies(world, os_disk_of(world, node_id).id, "restored")
        await turned(world, node_id, "pause", "PAUSED")
        await swap_lost(world, node_id, 0.1)
        marked = is_marked(there(world, "disks")["restored"])
        await turned(world, node_id, deed, "ACTIVE")
        return marked, there(world, "disks")["restored"], run_of(world, node_id)

    marked, restored, run = tell(story)

    assert marked
    assert not is_marked(restored)
    assert run.os_disk.name != "restored"
    assert not run.retained


@pytest.mark.parametrize("deed", ["resume", "recycle"])
def test_a_disk_that_was_swapped_in_is_the_nodes_and_the_old_one_is_kept_for_a_time(
    deed: str,
) -> None:
    async def story(world: InProcess) -> Any:
        node_id = await active_node(world)
        old = os_disk_of(world, node_id)
        await person_copies(world, old.id, "restored")
        await turned(world, node_id, "stop", "STOPPED")
        answer = await world.api("PUT", f"{NODES}/{node_id}/osDisk/swap", swap())
        assert answer.status == 200, answer.body
        await world.run_until(lambda: os_disk_in_azure(world) == "restored", 60.0, 0.1)
        assert await terminate(world, operation_of(world))
        await reach(world, node_id, "ERROR")
        await turned(world, node_id, deed, "ACTIVE")
        return old, run_of(world, node_id), os_disk_in_azure(world)

    old, run, boots_from = tell(story)

    assert boots_from == run.os_disk.name == "restored"
    assert [one.id for one in run.retained] == [old.id]


@pytest.mark.parametrize("deed", ["resume", "recycle"])
def test_a_disk_that_was_attached_is_the_nodes(deed: str) -> None:
    async def story(world: InProcess) -> Any:
        node_id = await active_node(world)
        answer = await world.api("PUT", f"{NODES}/{node_id}/dataDisk/attach", attach())
        assert answer.status == 200, answer.body
        await world.run_until(lambda: "extra" in luns(world).values(), 60.0, 0.1)
        assert await terminate(world, operation_of(world))
        await reach(world, node_id, "ERROR")
        await turned(world, node_id, deed, "ACTIVE")
        return run_of(world, node_id), luns(world)

    run, attached = tell(story)

    assert "extra" in attached.values()
    assert "extra" in {one.name for one in run.data_disks}
    assert not run.retained
