"""Nodes go a part at a time, or leave their VM behind, in whole worlds."""

from typing import Any

import pytest

from local.worlds.faults import Call, Fault, Killed, Moment
from local.worlds.inprocess import NODES, InProcess
from tests.fuzz.records import nodes
from tests.virtual.disks import (
    HOUR_S,
    deleted,
    deletion,
    detach,
    is_marked,
    put,
    run_of,
    there,
)
from tests.virtual.support import active_node, status, tell


def test_a_node_goes_a_part_at_a_time_and_answers_until_the_last() -> None:
    """S20, S23, S24."""
    seen: list[tuple[int, int, str, int, int]] = []

    async def look(world: InProcess, node_id: str) -> None:
        by_id = (await world.api("GET", f"{NODES}/{node_id}")).status
        listed = len((await world.api("GET", NODES)).items)
        network = len(there(world, "networkinterfaces", "publicipaddresses"))
        disks = len(there(world, "disks"))
        seen.append((by_id, listed, await status(world, node_id), network, disks))

    async def story(world: InProcess) -> Any:
        node_id = await active_node(world)
        await deleted(world, node_id, deletion(publicIp=1, network=3, disk=2, snapshot=0))
        await look(world, node_id)
        await world.sleep(1.1 * HOUR_S)
        await look(world, node_id)
        await world.sleep(1.0 * HOUR_S)
        await look(world, node_id)
        return there(world), nodes(world.tables.rows()), world.arm.calls.unknown

    left, rows, unknown = tell(story)

    assert seen == [
        (200, 0, "DEALLOCATING", 2, 3),
        (200, 0, "DEALLOCATING", 0, 3),
        (400, 0, "", 0, 0),
    ]
    assert (left, rows, dict(unknown)) == ({}, {}, {})


def test_a_node_left_with_everything_leaves_a_running_vm_that_is_its_users_alone() -> None:
    """S22, S100."""

    async def story(world: InProcess) -> tuple[Any, ...]:
        node_id = await active_node(world)
        await deleted(world, node_id, deletion(terminate=False))
        await world.sleep(600)
        return there(world), nodes(world.tables.rows()), [*world.tables.rows()["vmindex"]]

    left, rows, index = tell(story)

    (vm,) = [one for one in left.values() if one.type.lower().endswith("virtualmachines")]
    assert (vm.sim["power"], rows, index) == ("running", {}, [])
    assert len(left) == 6
    assert not any(is_marked(one) for one in left.values())


def test_a_kept_vm_is_moved_to_on_demand_on_its_own_disks_and_addresses() -> None:
    """S20, S22."""

    async def story(world: InProcess) -> tuple[Any, ...]:
        node_id = await active_node(world)
        before = run_of(world, node_id)
        more = {"shouldRevertToOd": True}
        await deleted(world, node_id, deletion(terminate=False, more=more))
        (vm,) = there(world, "virtualmachines").values()
        return before, vm, there(world), world

    before, vm, left, world = tell(story)

    storage = vm.properties["storageProfile"]
    assert (vm.properties["priority"], vm.sim["power"]) == ("Regular", "running")
    assert (vm.body["name"], storage["osDisk"]["name"]) == (before.vm.name, before.os_disk.name)
    assert len(storage["dataDisks"]) == len(before.data_disks)
    assert not any(is_marked(one) for one in left.values())
    assert not world.arm.calls.unknown


def test_without_room_on_demand_the_node_lives_on_as_it_was() -> None:
    async def story(world: InProcess) -> tuple[Any, ...]:
        node_id = await active_node(world)
        full = {"rules": [{"location": "eastus", "lifecycle": "OD", "room": 0}]}
        await world.azure.ask("PUT", "/_world/capacity", full)
        more = {"shouldRevertToOd": True}
        await deleted(world, node_id, deletion(terminate=False, more=more))
        shown = (await world.api("GET", f"{NODES}/{node_id}/status")).items[0]
        (vm,) = there(world, "virtualmachines").values()
        return shown, vm.properties["priority"], vm.sim["power"]

    shown, priority, power = tell(story)

    assert (shown["status"], priority, power) == ("ACTIVE", "Spot", "running")
    assert "Deallocate action failed." in shown["rollbackReason"]


@pytest.mark.parametrize("moment", [*Moment])
def test_a_host_killed_when_a_time_is_over_forgets_nothing_and_takes_nothing_else(
    moment: Moment,
) -> None:
    """I6, I7."""
    struck: list[int] = []

    def hook(call: Call) -> Fault | None:
        if call.operation.lower() == "microsoft.compute/disks/delete" and not struck:
            struck.append(call.count)
            return Killed(moment, restart_in_s=300.0)
        return None

    async def story(world: InProcess) -> tuple[Any, ...]:
        node_id = await active_node(world)
        name = run_of(world, node_id).data_disks[0].name
        await put(world, node_id, "dataDisk/detach", detach(name, ttlInHours=1))
        world.wire.hook = hook
        await world.sleep(1.5 * HOUR_S)
        run = run_of(world, node_id)
        return name in there(world), run.retained, len(there(world, "disks")), world.kills

    assert tell(story) == (False, (), 2, 1)


def test_a_lock_on_a_disk_keeps_its_node_until_it_is_off() -> None:
    async def story(world: InProcess) -> tuple[Any, ...]:
        node_id = await active_node(world)
        fault = {
            "kind": "refuse",
            "operation": "Microsoft.Compute/disks/delete",
            "status": 409,
            "code": "ScopeLocked",
            "message": "a lock",
            "times": 6,
        }
        await world.azure.ask("POST", "/_world/faults", fault)
        await deleted(world, node_id, deletion(disk=0, network=0, publicIp=0, snapshot=0))
        shown = (await world.api("GET", f"{NODES}/{node_id}/status")).items[0]
        await world.sleep(2 * HOUR_S)
        return shown, await status(world, node_id), there(world)

    shown, later, left = tell(story)

    assert shown["status"] == "DEALLOCATING"
    assert "ScopeLocked" in shown["errorReason"]
    assert (later, left) == ("", {})
