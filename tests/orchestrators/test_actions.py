"""Pause, resume, recycle, stop and start on the simulated Azure, through the real SDKs."""

from collections.abc import Callable, Generator
from itertools import count
from typing import Any

import pytest

from local.arm.capacity import set_rule
from orchestrators.pause import pause
from orchestrators.recycle import recycle
from orchestrators.resume import resume
from orchestrators.start import start
from orchestrators.stop import stop
from shared.contracts.base import Ended, OperationInput
from shared.model.ids import OperationId
from shared.model.run import RunState, Status
from tests.activities.acts import VM_ID, evicted, launched, scenery
from tests.activities.scenes import played
from tests.activities.stage import KEY, Stage

VMS = "Microsoft.Compute/virtualMachines"
OS, DATA, NIC, IP = (
    "mooring-0000cafe-os-g1",
    "mooring-0000cafe-data0-g1",
    "mooring-0000cafe-nic0-g1",
    "mooring-0000cafe-ip0-g1",
)
VM = "web-0000cafe"
Runbook = Callable[[Any, OperationInput], Generator[Any, Any, Ended]]
Scene = Callable[[Stage], Any]
NUMBERS = count(1)


async def does(stage: Stage, runbook: Any) -> tuple[Ended, RunState]:
    """Run an owner's action to its end; return how it ended, and the node after it."""
    name = f"{runbook.__name__}-{next(NUMBERS)}"
    await stage.operate(name)
    request = OperationInput(key=KEY, operation_id=OperationId(name))
    ended = await stage.follow(runbook(stage.context(), request))
    return ended, (await stage.record()).run


async def edited(stage: Stage, **changes: Any) -> None:
    """Change parts of the document, as an update does."""
    record = await stage.record()
    document = {**record.document}
    for part, values in changes.items():
        document[part] = {**document[part], **values}
    await stage.ports.stores.nodes.put_document(record, document)


async def sizes(stage: Stage, *names: str) -> None:
    await edited(
        stage, compute={"vmSizes": {"spotSizes": list(names), "odSizes": ["standard_d2s_v5"]}}
    )


def power(stage: Stage) -> str:
    vm = stage.find(VM_ID)
    return str(vm.sim["power"]) if vm else "gone"


def vm_id(stage: Stage) -> str:
    return str(stage.find(VM_ID).properties["vmId"])


def on_stage(scene: Scene, situation: Any = launched) -> Any:
    return played(scene, scenery(situation))


def test_a_pause_leaves_what_persists_and_a_resume_brings_the_node_back_with_it() -> None:
    """S12, S19: the same disks, interface, addresses and name; another VM."""

    async def scene(stage: Stage) -> Any:
        before, was = (await stage.record()).run, vm_id(stage)
        _, rests = await does(stage, pause)
        left = sorted(stage.there())
        ended, back = await does(stage, resume)
        return before, rests, left, ended, back, was != vm_id(stage), stage.world.calls.unknown

    before, rests, left, ended, back, is_new, unknown = on_stage(scene)

    assert (rests.status, rests.vm, rests.private_ip) == (Status.PAUSED, None, None)
    assert left == [DATA, IP, NIC, OS]
    assert (ended.outcome, back.status, back.generation) == ("active", Status.ACTIVE, 2)
    assert is_new
    assert [one.id for one in back.nics] == [one.id for one in before.nics]
    assert (back.private_ip, back.public_ip) == (
        before.nics[0].private_ip,
        before.nics[0].public_ip,
    )
    assert (back.os_disk.id, back.data_disks[0].id) == (before.os_disk.id, before.data_disks[0].id)
    assert back.vm.name == before.vm.name
    assert not unknown


def test_what_does_not_persist_is_gone_after_a_pause_and_fresh_after_a_resume() -> None:
    """S7: by default the OS disk goes with its VM."""

    async def scene(stage: Stage) -> Any:
        nothing = dict.fromkeys(
            ("shouldPersistOsDisk", "shouldPersistDataDisks", "shouldPersistNetwork"), False
        )
        await edited(stage, persistence=nothing)
        _, rests = await does(stage, pause)
        left = sorted(stage.there())
        _, back = await does(stage, resume)
        return rests, left, back, sorted(stage.there())

    rests, left, back, there = on_stage(scene)

    assert left == []
    assert (rests.os_disk, rests.data_disks, rests.nics, rests.leftovers) == (None, (), (), ())
    assert back.status == Status.ACTIVE
    assert there == [name.replace("-g1", "-g2") for name in (DATA, IP, NIC, OS)] + [f"{VM}-g2"]


