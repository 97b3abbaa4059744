"""The order of steps of attach and detach, and what each failure leaves."""

from typing import Any

from orchestrators.attach_disk import AttachDisk, attach_disk
from orchestrators.detach_disk import DetachDisk, detach_disk
from shared.contracts.base import Changed, Done, Refused
from shared.contracts.disk import Swept
from shared.contracts.disks_change import (
    DataDiskAttached,
    DataDiskMade,
)
from shared.contracts.node import Settled
from shared.model.run import Status
from shared.policy.retained import Retirement
from tests.orchestrators.conftest import KEY, OPERATION, MakeDrive, claimed, disk, running

EXTRA = disk("extra", 5)
REFUSED = Refused(code="OperationNotAllowed", message="too many disks")


def resting(status: Status = Status.PAUSED) -> Any:
    return claimed(running().model_copy(update={"status": status, "vm": None}))


def attaching() -> AttachDisk:
    return AttachDisk(key=KEY, operation_id=OPERATION, disk=EXTRA)


def detaching(**retirement: Any) -> DetachDisk:
    wanted = {"deletes": True, "why": "detached"} | retirement
    return DetachDisk(
        key=KEY, operation_id=OPERATION, disk=disk("data0", 0), retirement=Retirement(**wanted)
    )


def settled(run: Any, index: int = 0) -> Any:
    return run.request("settle_operation", index)


def disks_of(state: Any) -> list[str]:
    return [one["name"] for one in state["data_disks"]]


# -- attach ---------------------------------------------------------------------------------------


def test_an_attached_disk_is_made_then_attached_then_recorded(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[claimed()],
        make_data_disk=[DataDiskMade(disk=EXTRA)],
        attach_data_disk=[DataDiskAttached(disk=EXTRA)],
        settle_operation=[Settled()],
    )

    ended = run.run(attach_disk(run, attaching()))

    assert ended.outcome == "attached"
    assert run.request("claim_operation")["status"] is None
    assert run.names == [
        "claim_operation",
        "make_data_disk",
        "attach_data_disk",
        "settle_operation",
    ]
    assert disks_of(settled(run)["run"]) == ["data0", "extra"]


def test_of_a_paused_node_the_disk_waits_for_the_next_launch(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[resting()],
        make_data_disk=[DataDiskMade(disk=EXTRA)],
        settle_operation=[Settled()],
    )

    run.run(attach_disk(run, attaching()))

    assert disks_of(settled(run)["run"]) == ["data0", "extra"]
    assert settled(run)["run"]["status"] == Status.PAUSED


def test_a_vm_that_vanished_gets_the_disk_at_the_next_launch(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[claimed()],
        make_data_disk=[DataDiskMade(disk=EXTRA)],
        attach_data_disk=[Changed(code="VmVanished", message="")],
        settle_operation=[Settled()],
    )

    run.run(attach_disk(run, attaching()))

    assert disks_of(settled(run)["run"]) == ["data0", "extra"]


def test_a_disk_that_the_vm_does_not_take_is_deleted_again(drive: MakeDrive) -> None:
    """I7."""
    run = drive(
        claim_operation=[claimed()],
        make_data_disk=[DataDiskMade(disk=EXTRA)],
        attach_data_disk=[REFUSED],
        delete_resources=[Done()],
        settle_operation=[Settled()],
    )

    ended = run.run(attach_disk(run, attaching()))

    assert ended.outcome == "refused"
    assert run.request("delete_resources")["resource_ids"] == [EXTRA.id]
    assert disks_of(settled(run)["run"]) == ["data0"]
    assert settled(run)["run"]["status"] == running().status
    assert "too many disks" in settled(run)["log"][0]["message"]


def test_a_disk_that_can_neither_be_attached_nor_deleted_is_left_over(drive: MakeDrive) -> None:
    """I7: it is still the node's to clear away."""
    run = drive(
        claim_operation=[claimed()],
        make_data_disk=[DataDiskMade(disk=EXTRA)],
        attach_data_disk=[REFUSED],
        delete_resources=[REFUSED],
        settle_operation=[Settled()],
    )

    run.run(attach_disk(run, attaching()))

    assert settled(run)["run"]["leftovers"] == [EXTRA.id]
    assert "not cleared away (OperationNotAllowed" in settled(run)["log"][0]["message"]


