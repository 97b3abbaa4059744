"""Disks come, go and change places, in whole worlds."""

from typing import Any

import pytest

from local.worlds.faults import Call, Fault, Killed, Moment
from local.worlds.inprocess import NODES, InProcess
from local.worlds.options import Options
from tests.virtual.disks import (
    COMPUTE,
    HOUR_S,
    attach,
    deleted,
    deletion,
    detach,
    idle,
    is_marked,
    luns,
    os_disk_in_azure,
    person_copies,
    put,
    run_of,
    swap,
    there,
    turned,
)
from tests.virtual.support import active_node, document, evict, reach, status, tell

# -- data disks -----------------------------------------------------------------------------------


def test_an_attached_disk_stays_with_its_node_through_eviction_and_pause() -> None:
    """S8, S9."""

    async def story(world: InProcess) -> tuple[Any, ...]:
        node_id = await active_node(world)
        await put(world, node_id, "dataDisk/attach", attach())
        (vm,) = there(world, "virtualmachines").values()
        entry = vm.properties["storageProfile"]["dataDisks"][-1]
        after_attach = luns(world)
        await evict(world, node_id)
        await reach(world, node_id, "ACTIVE")
        after_eviction = luns(world)
        await turned(world, node_id, "pause", "PAUSED")
        await put(world, node_id, "dataDisk/attach", attach("more", lun=9))
        await turned(world, node_id, "resume", "ACTIVE")
        return entry["deleteOption"], after_attach, after_eviction, luns(world), world

    option, attached, evicted, resumed, world = tell(story)

    assert option == "Detach"
    assert attached[2] == evicted[2] == resumed[2] == "extra"
    assert resumed[9] == "more"
    assert not world.arm.calls.unknown


def test_a_detached_disk_of_the_document_is_not_made_anew_and_goes_when_its_time_is_over() -> None:
    """S8."""

    async def story(world: InProcess) -> tuple[Any, ...]:
        node_id = await active_node(world)
        name = run_of(world, node_id).data_disks[0].name
        await put(world, node_id, "dataDisk/detach", detach(name, ttlInHours=2))
        at_once = luns(world)
        await turned(world, node_id, "recycle", "ACTIVE")
        recycled = luns(world)
        await world.sleep(1.9 * HOUR_S)
        before = name in there(world)
        await world.sleep(0.2 * HOUR_S)
        return at_once, recycled, before, name in there(world), run_of(world, node_id)

    at_once, recycled, before, after, run = tell(story)

    assert (0 in at_once, 0 in recycled, 1 in recycled) == (False, False, True)
    assert (before, after, run.retained) == (True, False, ())


def test_a_disk_detached_to_stay_is_its_users_and_carries_no_mark() -> None:
    async def story(world: InProcess) -> tuple[Any, ...]:
        node_id = await active_node(world)
        name = run_of(world, node_id).data_disks[0].name
        await turned(world, node_id, "pause", "PAUSED")
        await put(world, node_id, "dataDisk/detach", detach(name, shouldDeallocate=False))
        await deleted(world, node_id, deletion(disk=0, network=0, publicIp=0, snapshot=0))
        return name, there(world)

    name, left = tell(story)

    assert [*left] == [name]
    assert not is_marked(left[name])


def test_a_detached_disk_that_somebody_uses_when_its_time_is_over_is_left_to_them() -> None:
    """I1, I2."""

    async def story(world: InProcess) -> tuple[Any, ...]:
        node_id = await active_node(world)
        name = run_of(world, node_id).data_disks[0].name
        await put(world, node_id, "dataDisk/detach", detach(name, ttlInHours=1))
        (vm,) = there(world, "virtualmachines").values()
        again = {"lun": 20, "diskId": f"{COMPUTE}/disks/{name}"}
        await world.azure.ask(
            "POST", f"{vm.id}/attachDetachDataDisks", {"dataDisksToAttach": [again]}
        )
        await world.sleep(1.2 * HOUR_S)
        return name in there(world), luns(world)[20] == name, run_of(world, node_id).retained

    assert tell(story) == (True, True, ())


