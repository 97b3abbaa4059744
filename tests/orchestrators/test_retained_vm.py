"""Deallocate, where a VM is among what was kept: the one that a node was imported from."""

from datetime import timedelta

import pytest

from orchestrators.deallocate import deallocate
from shared.contracts.base import Changed, Done, OperationInput, Refused
from shared.contracts.disk import Swept
from shared.contracts.node import Settled
from shared.model.run import Retained, Row
from tests.orchestrators.conftest import (
    GROUP,
    KEY,
    OPERATION,
    START,
    Drive,
    MakeDrive,
    claimed,
    running,
)
from tests.orchestrators.importing import names, settled

LEGACY = f"{GROUP}/Microsoft.Compute/virtualMachines/legacy"
DISK = f"{GROUP}/Microsoft.Compute/disks/legacy-os"
REQUEST = OperationInput(key=KEY, operation_id=OPERATION)
FOREIGN = Refused(code="NotOurs", message="it does not carry the tag")
LOCKED = Refused(code="ScopeLocked", message="a lock")
RUNS = Changed(code="StillRunning", message="it runs")


def begun(drive: MakeDrive, vm_ends: list[Row], rest: Row, *freed: Row) -> Drive:
    """Begin with an imported VM and its disk whose time is over."""
    over = START - timedelta(hours=1)
    retained = tuple(Retained(id=one, until=over, why="imported") for one in (LEGACY, DISK))
    run = running().model_copy(update={"retained": retained})
    return drive(
        claim_operation=[claimed(run)],
        delete_vm=vm_ends,
        delete_unused=[rest],
        let_go=list(freed),
        settle_operation=[Settled()],
    )


def test_the_vm_goes_before_what_it_holds(drive: MakeDrive) -> None:
    run = begun(drive, [Done()], Swept(gone=(DISK,)))

    run.run(deallocate(run, REQUEST))

    assert run.names == ["claim_operation", "delete_vm", "delete_unused", "settle_operation"]
    assert run.request("delete_vm")["even_if_running"] is False
    asked = run.request("delete_unused")
    assert (names(asked["resource_ids"]), names(asked["ended"])) == (["legacy-os"], ["legacy"])
    assert settled(run)["retained"] == []


@pytest.mark.parametrize("answer", [RUNS, FOREIGN])
def test_a_vm_that_somebody_uses_again_is_left_to_them_with_its_disks(
    drive: MakeDrive, answer: Row
) -> None:
    """Its disk is asked for, and left because it is used; neither carries our tags any more."""
    run = begun(drive, [answer, answer], Swept(left=(DISK,)), Done())

    run.run(deallocate(run, REQUEST))

    assert set(run.request("let_go")["resource_ids"]) == {LEGACY, DISK}
    assert settled(run)["retained"] == []


def test_what_is_somebodys_and_may_not_lose_our_tags_is_tried_again(drive: MakeDrive) -> None:
    run = begun(drive, [RUNS, RUNS], Swept(left=(DISK,)), LOCKED)

    run.run(deallocate(run, REQUEST))

    kept = settled(run)["retained"]
    assert [one["tries"] for one in kept] == [1, 1]
    assert run.request("settle_operation")["due"]


@pytest.mark.parametrize("answer", [RUNS, FOREIGN])
def test_that_a_vm_is_somebodys_is_believed_at_the_second_look(
    drive: MakeDrive, answer: Row
) -> None:
    """Reads may lag behind the tag that was just written."""
    run = begun(drive, [answer, Done()], Swept(gone=(DISK,)))

    run.run(deallocate(run, REQUEST))

    assert run.names[1:4] == ["delete_vm", "timer", "delete_vm"]
    assert settled(run)["retained"] == []


def test_a_vm_that_azure_does_not_delete_is_kept_with_all_that_it_holds(drive: MakeDrive) -> None:
    """It is tried again."""
    run = begun(drive, [LOCKED], Swept())

    run.run(deallocate(run, REQUEST))

    assert "delete_unused" not in run.names
    kept = settled(run)["retained"]
    assert names([one["id"] for one in kept]) == ["legacy", "legacy-os"]
    assert [one["tries"] for one in kept] == [1, 1]
    assert run.request("settle_operation")["due"]
