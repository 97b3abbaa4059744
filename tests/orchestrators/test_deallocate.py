"""The end of what was kept for a time."""

from datetime import timedelta
from typing import Any

from orchestrators.deallocate import deallocate
from orchestrators.delete import DeleteNode
from shared.contracts.base import Changed, OperationInput
from shared.contracts.disk import Swept
from shared.contracts.node import Settled
from shared.model.run import Retained
from shared.policy.deletion import Deallocation, given_up
from tests.orchestrators.conftest import (
    GROUP,
    KEY,
    OPERATION,
    START,
    MakeDrive,
    claimed,
    running,
)

REQUEST = OperationInput(key=KEY, operation_id=OPERATION)
OS, DATA = f"{GROUP}/Microsoft.Compute/disks/os", f"{GROUP}/Microsoft.Compute/disks/data0"


def deletion(**chosen: Any) -> DeleteNode:
    whole: dict[str, Any] = {"terminate_vm": True, "lets_go": True, "deregister": True}
    return DeleteNode(
        key=KEY, operation_id=OPERATION, deallocation=Deallocation(**(whole | chosen))
    )


def names(ids: list[str]) -> list[str]:
    return [one.rsplit("/", 1)[-1] for one in ids]


def going(*ids: str, hours: float = -1) -> Any:
    until = START + timedelta(hours=hours)
    kept = tuple(Retained(id=one, until=until, why="deleted") for one in ids)
    return claimed(given_up(running(), kept, None, START))


def test_the_last_that_goes_takes_the_node_along(drive: MakeDrive) -> None:
    """S24."""
    run = drive(
        claim_operation=[going(OS, DATA)],
        delete_unused=[Swept(gone=(OS, DATA))],
        settle_operation=[Settled()],
    )

    ended = run.run(deallocate(run, REQUEST))

    assert ended.outcome == "gone"
    assert run.request("claim_operation")["status"] is None
    assert run.request("settle_operation")["gone"] is True


def test_what_is_not_due_yet_stays_and_the_node_with_it(drive: MakeDrive) -> None:
    node = going(OS)
    later = Retained(id=DATA, until=START + timedelta(hours=5), why="deleted")
    kept = (*node.run.retained, later)
    node = node.model_copy(update={"run": node.run.model_copy(update={"retained": kept})})
    run = drive(
        claim_operation=[node],
        delete_unused=[Swept(gone=(OS,))],
        settle_operation=[Settled()],
    )

    run.run(deallocate(run, REQUEST))

    settled = run.request("settle_operation")
    assert run.request("delete_unused")["resource_ids"] == [OS]
    assert (settled["gone"], names([one["id"] for one in settled["run"]["retained"]])) == (
        False,
        ["data0"],
    )
    assert len(settled["due"]) == 1


def test_a_refusal_keeps_the_node_and_is_due_again(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[going(OS, DATA)],
        delete_unused=[
            Swept(kind="swept_in_part", gone=(DATA,), refused=(OS,), reason="ScopeLocked: a lock")
        ],
        settle_operation=[Settled()],
    )

    run.run(deallocate(run, REQUEST))

    settled = run.request("settle_operation")
    assert settled["gone"] is False
    assert [one["tries"] for one in settled["run"]["retained"]] == [1]
    assert settled["due"][0]["due_at"] > run.now.isoformat()


def test_a_repeat_finds_nothing_due_and_changes_nothing(drive: MakeDrive) -> None:
    run = drive(claim_operation=[claimed(running())], settle_operation=[Settled()])

    run.run(deallocate(run, REQUEST))

    settled = run.request("settle_operation")
    assert run.names == ["claim_operation", "settle_operation"]
    assert (settled["gone"], settled["run"]["os_disk"]["name"]) == (False, "os")


def test_a_disk_that_the_node_uses_again_is_no_longer_kept_for_deletion(drive: MakeDrive) -> None:
    """I2."""
    used = running().model_copy(update={"retained": (Retained(id=OS, until=START),)})
    run = drive(claim_operation=[claimed(used)], settle_operation=[Settled()])

    run.run(deallocate(run, REQUEST))

    assert "delete_unused" not in run.names
    assert run.request("settle_operation")["run"]["retained"] == []


def test_facts_that_changed_under_it_leave_all_for_later(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[going(OS)],
        delete_unused=[Changed(code="Conflict", message="busy")],
        settle_operation=[Settled()],
    )

    run.run(deallocate(run, REQUEST))

    assert names([one["id"] for one in run.request("settle_operation")["run"]["retained"]]) == [
        "os"
    ]
