"""A round of snapshots: the order of its steps, and what it leaves in the node's row."""

from datetime import timedelta

from orchestrators.snapshot_disks import snapshot_disks
from shared.contracts.base import OperationInput
from shared.contracts.node import NotOurs, Settled
from shared.contracts.snapshots import SnapshotsTaken
from shared.model.run import RunState, Status
from shared.model.seen import DiskSnapshot
from tests.orchestrators.conftest import (
    KEY,
    OPERATION,
    START,
    Drive,
    MakeDrive,
    claimed,
    disk,
    vm,
)

REQUEST = OperationInput(key=KEY, operation_id=OPERATION)
OS = disk("os")
EARLIER = DiskSnapshot(id="/earlier", disk_id=OS.id, taken_at=START - timedelta(hours=6))
TAKEN = DiskSnapshot(id="/new", disk_id=OS.id, taken_at=START, is_complete=True)


def driven(drive: MakeDrive, zones: list[str], answer: SnapshotsTaken) -> Drive:
    state = RunState(
        status=Status.ACTIVE,
        generation=3,
        vm=vm(),
        os_disk=OS,
        snapshots=("/copied", EARLIER.id),
        disk_snapshots=(EARLIER,),
    )
    node = claimed(state)
    node.document["compute"] = {**node.document.get("compute", {}), "zones": zones}
    run = drive(claim_operation=[node], take_snapshots=[answer], settle_operation=[Settled()])
    run.run(snapshot_disks(run, REQUEST))
    return run


def test_a_round_copies_the_disks_and_leaves_the_node_as_it_was(drive: MakeDrive) -> None:
    run = driven(drive, ["1", "2"], SnapshotsTaken(taken=(EARLIER, TAKEN)))

    asked, settled = run.request("take_snapshots"), run.request("settle_operation")
    assert run.names == ["claim_operation", "take_snapshots", "settle_operation"]
    assert run.request("claim_operation")["status"] is None
    assert [one["id"] for one in asked["disks"]] == [OS.id]
    assert [one["id"] for one in asked["earlier"]] == [EARLIER.id]
    assert settled["run"]["status"] == Status.ACTIVE
    assert settled["run"]["snapshots"] == ["/copied", EARLIER.id, TAKEN.id]
    assert not settled["run"]["snapshot_round"]["is_troubled"]
    assert settled["log"] == []
    assert not settled["keep"]


def test_trouble_is_told_and_nothing_else_comes_of_it(drive: MakeDrive) -> None:
    run = driven(drive, ["1", "2"], SnapshotsTaken(taken=(EARLIER,), troubles=("403: no",)))

    settled = run.request("settle_operation")
    assert settled["run"]["status"] == Status.ACTIVE
    assert settled["run"]["snapshot_round"]["is_troubled"]
    assert [one["severity"] for one in settled["log"]] == ["WARN"]


def test_a_node_in_one_zone_is_asked_for_no_disk_and_keeps_no_snapshot(drive: MakeDrive) -> None:
    run = driven(drive, ["1"], SnapshotsTaken())

    assert run.request("take_snapshots")["disks"] == []
    assert run.request("settle_operation")["run"]["snapshots"] == ["/copied"]


def test_an_operation_that_is_not_the_nodes_does_nothing(drive: MakeDrive) -> None:
    run = drive(claim_operation=[NotOurs(reason="finished")])

    ended = run.run(snapshot_disks(run, REQUEST))

    assert ended.outcome == "not_ours"
