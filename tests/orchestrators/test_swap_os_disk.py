"""The order of steps of a swap, and what each failure leaves."""

from typing import Any

from orchestrators.swap_os_disk import SwapOsDisk, swap_os_disk
from shared.contracts.base import Changed, Done, Refused
from shared.contracts.disk import Swept
from shared.contracts.disks_change import (
    OsDiskAdopted,
    OsDiskFit,
)
from shared.contracts.node import Settled
from shared.model.run import RunState, Status
from shared.policy.retained import Retirement
from tests.orchestrators.conftest import KEY, OPERATION, MakeDrive, claimed, disk, running


def resting(status: Status = Status.PAUSED) -> Any:
    return claimed(running().model_copy(update={"status": status, "vm": None}))


def stopped() -> Any:
    return claimed(running().model_copy(update={"status": Status.STOPPED}))


def swapping(**retirement: Any) -> SwapOsDisk:
    wanted = {"deletes": True, "ttl_h": 96, "why": "swapped"} | retirement
    fit = OsDiskFit(region="eastus", os="Linux", zones=("1",))
    return SwapOsDisk(
        key=KEY,
        operation_id=OPERATION,
        disk_id=disk("new").id,
        fit=fit,
        retirement=Retirement(**wanted),
    )


def settled(run: Any, index: int = 0) -> Any:
    return run.request("settle_operation", index)


def test_of_a_paused_node_the_record_alone_changes_disks(drive: MakeDrive) -> None:
    """S29."""
    run = drive(
        claim_operation=[resting()],
        adopt_os_disk=[OsDiskAdopted(disk=disk("new"))],
        settle_operation=[Settled()],
    )

    run.run(swap_os_disk(run, swapping()))

    after = settled(run)["run"]
    assert run.names == ["claim_operation", "adopt_os_disk", "settle_operation"]
    assert after["os_disk"]["name"] == "new"
    assert [one["id"] for one in after["retained"]] == [disk("os").id]


def test_of_a_stopped_node_the_vm_changes_disks_too(drive: MakeDrive) -> None:
    """S29."""
    run = drive(
        claim_operation=[stopped()],
        adopt_os_disk=[OsDiskAdopted(disk=disk("new"))],
        exchange_os_disk=[Done()],
        settle_operation=[Settled()],
    )

    run.run(swap_os_disk(run, swapping()))

    assert run.request("exchange_os_disk")["disk"]["name"] == "new"
    assert settled(run)["run"]["os_disk"]["name"] == "new"
    assert settled(run)["run"]["status"] == Status.STOPPED


def test_a_kept_old_disk_leaves_our_management(drive: MakeDrive) -> None:
    """S33."""
    run = drive(
        claim_operation=[resting()],
        adopt_os_disk=[OsDiskAdopted(disk=disk("new"))],
        let_go=[Done()],
        settle_operation=[Settled()],
    )

    run.run(swap_os_disk(run, swapping(deletes=False)))

    assert run.request("let_go")["resource_ids"] == [disk("os").id]
    assert settled(run)["run"]["retained"] == []


def test_an_old_disk_that_goes_now_goes_after_the_new_one_is_recorded(drive: MakeDrive) -> None:
    """I2, S31."""
    run = drive(
        claim_operation=[resting()],
        adopt_os_disk=[OsDiskAdopted(disk=disk("new"))],
        settle_operation=[Settled(), Settled()],
        delete_unused=[Swept(gone=(disk("os").id,))],
    )

    run.run(swap_os_disk(run, swapping(ttl_h=0)))

    assert settled(run)["run"]["os_disk"]["name"] == "new"
    assert run.names[-2:] == ["delete_unused", "settle_operation"]


def test_a_disk_that_does_not_fit_leaves_all_as_it_was(drive: MakeDrive) -> None:
    """S30."""
    run = drive(
        claim_operation=[resting()],
        adopt_os_disk=[Refused(code="DiskDoesNotFit", message="it is in zone 2")],
        let_go=[Done()],
        settle_operation=[Settled()],
    )

    run.run(swap_os_disk(run, swapping()))

    assert run.request("let_go")["marked_by"] == OPERATION
    assert settled(run)["run"]["os_disk"]["name"] == "os"


def test_a_vm_that_does_not_take_the_disk_keeps_its_own(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[stopped()],
        adopt_os_disk=[OsDiskAdopted(disk=disk("new"))],
        exchange_os_disk=[Changed(code="StillRunning", message="somebody started it")],
        let_go=[Done()],
        settle_operation=[Settled()],
    )

    ended = run.run(swap_os_disk(run, swapping()))

    assert ended.outcome == "refused"
    assert run.request("let_go")["resource_ids"] == [disk("new").id]
    assert settled(run)["run"]["os_disk"]["name"] == "os"


def test_a_node_without_an_os_disk_at_hand_takes_the_new_one(drive: MakeDrive) -> None:
    node = claimed(RunState(status=Status.PAUSED, generation=1))
    run = drive(
        claim_operation=[node],
        adopt_os_disk=[OsDiskAdopted(disk=disk("new"))],
        settle_operation=[Settled()],
    )

    run.run(swap_os_disk(run, swapping()))

    assert settled(run)["run"]["os_disk"]["name"] == "new"
