"""Refusals on the way, on the simulated Azure, through the real SDKs: what ends, what goes on."""

from datetime import timedelta
from typing import Any

from local.arm.capacity import set_rule
from shared.contracts.disk import COPY_DISKS, DisksCopied
from shared.contracts.vm import START_VM, StartVm
from shared.model.run import RunState, Status
from shared.policy.footing import VM_FAILURES_MAX
from tests.activities.acts import (
    NOW,
    SPOT,
    VM_ID,
    copies,
    evicted,
    given_up,
    scenery,
    stored,
)
from tests.activities.scenes import played
from tests.activities.stage import Stage
from tests.orchestrators.recoveries import created, replaced

VMS = "Microsoft.Compute/virtualMachines"
NODE_DISKS = ["mooring-0000cafe-data0-g1", "mooring-0000cafe-os-g1"]


async def edited(stage: Stage, **parts: Any) -> None:
    """Change parts of the document's `compute`."""
    record = await stage.record()
    compute = record.document["compute"] | parts
    await stage.ports.stores.nodes.put_document(record, record.document | {"compute": compute})


SIZES = {
    "spotSizes": ["standard_d2s_v5", "standard_d4s_v5", "standard_e2s_v5"],
    "odSizes": ["standard_d2s_v5"],
}


# -- late refusals --------------------------------------------------------------------------------


def test_a_first_launch_refused_late_goes_on_in_the_next_market() -> None:
    """The failed VM leaves fresh disks under the very names that the next try wants."""

    async def scene(stage: Stage) -> Any:
        await edited(stage, vmSizes=SIZES)
        stage.fault("fail", f"{VMS}/write", code="AllocationFailed", message="none left")
        ended, run = await created(stage)
        return ended, run, sorted(stage.there("disks", "virtualmachines"))

    ended, run, left = played(scene, scenery(stored))

    assert (ended.outcome, run.status) == ("active", Status.ACTIVE)
    assert left == [*NODE_DISKS, "web-0000cafe"]
    assert run.leftovers == ()


def test_what_a_first_launch_without_any_room_has_left_behind_goes_before_the_node_waits() -> None:
    async def scene(stage: Stage) -> Any:
        stage.fault("fail", f"{VMS}/write", code="AllocationFailed", message="full", times=99)
        waiting = await created(stage)
        disks = list(stage.there("disks", "virtualmachines"))
        await stage.arm("DELETE", "/_world/faults")
        await stage.ports.clock.sleep(4_000)
        return waiting, disks, await created(stage, NOW)

    (ended, waiting), disks, (again, run) = played(scene, scenery(stored))

    assert (ended.outcome, waiting.status) == ("waiting", Status.PENDING)
    assert disks == []
    assert [one.name for one in waiting.nics] == ["mooring-0000cafe-nic0-g1"]
    assert (again.outcome, run.nics[0].id) == ("active", waiting.nics[0].id)


def test_a_create_that_azure_forbids_late_leaves_no_vm_and_all_disks() -> None:
    async def scene(stage: Stage) -> Any:
        stage.fault("fail", f"{VMS}/write", code="RequestDisallowedByPolicy", message="no Spot")
        ended, run = await replaced(stage)
        return ended, run, sorted(stage.there("disks", "virtualmachines"))

    ended, run, left = played(scene, scenery(given_up))

    assert (ended.outcome, run.error_reason) == ("refused", "RequestDisallowedByPolicy: no Spot")
    assert left == NODE_DISKS


def test_a_failed_vm_that_a_lock_keeps_is_the_nodes_so_that_a_delete_finds_it() -> None:
    async def scene(stage: Stage) -> Any:
        stage.fault("fail", f"{VMS}/write", code="AllocationFailed", message="full")
        stage.fault("refuse", f"{VMS}/delete", status=409, code="ScopeLocked", message="a lock")
        return await replaced(stage)

    ended, run = played(scene, scenery(given_up))

    assert (ended.outcome, run.error_reason) == ("refused", "ScopeLocked: a lock")
    assert run.vm.id == VM_ID


def test_a_market_that_refused_a_create_at_once_is_remembered() -> None:
    async def scene(stage: Stage) -> Any:
        set_rule(stage.world, {"lifecycle": "SPOT", "room": 0, "when": "accept"})
        await replaced(stage)
        memory = await stage.ports.stores.markets.of_region("eastus")
        return {one.lifecycle for one in memory if one.shunned_until}

    assert played(scene, scenery(given_up)) == {"SPOT"}


# -- guests that do not come up -------------------------------------------------------------------


def test_an_image_that_never_boots_stops_after_a_few_vms_and_shuns_no_market() -> None:
    async def scene(stage: Stage) -> Any:
        await edited(stage, vmSizes=SIZES)
        silent = {"code": "OSProvisioningTimedOut", "message": "the guest did not report"}
        stage.fault("fail", f"{VMS}/write", times=99, **silent)
        ended, run = await created(stage)
        memory = await stage.ports.stores.markets.of_region("eastus")
        return ended, run, list(stage.there("virtualmachines")), memory, stage.written("s/write")

    ended, run, vms, memory, writes = played(scene, scenery(stored))

    creates = [call for call in writes if call["operation"] == f"{VMS}/write"]
    assert (ended.outcome, run.status) == ("refused", Status.ERROR)
    assert run.error_reason == (
        "2 VMs were had and none came up; the last: "
        "OSProvisioningTimedOut: the guest did not report"
    )
    assert len(creates) == VM_FAILURES_MAX
    assert vms == []
    assert memory == []
    assert "mooring-0000cafe-os-g1" in {one.rsplit("/", 1)[-1] for one in run.leftovers}


