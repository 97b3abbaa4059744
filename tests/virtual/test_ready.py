"""A node that waits for its VM's own word: the whole product on virtual time."""

from typing import Any

from local.worlds.ground import GROUP
from local.worlds.inprocess import NODES, InProcess
from tests.virtual.support import document, reach, status, tell

TIMEOUT_S = 300


async def created(world: InProcess, *signals: str) -> str:
    node = document()
    asked = [{"type": one, "timeout": TIMEOUT_S} for one in signals]
    node["statefulNode"]["strategy"]["signals"] = asked
    answer = await world.api("POST", NODES, node)
    assert answer.status == 200, answer
    return str(answer.items[0]["id"])


def running(world: InProcess) -> list[str]:
    """Return the names of the VMs that run."""
    return [
        str(one.body["name"])
        for one in world.arm.resources.values()
        if "vmId" in one.properties and one.sim.get("power") == "running"
    ]


async def says(world: InProcess, signal: str) -> int:
    (name,) = running(world)
    said = {
        "vmName": name,
        "resourceGroupName": GROUP.rsplit("/", 1)[-1],
        "signalType": signal,
    }
    return (await world.api("POST", "/azure/compute/vm/signal", said)).status


def test_a_node_is_active_once_its_vm_has_said_that_it_is_ready() -> None:
    async def story(world: InProcess) -> Any:
        node_id = await created(world, "vmReady")
        await world.run_until(lambda: bool(running(world)), 600)
        await world.sleep(120)
        before = await status(world, node_id)
        assert await says(world, "vmReady") == 200
        took_s = await reach(world, node_id, "ACTIVE")
        return before, took_s

    before, took_s = tell(story)

    assert before == "PENDING"
    assert took_s < 60


def test_a_vm_that_never_says_so_is_replaced_and_the_next_one_has_its_disks() -> None:
    async def story(world: InProcess) -> Any:
        node_id = await created(world, "vmReady")
        await world.run_until(lambda: bool(running(world)), 600)
        first = {one.body["name"]: one.properties["vmId"] for one in vms(world)}
        await world.run_until(lambda: not running(world), TIMEOUT_S + 120)
        await world.run_until(lambda: bool(running(world)), 600)
        await says(world, "vmReady")
        await reach(world, node_id, "ACTIVE")
        (vm,) = vms(world)
        disk = vm.properties["storageProfile"]["osDisk"]["name"]
        return first, vm.body["name"], vm.properties["vmId"], disk

    first, name, vm_id, disk = tell(story)

    assert first[name] != vm_id
    assert disk.endswith("-os-g1")


def vms(world: InProcess) -> list[Any]:
    return [one for one in world.arm.resources.values() if "vmId" in one.properties]


def test_a_pause_waits_for_the_word_that_the_vm_may_be_shut_down() -> None:
    async def story(world: InProcess) -> Any:
        node_id = await created(world, "vmReadyToShutdown")
        await reach(world, node_id, "ACTIVE")
        await world.api("PUT", f"{NODES}/{node_id}/state", {"state": "pause"})
        await world.sleep(150)
        before = running(world)
        assert await says(world, "vmReadyToShutdown") == 200
        return before, await reach(world, node_id, "PAUSED")

    before, took_s = tell(story)

    assert len(before) == 1
    assert took_s < 120
