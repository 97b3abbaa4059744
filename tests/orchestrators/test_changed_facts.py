"""Runbooks whose facts change under them, on the simulated Azure, through the real SDKs."""

import asyncio
from typing import Any

import pytest

from local.arm.capacity import set_rule
from orchestrators.delete import DeleteNode, delete
from shared.model.ids import OperationId
from shared.model.run import Status
from shared.policy.deletion import Deallocation
from shared.policy.footing import CHANGES_MAX
from tests.activities.acts import NOW, VM_ID, evicted, given_up, launched, scenery
from tests.activities.scenes import played
from tests.activities.stage import COMPUTE, KEY, Stage
from tests.orchestrators.recoveries import replaced

OTHER_VM = f"{COMPUTE}/virtualMachines/somebody-elses"
VMS = "Microsoft.Compute/virtualMachines"


def take(stage: Stage, disk_id: str) -> None:
    """Give a disk to a VM of somebody else's."""
    disk = stage.find(disk_id)
    disk.body["managedBy"] = OTHER_VM
    stage.world.save(disk)


def give_back(stage: Stage, disk_id: str) -> None:
    disk = stage.find(disk_id)
    disk.body.pop("managedBy", None)
    stage.world.save(disk)


def no_spot(stage: Stage) -> None:
    """Leave on-demand as the only market: by delete and create."""
    set_rule(stage.world, {"lifecycle": "SPOT", "room": 0, "when": "accept"})


def test_a_disk_that_somebody_holds_for_a_moment_only_delays_the_node() -> None:
    async def scene(stage: Stage) -> Any:
        disk_id = (await stage.record()).run.data_disks[0].id
        take(stage, disk_id)

        async def later() -> None:
            await stage.ports.clock.sleep(12)
            give_back(stage, disk_id)

        release = asyncio.create_task(later())
        ended, run = await replaced(stage)
        await release
        return ended, run, stage.find(disk_id).body["managedBy"]

    ended, run, owner = played(scene, scenery(given_up))

    assert (ended.outcome, run.status) == ("active", Status.ACTIVE)
    assert owner == run.vm.id


def test_a_disk_that_somebody_keeps_stops_the_node_with_azures_words() -> None:
    async def scene(stage: Stage) -> Any:
        disk_id = (await stage.record()).run.data_disks[0].id
        take(stage, disk_id)
        began = stage.ports.clock.now()
        ended, run = await replaced(stage)
        tries = stage.written(f"{VMS}/write", accepted=False)
        took_s = (stage.ports.clock.now() - began).total_seconds()
        return ended, run, [call for call in tries if NOW in call["clientRequestId"]], took_s

    ended, run, tries, took_s = played(scene, scenery(given_up))

    assert (ended.outcome, run.status) == ("refused", Status.ERROR)
    assert "is already owned by VM" in run.error_reason
    assert OTHER_VM in run.error_reason
    assert len(tries) == CHANGES_MAX
    assert took_s < 120


def test_a_zone_that_our_records_have_wrong_costs_nothing() -> None:
    """The disk's own zone decides what must be copied, not what the row says of it."""

    async def scene(stage: Stage) -> Any:
        run = (await stage.record()).run
        assert run.os_disk is not None
        lie = {"zone": "2"}
        await stage.put_run(
            os_disk=run.os_disk.model_copy(update=lie),
            data_disks=tuple(disk.model_copy(update=lie) for disk in run.data_disks),
        )
        record = await stage.record()
        zones = record.document["compute"] | {"zones": ["2"]}
        await stage.ports.stores.nodes.put_document(record, record.document | {"compute": zones})
        return await replaced(stage)

    ended, run = played(scene, scenery(given_up))

    assert (ended.outcome, run.vm.zone) == ("active", "2")
    assert run.os_disk.name.endswith("-z2")