def test_what_a_refused_make_may_have_made_is_deleted(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[claimed()],
        make_data_disk=[Refused(code="QuotaExceeded", message="", made=(EXTRA.id,))],
        delete_resources=[Done()],
        settle_operation=[Settled()],
    )

    run.run(attach_disk(run, attaching()))

    assert run.request("delete_resources")["resource_ids"] == [EXTRA.id]


def test_a_disk_of_that_name_that_was_there_is_not_touched(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[claimed()],
        make_data_disk=[Refused(code="DiskExists", message="")],
        settle_operation=[Settled()],
    )

    run.run(attach_disk(run, attaching()))

    assert "delete_resources" not in run.names


# -- detach ---------------------------------------------------------------------------------------


def test_a_detached_disk_with_a_time_is_recorded_with_the_due_item_that_ends_it(
    drive: MakeDrive,
) -> None:
    run = drive(
        claim_operation=[claimed()], detach_data_disk=[Done()], settle_operation=[Settled()]
    )

    run.run(detach_disk(run, detaching(ttl_h=5)))

    after = settled(run)
    assert (disks_of(after["run"]), len(after["due"]), after["keep"]) == ([], 1, False)
    assert [one["why"] for one in after["run"]["retained"]] == ["detached"]


def test_a_detached_disk_that_goes_now_is_recorded_before_it_is_deleted(drive: MakeDrive) -> None:
    """I2: whatever befalls the operation, the row knows what is to go."""
    gone = disk("data0", 0).id
    run = drive(
        claim_operation=[claimed()],
        detach_data_disk=[Done()],
        settle_operation=[Settled(), Settled()],
        delete_unused=[Swept(gone=(gone,))],
    )

    run.run(detach_disk(run, detaching()))

    assert run.names[-3:] == ["settle_operation", "delete_unused", "settle_operation"]
    first, last = settled(run), settled(run, 1)
    assert (first["keep"], [one["id"] for one in first["run"]["retained"]]) == (True, [gone])
    assert len(first["due"]) == 1
    assert (last["keep"], last["run"]["retained"]) == (False, [])


def test_a_disk_that_azure_does_not_delete_now_is_due_again(drive: MakeDrive) -> None:
    gone = disk("data0", 0).id
    run = drive(
        claim_operation=[claimed()],
        detach_data_disk=[Done()],
        settle_operation=[Settled(), Settled()],
        delete_unused=[Refused(code="ScopeLocked", message="a lock")],
    )

    run.run(detach_disk(run, detaching()))

    last = settled(run, 1)
    assert [(one["id"], one["tries"]) for one in last["run"]["retained"]] == [(gone, 1)]
    assert len(last["due"]) == 1


def test_a_detached_disk_that_stays_is_let_go(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[claimed()],
        detach_data_disk=[Done()],
        let_go=[Done()],
        settle_operation=[Settled()],
    )

    run.run(detach_disk(run, detaching(deletes=False)))

    assert run.request("let_go")["resource_ids"] == [disk("data0", 0).id]
    assert settled(run)["run"]["retained"] == []


def test_of_a_paused_node_only_the_record_forgets_the_disk(drive: MakeDrive) -> None:
    run = drive(claim_operation=[resting()], settle_operation=[Settled()])

    run.run(detach_disk(run, detaching(ttl_h=1)))

    assert run.names == ["claim_operation", "settle_operation"]
    assert disks_of(settled(run)["run"]) == []


def test_a_disk_that_stays_attached_stays_the_nodes(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[claimed()], detach_data_disk=[REFUSED], settle_operation=[Settled()]
    )

    ended = run.run(detach_disk(run, detaching()))

    assert ended.outcome == "refused"
    assert disks_of(settled(run)["run"]) == ["data0"]
