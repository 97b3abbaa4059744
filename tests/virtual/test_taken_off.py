"""Data disks that a person takes off the node's VM in Azure, behind the product's back."""

from datetime import timedelta
from typing import Any

from local.clock import START
from local.worlds.inprocess import NODES, InProcess
from tests.virtual.disks import run_of, there
from tests.virtual.support import active_node, evict, reach, tell, vm_path

MONTH = timedelta(days=30)
DAY = "fromDate=2026-03-01&toDate=2026-03-02"


async def person_detaches(world: InProcess, node_id: str) -> str:
    """Have a person detach the node's first data disk; return its id."""
    disk = run_of(world, node_id).data_disks[0]
    path = await vm_path(world, node_id)
    change = {"dataDisksToDetach": [{"diskId": disk.id}]}
    await world.azure.ask("POST", f"{path}/attachDetachDataDisks", change)
    await world.sleep(30.0)
    return disk.id


def disks(world: InProcess) -> set[str]:
    return {*there(world, "disks")}


async def warnings(world: InProcess, node_id: str) -> list[str]:
    answer = await world.api("GET", f"{NODES}/{node_id}/log?{DAY}&severity=WARN")
    assert answer.status == 200, answer.body
    return [str(one["message"]) for one in answer.items]


def test_a_disk_that_a_person_took_off_outlives_a_start_in_place_and_is_told() -> None:
    async def story(world: InProcess) -> Any:
        node_id = await active_node(world)
        disk_id = await person_detaches(world, node_id)
        await evict(world, node_id)
        await reach(world, node_id, "ACTIVE")
        await world.sleep(3_600.0)
        due = [one.values for one in world.tables.rows()["due"]]
        return disk_id, run_of(world, node_id), await warnings(world, node_id), disks(world), due

    disk_id, run, told, there_is, due = tell(story)

    (kept,) = run.retained
    assert kept.id == disk_id
    assert MONTH - timedelta(hours=2) < kept.until - START < MONTH + timedelta(hours=2)
    assert disk_id.rsplit("/", 1)[-1] in there_is
    assert disk_id not in [one.id for one in run.data_disks]
    assert any("was taken off the node's VM in Azure" in one for one in told)
    assert any("deallocation" in str(one) for one in due)


def test_a_disk_that_a_person_took_off_and_put_back_is_the_nodes_again() -> None:
    async def story(world: InProcess) -> Any:
        node_id = await active_node(world)
        disk_id = await person_detaches(world, node_id)
        await evict(world, node_id)
        await reach(world, node_id, "ACTIVE")
        change = {"dataDisksToAttach": [{"diskId": disk_id, "lun": 0}]}
        path = await vm_path(world, node_id)
        await world.azure.ask("POST", f"{path}/attachDetachDataDisks", change)
        await world.sleep(30.0)
        await evict(world, node_id)
        await reach(world, node_id, "ACTIVE")
        return disk_id, run_of(world, node_id), disks(world)

    disk_id, run, there_is = tell(story)

    assert disk_id in [one.id for one in run.data_disks]
    assert not run.retained
    assert disk_id.rsplit("/", 1)[-1] in there_is
