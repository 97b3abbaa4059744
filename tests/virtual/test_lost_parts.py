"""A node that rests, and what a person deleted of it meanwhile."""

from typing import Any

from local.worlds.ground import GROUP
from local.worlds.inprocess import NODES, InProcess
from tests.virtual.disks import COMPUTE, run_of, there, turned
from tests.virtual.support import active_node, reach, tell

HALF_HOUR_S = 1_800.0


async def deletes(world: InProcess, resource_id: str) -> None:
    """Have a person delete something, and see it gone."""
    await world.azure.ask("DELETE", resource_id)
    await world.run_until(lambda: world.arm.find(resource_id) is None, 600)


def test_a_stopped_node_whose_vm_a_person_deleted_starts_on_its_kept_disks() -> None:
    """S14: the same disks, addresses and name, on another VM."""

    async def story(world: InProcess) -> Any:
        node_id = await active_node(world)
        before = run_of(world, node_id)
        await turned(world, node_id, "stop", "STOPPED")
        await deletes(world, before.vm.id)  # type: ignore[union-attr]
        await world.sleep(HALF_HOUR_S)
        rested = run_of(world, node_id).status
        await turned(world, node_id, "start", "ACTIVE")
        return before, rested, run_of(world, node_id), there(world, "disks"), world.arm.calls

    before, rested, after, disks, calls = tell(story)

    assert rested == "STOPPED"
    assert (after.os_disk.id, after.vm.name) == (before.os_disk.id, before.vm.name)
    assert [one.id for one in after.data_disks] == [one.id for one in before.data_disks]
    assert (after.private_ip, after.public_ip) == (before.private_ip, before.public_ip)
    assert after.vm.vm_id != before.vm.vm_id
    assert len(disks) == 1 + len(before.data_disks)
    assert not calls.unknown


def test_a_disk_that_a_person_deleted_is_never_replaced_by_an_empty_one() -> None:
    """S12: a paused node says what it lacks, each time it is asked to come up."""

    async def story(world: InProcess) -> Any:
        node_id = await active_node(world)
        lost = run_of(world, node_id).data_disks[0]
        await turned(world, node_id, "pause", "PAUSED")
        await deletes(world, lost.id)
        seen = []
        for word in ("resume", "resume", "recycle"):
            await turned(world, node_id, word, "ERROR")
            shown = (await world.api("GET", f"{NODES}/{node_id}/status")).items[0]
            seen.append(shown["errorReason"])
        return lost, seen, run_of(world, node_id), there(world, "disks", "virtualmachines")

    lost, seen, run, left = tell(story)

    assert all(lost.name in one and "not there any more" in one for one in seen), seen
    assert run.data_disks[0].id == lost.id
    kept = [run.os_disk, *run.data_disks[1:]]
    assert set(left) == {one.name for one in kept}


def test_an_os_disk_that_a_person_deleted_is_never_replaced_by_a_fresh_one() -> None:
    async def story(world: InProcess) -> Any:
        node_id = await active_node(world)
        lost = run_of(world, node_id).os_disk
        await turned(world, node_id, "stop", "STOPPED")
        await deletes(world, run_of(world, node_id).vm.id)  # type: ignore[union-attr]
        await deletes(world, lost.id)  # type: ignore[union-attr]
        await turned(world, node_id, "start", "ERROR")
        shown = (await world.api("GET", f"{NODES}/{node_id}/status")).items[0]
        return lost, shown["errorReason"], there(world, "virtualmachines")

    lost, reason, vms = tell(story)

    assert lost.name in reason
    assert not vms


def test_a_kept_disk_that_comes_back_under_its_name_is_taken_again() -> None:
    """What its owner restores by hand is what the node goes on with."""

    async def story(world: InProcess) -> Any:
        node_id = await active_node(world)
        lost = run_of(world, node_id).data_disks[0]
        await turned(world, node_id, "pause", "PAUSED")
        snapshot = f"{COMPUTE}/snapshots/saved"
        creation = {"createOption": "Copy", "sourceResourceId": lost.id}
        body: dict[str, Any] = {"location": "eastus", "properties": {"creationData": creation}}
        await world.azure.ask("PUT", snapshot, body)
        await world.sleep(120)
        await deletes(world, lost.id)
        await turned(world, node_id, "resume", "ERROR")
        creation = {"createOption": "Copy", "sourceResourceId": snapshot}
        zones = [lost.zone] if lost.zone else None
        disk = {"location": "eastus", "zones": zones, "sku": {"name": lost.sku}}
        await world.azure.ask("PUT", lost.id, {**disk, "properties": {"creationData": creation}})
        await world.sleep(60)
        await world.api("PUT", f"{NODES}/{node_id}/state", {"state": "resume"})
        await reach(world, node_id, "ACTIVE")
        return lost, run_of(world, node_id)

    lost, run = tell(story)

    assert run.data_disks[0].id == lost.id
    assert GROUP in lost.id
