"""Somebody stops the VM while the node is at work: whole worlds on virtual time."""

from typing import Any

from local.worlds.faults import Call, Killed, Moment
from local.worlds.inprocess import NODES, InProcess
from tests.virtual.support import active_node, document, evict, reach, status, tell, vm_path

READY_S = 120
START = "/start"


def power(world: InProcess, path: str) -> str:
    found = world.arm.find(path)
    return str(found.sim.get("power")) if found else ""


def starts(world: InProcess) -> int:
    """Return how often a VM was on its way up."""
    return bytes(world.log).count(b"power=starting")


def test_a_vm_that_its_owner_stops_while_its_word_is_awaited_stays_down() -> None:
    """It has not said that it is ready, nor will it: it is not replaced for that."""

    async def story(world: InProcess) -> Any:
        node = document()
        node["statefulNode"]["strategy"]["signals"] = [{"type": "vmReady", "timeout": READY_S}]
        answer = await world.api("POST", NODES, node)
        node_id = str(answer.items[0]["id"])

        def path() -> str:
            vms = [one for one in world.arm.resources.values() if "vmId" in one.properties]
            return str(vms[0].id) if vms else ""

        await world.run_until(lambda: bool(path()) and power(world, path()) == "running", 600)
        await world.sleep(READY_S - 40)
        first = path()
        await world.azure.ask("POST", f"{first}/deallocate")
        await reach(world, node_id, "STOPPED")
        await world.sleep(1_200)
        return first == path(), power(world, first), await status(world, node_id)

    same, shown, ended = tell(story)

    assert same
    assert shown == "deallocated"
    assert ended == "STOPPED"


def test_a_repeated_start_does_not_undo_a_stop_that_came_in_between() -> None:
    """The host dies after its start of an evicted VM; its owner stops the VM before it is back."""
    armed = [False]

    def once(call: Call) -> Any:
        if armed[0] and call.method == "POST" and START in call.path:
            armed[0] = False
            return Killed(Moment.AFTER, restart_in_s=32.0)
        return None

    async def story(world: InProcess) -> Any:
        node_id = await active_node(world)
        path = await vm_path(world, node_id)
        armed[0] = True
        await evict(world, node_id)
        await world.run_until(lambda: not armed[0], 600)
        await world.run_until(lambda: power(world, path) == "running", 30, every_s=1.0)
        await world.azure.ask("POST", f"{path}/deallocate")
        await reach(world, node_id, "STOPPED")
        await world.sleep(1_200)
        return starts(world), power(world, path), await status(world, node_id)

    started, shown, ended = tell(story, hook=once)

    assert started == 2  # made, and started once
    assert shown == "deallocated"
    assert ended == "STOPPED"