@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        (f"{VMS}/start/action", {"kind": "fail", "code": "OperationPreempted", "message": "x"}),
        (f"{VMS}/start/action", {"kind": "refuse", "status": 412, "code": "PreconditionFailed"}),
        (f"{VMS}/start/action", {"kind": "refuse", "status": 404, "code": "ResourceNotFound"}),
    ],
    ids=["preempted", "precondition", "not-found"],
)
def test_a_start_that_another_call_overtook_is_decided_anew(
    operation: str, fault: dict[str, Any]
) -> None:
    async def scene(stage: Stage) -> Any:
        how = dict(fault)
        stage.fault(how.pop("kind"), operation, **how)
        return await replaced(stage)

    ended, run = played(scene, scenery(evicted))

    assert (ended.outcome, run.generation) == ("active", 1)


def test_a_vm_that_somebody_starts_meanwhile_is_the_nodes_again() -> None:
    """It was about to be deleted for on-demand: it runs, so it stays."""

    async def scene(stage: Stage) -> Any:
        no_spot(stage)

        async def started() -> None:
            stage.world.facts["capacity"] = []
            await stage.arm("POST", f"{VM_ID}/start")
            await stage.ports.clock.sleep(60)

        stage.before["delete_vm"] = started
        ended, run = await replaced(stage)
        return ended, run, stage.written("delete")

    ended, run, deleted = played(scene, scenery(evicted))

    assert (ended.outcome, run.status, run.generation) == ("active", Status.ACTIVE, 1)
    assert run.vm.lifecycle == "SPOT"
    assert deleted == []


def test_a_vm_that_somebody_deletes_meanwhile_is_made_anew_on_its_disks() -> None:
    async def scene(stage: Stage) -> Any:
        before = (await stage.record()).run

        async def deleted() -> None:
            await stage.arm("DELETE", VM_ID)
            await stage.ports.clock.sleep(60)

        stage.before["start_vm"] = deleted
        ended, run = await replaced(stage)
        memory = await stage.ports.stores.markets.of_region("eastus")
        return before, ended, run, [one for one in memory if one.shunned_until]

    before, ended, run, shunned = played(scene, scenery(evicted))

    assert (ended.outcome, run.generation) == ("active", 2)
    assert run.os_disk.id == before.os_disk.id
    assert shunned == []


def test_a_vm_that_has_lost_our_tag_is_not_touched() -> None:
    async def scene(stage: Stage) -> Any:
        vm = stage.find(VM_ID)
        vm.body["tags"] = {}
        stage.world.save(vm)
        ended, run = await replaced(stage)
        return ended, run, [call for call in stage.written() if NOW in call["clientRequestId"]]

    ended, run, writes = played(scene, scenery(evicted))

    assert (ended.outcome, run.status) == ("refused", Status.ERROR)
    assert "does not carry this node's tag" in run.error_reason
    assert writes == []


def test_a_delete_that_facts_overtake_is_tried_again_and_the_node_says_so_meanwhile() -> None:
    async def scene(stage: Stage) -> Any:
        record = await stage.record()
        disk_id = record.run.data_disks[0].id
        await stage.operate(NOW)
        stage.before["delete_resources"] = lambda: _taken(stage, disk_id)
        chosen = Deallocation(terminate_vm=True, disks=True, public_ips=True, network=True)
        request = DeleteNode(key=KEY, operation_id=OperationId(NOW), deallocation=chosen)
        ended = await stage.follow(delete(stage.context(), request))
        return ended, (await stage.record()).run, disk_id, list(stage.there())

    ended, run, disk_id, left = played(scene, scenery(launched))

    assert (ended.outcome, run.status) == ("going", Status.DEALLOCATING)
    assert disk_id in [one.id for one in run.retained]
    assert "is attached to VM" in run.error_reason
    assert left == ["mooring-0000cafe-data0-g1"]


async def _taken(stage: Stage, disk_id: str) -> None:
    take(stage, disk_id)