def test_a_resume_copies_from_the_snapshots_that_the_pause_took() -> None:
    """S5, S6: one snapshot of each disk, taken when the VM had ended; no second one is made."""

    async def scene(stage: Stage) -> Any:
        rebuilt = {"osDiskPersistenceMode": "onLaunch", "dataDisksPersistenceMode": "onLaunch"}
        await edited(stage, persistence=rebuilt)
        _, rests = await does(stage, pause)
        at_rest = sorted(stage.there("disks", "snapshots"))
        _, back = await does(stage, resume)
        made = [call["resource"] for call in stage.written("snapshots/write")]
        return rests, at_rest, back, made, sorted(stage.there("disks", "snapshots"))

    rests, at_rest, back, made, there = on_stage(scene)

    snapshots = [one.rsplit("/", 1)[-1] for one in rests.snapshots]
    assert len(snapshots) == len(made) == 2
    assert at_rest == sorted([OS, DATA, *snapshots])
    assert back.snapshots == rests.snapshots
    assert there == sorted([back.os_disk.name, back.data_disks[0].name, *snapshots])
    assert OS not in there


def test_a_recycle_applies_the_edited_size() -> None:
    """S12, S42: an edit takes effect at the next launch, which a recycle is."""

    async def scene(stage: Stage) -> Any:
        await sizes(stage, "standard_d4s_v5")
        return await does(stage, recycle)

    ended, back = on_stage(scene)

    assert (ended.outcome, back.generation) == ("active", 2)
    assert (back.vm.size.lower(), back.launched_version) == ("standard_d4s_v5", 2)
    assert back.rollback_reason is None


def test_a_recycle_to_where_there_is_no_room_ends_where_the_node_was() -> None:
    async def scene(stage: Stage) -> Any:
        await sizes(stage, "standard_d4s_v5")
        await edited(stage, strategy={"fallbackToOd": False})
        set_rule(stage.world, {"size": "standard_d4s_v5", "room": 0})
        return await does(stage, recycle)

    ended, back = on_stage(scene)

    assert (ended.outcome, back.status, back.generation) == ("active", Status.ACTIVE, 2)
    assert back.vm.size.lower() == "standard_d2s_v5"
    assert back.rollback_reason
    assert back.os_disk.name == OS


def test_a_recycle_without_any_room_waits_and_keeps_all_that_persists() -> None:
    async def scene(stage: Stage) -> Any:
        set_rule(stage.world, {"room": 0})
        ended, waits = await does(stage, recycle)
        set_rule(stage.world, {"room": None})
        return ended, waits, sorted(stage.there())

    ended, waits, left = on_stage(scene)

    assert (ended.outcome, waits.status, waits.vm) == ("waiting", Status.RESUMING, None)
    assert left == [DATA, IP, NIC, OS]


def test_a_stop_and_a_start_leave_the_very_vm() -> None:
    """S13, S14: Azure's own stop and start."""

    async def scene(stage: Stage) -> Any:
        was = vm_id(stage)
        _, rests = await does(stage, stop)
        down = power(stage)
        ended, back = await does(stage, start)
        return rests, down, ended, back, was == vm_id(stage), power(stage)

    rests, down, ended, back, is_same, up = on_stage(scene)

    assert (rests.status, down) == (Status.STOPPED, "deallocated")
    assert rests.rests_since is not None
    assert (ended.outcome, back.status, up, is_same) == ("active", Status.ACTIVE, "running", True)
    assert (back.generation, back.rests_since) == (1, None)


def test_a_start_without_room_for_the_size_takes_another() -> None:
    async def scene(stage: Stage) -> Any:
        await sizes(stage, "standard_d2s_v5", "standard_e2s_v5")
        await does(stage, stop)
        set_rule(stage.world, {"size": "standard_d2s_v5", "room": 0})
        return await does(stage, start)

    ended, back = on_stage(scene)

    assert (ended.outcome, back.vm.size.lower()) == ("active", "standard_e2s_v5")
    assert back.os_disk.name == OS