@pytest.mark.parametrize("moment", [*Moment])
@pytest.mark.parametrize(
    "operation",
    [
        "Microsoft.Compute/disks/write",
        "Microsoft.Compute/virtualMachines/attachDetachDataDisks/action",
    ],
)
def test_a_host_killed_over_an_attach_makes_one_disk_and_attaches_it(
    operation: str, moment: Moment
) -> None:
    """I6."""
    struck: list[int] = []

    def hook(call: Call) -> Fault | None:
        if call.operation.lower() == operation.lower() and not struck:
            struck.append(call.count)
            return Killed(moment, restart_in_s=20.0)
        return None

    async def story(world: InProcess) -> tuple[Any, ...]:
        node_id = await active_node(world)
        world.wire.hook = hook
        answer = await world.api("PUT", f"{NODES}/{node_id}/dataDisk/attach", attach())
        await world.sleep(60)
        await idle(world, node_id)
        run = run_of(world, node_id)
        return answer.status, luns(world)[2], run.data_disks[-1].name, world.kills

    assert tell(story) == (200, "extra", "extra", 1)


# -- the OS disk ----------------------------------------------------------------------------------


def test_a_paused_node_resumes_from_a_larger_disk_and_the_old_one_goes_in_its_time() -> None:
    """S29, S30, S31, S32, S99: swap, then resume."""

    async def story(world: InProcess) -> tuple[Any, ...]:
        node_id = await active_node(world)
        await turned(world, node_id, "pause", "PAUSED")
        old = run_of(world, node_id).os_disk
        assert old is not None
        await person_copies(world, old.id, "restored", diskSizeGB=100)
        await put(world, node_id, "osDisk/swap", swap(retentionTime=1))
        await turned(world, node_id, "resume", "ACTIVE")
        run = run_of(world, node_id)
        kept = old.name in there(world)
        await world.sleep(1.1 * HOUR_S)
        return os_disk_in_azure(world), run, kept, old.name in there(world), world

    name, run, kept, left, world = tell(story)

    assert (name, run.os_disk.name, run.os_disk.size_gib) == ("restored", "restored", 100)
    assert (kept, left) == (True, False)
    assert is_marked(there(world)["restored"])
    assert not world.arm.calls.unknown


def test_a_stopped_nodes_vm_stays_itself_and_boots_from_the_new_disk() -> None:
    """S29, S33: the kept old disk is its user's."""

    async def story(world: InProcess) -> tuple[Any, ...]:
        node_id = await active_node(world)
        before = run_of(world, node_id)
        assert before.os_disk is not None
        await turned(world, node_id, "stop", "STOPPED")
        await person_copies(world, before.os_disk.id, "restored")
        await put(world, node_id, "osDisk/swap", swap(shouldTerminate=False))
        shown = await status(world, node_id)
        await turned(world, node_id, "start", "ACTIVE")
        return before, shown, run_of(world, node_id), os_disk_in_azure(world), there(world)

    before, shown, after, name, left = tell(story)

    assert (shown, name, after.os_disk.name) == ("STOPPED", "restored", "restored")
    assert after.vm.vm_id == before.vm.vm_id
    assert not is_marked(left[before.os_disk.name])


def test_a_disk_grown_in_azure_while_its_node_is_paused_is_the_nodes_as_it_is() -> None:
    """S99: larger disk with reattach: pause, resize in Azure, resume."""

    async def story(world: InProcess) -> tuple[Any, ...]:
        node_id = await active_node(world)
        await turned(world, node_id, "pause", "PAUSED")
        disk = run_of(world, node_id).os_disk
        assert disk is not None
        await world.azure.ask("PATCH", disk.id, {"properties": {"diskSizeGB": 200}})
        await world.sleep(30)
        await turned(world, node_id, "resume", "ACTIVE")
        return disk.name, os_disk_in_azure(world), run_of(world, node_id).os_disk

    before, name, after = tell(story)

    assert (name, after.name, after.size_gib) == (before, before, 200)


def test_stories_are_told_with_a_node_of_three_disks_in_one_zone() -> None:
    """What the stories above count on."""
    node = document()

    launch = node["statefulNode"]["compute"]["launchSpecification"]
    assert node["statefulNode"]["compute"]["zones"] == ["1"]
    assert [disk["lun"] for disk in launch["dataDisks"]] == [0, 1]
    assert Options().events


def test_a_group_that_is_not_there_is_refused_by_name() -> None:
    async def story(world: InProcess) -> Any:
        node_id = await active_node(world)
        asked = attach(dataDiskResourceGroupName="nowhere")
        return await world.api("PUT", f"{NODES}/{node_id}/dataDisk/attach", asked)

    answer = tell(story)

    (error,) = answer.body["response"]["errors"]
    assert (answer.status, error["field"]) == (400, "dataDiskResourceGroupName")