def test_one_bad_host_does_not_stop_a_first_launch() -> None:
    async def scene(stage: Stage) -> Any:
        await edited(stage, vmSizes=SIZES)
        stage.fault("fail", f"{VMS}/write", code="OSProvisioningTimedOut", message="silent")
        ended, _ = await created(stage)
        return ended, stage.written(f"{VMS}/write")

    ended, creates = played(scene, scenery(stored))

    assert (ended.outcome, len(creates)) == ("active", VM_FAILURES_MAX)


def test_a_node_whose_disk_does_not_boot_keeps_it_and_stops() -> None:
    async def scene(stage: Stage) -> Any:
        await edited(stage, vmSizes=SIZES)
        silent = {"code": "VMStartTimedOut", "message": "the guest did not report"}
        full = {"code": "AllocationFailed", "message": "no room"}
        stage.fault("fail", f"{VMS}/start/action", times=99, **full)
        stage.fault("fail", f"{VMS}/write", times=99, **silent)
        ended, run = await replaced(stage)
        return ended, run, sorted(stage.there("disks"))

    ended, run, disks = played(scene, scenery(evicted))

    assert (ended.outcome, run.status) == ("refused", Status.ERROR)
    assert "VMStartTimedOut" in run.error_reason
    assert disks == NODE_DISKS
    assert run.os_disk.name == "mooring-0000cafe-os-g1"


# -- disks ----------------------------------------------------------------------------------------


def test_a_persisted_disk_that_is_gone_stops_the_node_and_is_named() -> None:
    """Never a fresh disk in its place."""

    async def scene(stage: Stage) -> Any:
        run = (await stage.record()).run
        await stage.arm("DELETE", run.data_disks[0].id)
        await stage.ports.clock.sleep(30)
        ended, run = await replaced(stage)
        return ended, run, sorted(stage.there("disks", "virtualmachines"))

    ended, run, left = played(scene, scenery(given_up))

    assert (ended.outcome, run.status) == ("refused", Status.ERROR)
    assert "persisted disk mooring-0000cafe-data0-g1 is not there any more" in run.error_reason
    assert left == ["mooring-0000cafe-os-g1"]


def test_a_disk_that_only_one_look_misses_is_not_lost() -> None:
    async def scene(stage: Stage) -> Any:
        stage.fault("refuse", "Microsoft.Compute/disks/read", status=404, code="ResourceNotFound")
        return await replaced(stage)

    ended, _ = played(scene, scenery(given_up))

    assert ended.outcome == "active"


async def copied(stage: Stage, operation: str) -> DisksCopied:
    answer = await stage.ask(COPY_DISKS, await copies(stage, operation))
    assert isinstance(answer, DisksCopied)
    return answer


def test_a_disk_that_was_written_to_since_is_copied_anew() -> None:
    """S4: a copy that an earlier try made is of no use once the VM has run on the disk again."""

    async def scene(stage: Stage) -> Any:
        early = await copied(stage, "op-2")
        same = await copied(stage, "op-3")
        start = StartVm(work=stage.work("start", "op-4"), vm_resource_id=VM_ID, market=SPOT)
        assert (await stage.ask(START_VM, start)).kind == "vm_up"
        await stage.ports.clock.sleep(3_600)
        await stage.evict(VM_ID)
        down_at = stage.ports.clock.now() - timedelta(seconds=120)
        late = await copied(stage, "op-5")
        return early, same, late, stage.find(late.snapshot_ids[0]), down_at

    early, same, late, snapshot, down_at = played(scene, scenery(evicted))

    assert same == early
    assert late.snapshot_ids != early.snapshot_ids
    assert late.disks[0].id != early.disks[0].id
    assert snapshot.properties["timeCreated"] > down_at.isoformat()


def test_copies_that_no_try_can_use_any_more_go_while_the_node_waits() -> None:
    async def scene(stage: Stage) -> Any:
        await edited(stage, zones=["1", "2"], vmSizes=SIZES | {"odSizes": []})
        set_rule(stage.world, {"zone": "1", "room": 0, "when": "accept"})
        set_rule(stage.world, {"zone": "2", "room": 0, "when": "completion"})
        runs: list[RunState] = []
        for number in range(3):
            _, run = await replaced(stage, f"op-{number + 2}")
            runs.append(run)
            await stage.ports.clock.sleep(4_000)
        return runs, sorted(stage.there("disks")), sorted(stage.there("snapshots"))

    runs, disks, snapshots = played(scene, scenery(evicted))

    assert {run.status for run in runs} == {Status.RESUMING}
    assert len(snapshots) == 2
    assert len(disks) == 4