def test_a_stopped_vm_that_somebody_deleted_is_made_anew_on_its_disks() -> None:
    async def scene(stage: Stage) -> Any:
        await does(stage, stop)
        await stage.arm("DELETE", VM_ID)
        await stage.ports.clock.sleep(60)
        return await does(stage, start)

    ended, back = on_stage(scene)

    assert (ended.outcome, back.status, back.generation) == ("active", Status.ACTIVE, 2)
    assert back.os_disk.name == OS


@pytest.mark.parametrize(
    ("runbook", "status"),
    [(pause, Status.PAUSED), (stop, Status.STOPPED), (recycle, Status.ACTIVE)],
    ids=["pause", "stop", "recycle"],
)
@pytest.mark.parametrize("ahead_s", [0.0, 31.0, 300.0], ids=["notice", "going down", "down"])
def test_an_eviction_at_any_moment_of_it_changes_nothing_of_how_it_ends(
    runbook: Runbook, status: Status, ahead_s: float
) -> None:
    async def scene(stage: Stage) -> Any:
        await stage.arm("POST", f"{VM_ID}/simulateEviction")
        await stage.ports.clock.sleep(ahead_s)
        _, run = await does(stage, runbook)
        return run, sorted(stage.there("disks", "networkinterfaces", "publicipaddresses"))

    run, left = on_stage(scene)

    assert run.status == status
    assert left == [DATA, IP, NIC, OS]


def test_a_vm_that_is_down_already_is_paused_in_no_time() -> None:
    async def scene(stage: Stage) -> Any:
        _, run = await does(stage, pause)
        return run, stage.written("deallocate")

    run, deallocations = on_stage(scene, evicted)

    assert (run.status, deallocations) == (Status.PAUSED, [])


def test_a_vm_that_somebody_starts_in_between_is_stopped_once_more() -> None:
    async def scene(stage: Stage) -> Any:
        async def starts() -> None:
            await stage.arm("POST", f"{VM_ID}/start")
            await stage.ports.clock.sleep(60)

        stage.after["deallocate_vm"] = starts
        _, run = await does(stage, pause)
        return run, len(stage.written("deallocate")), power(stage)

    run, deallocations, vm = on_stage(scene)

    assert (run.status, deallocations, vm) == (Status.PAUSED, 2, "gone")


@pytest.mark.parametrize(
    ("runbook", "operation", "action", "left"),
    [
        (pause, "deallocate/action", "Pause", "running"),
        (pause, "delete", "Pause", "deallocated"),
        (recycle, "delete", "Recycle", "deallocated"),
        (stop, "deallocate/action", "Stop", "running"),
    ],
)
def test_what_azure_locks_stays_and_a_resume_takes_the_node_up_where_it_stands(
    runbook: Runbook, operation: str, action: str, left: str
) -> None:
    async def scene(stage: Stage) -> Any:
        was = vm_id(stage)
        stage.fault("refuse", f"{VMS}/{operation}", code="ScopeLocked", status=409)
        ended, held = await does(stage, runbook)
        stands = power(stage)
        _, back = await does(stage, resume)
        return ended, held, stands, back, was == vm_id(stage)

    ended, held, stands, back, is_same = on_stage(scene)

    assert (ended.outcome, held.status, stands) == ("refused", Status.ERROR, left)
    assert held.error_reason.startswith(f"{action} action failed. ScopeLocked")
    assert (back.status, back.error_reason, is_same) == (Status.ACTIVE, None, True)


def test_a_vm_of_another_is_never_stopped() -> None:
    async def scene(stage: Stage) -> Any:
        vm = stage.find(VM_ID)
        vm.body["tags"] = {"mooring-node": "ssn-00000bad"}
        stage.world.save(vm)
        _, held = await does(stage, stop)
        return held, power(stage)

    held, stands = on_stage(scene)

    assert (held.status, stands) == (Status.ERROR, "running")
    assert "NotOurs" in held.error_reason


@pytest.mark.parametrize("runbook", [pause, stop, recycle])
def test_an_action_run_twice_acts_once(runbook: Runbook) -> None:
    async def scene(stage: Stage) -> Any:
        await stage.operate("twice")
        request = OperationInput(key=KEY, operation_id=OperationId("twice"))
        first = await stage.follow(runbook(stage.context(), request))
        done = len(stage.written())
        again = await stage.follow(runbook(stage.context(), request))
        return first, again, len(stage.written()) - done

    first, again, more = on_stage(scene)

    assert first.outcome in ("paused", "stopped", "active")
    assert (again.outcome, more) == ("not_ours", 0)
