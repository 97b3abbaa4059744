"""A kept VM goes on demand, or goes on as it was."""

from datetime import timedelta
from typing import Any

from orchestrators.delete import DeleteNode, delete
from orchestrators.to_on_demand import ROUNDS_MAX
from shared.contracts.base import Done, NoCapacity, Refused
from shared.contracts.node import Settled
from shared.contracts.vm import Down, VmFacts, VmUp
from shared.model.run import Lifecycle, Status
from shared.policy.deletion import Deallocation
from tests.orchestrators.conftest import (
    KEY,
    OPERATION,
    START,
    Drive,
    MakeDrive,
    claimed,
    disk,
    nic,
    running,
    vm,
)

DOWN = Down(facts=VmFacts(exists=True, power="deallocated"))


def deletion(**chosen: Any) -> DeleteNode:
    whole: dict[str, Any] = {"terminate_vm": True, "lets_go": True, "deregister": True}
    return DeleteNode(
        key=KEY, operation_id=OPERATION, deallocation=Deallocation(**(whole | chosen))
    )


def on_demand(lifecycle: Lifecycle = Lifecycle.OD) -> VmUp:
    body = vm().model_copy(update={"lifecycle": lifecycle, "vm_id": "v2"})
    return VmUp(vm=body, os_disk=disk(), data_disks=(disk("data0", 0),), nics=(nic(),))


def names(ids: list[str]) -> list[str]:
    return [one.rsplit("/", 1)[-1] for one in ids]


def reverted(drive: MakeDrive, *created: Any, **more: Any) -> Drive:
    answers: dict[str, Any] = {
        "claim_operation": [claimed()],
        "deallocate_vm": [DOWN],
        "delete_vm": [Done()],
        "create_vm": [*created],
        "let_go": [Done()],
        "settle_operation": [Settled()],
    }
    return drive(**(answers | more))


def test_a_kept_vm_goes_on_demand_on_its_own_disks_under_its_name(drive: MakeDrive) -> None:
    """S20, S22."""
    run = reverted(drive, on_demand())

    ended = run.run(delete(run, deletion(terminate_vm=False, revert_to_od=True)))

    made = run.request("create_vm")
    assert ended.outcome == "gone"
    assert (made["name"], made["market"]["lifecycle"]) == ("db-00000001", Lifecycle.OD)
    assert (made["os_disk"]["name"], made["nics"][0]["name"]) == ("os", "nic0")
    assert names(run.request("let_go")["resource_ids"])[0] == "db-00000001"


def test_the_next_on_demand_size_is_tried_where_the_first_has_no_room(drive: MakeDrive) -> None:
    node = claimed()
    node.document["compute"]["vmSizes"]["odSizes"] = ["standard_d4s_v5"]
    full = NoCapacity(code="AllocationFailed", message="", left_behind=vm().id)
    run = reverted(drive, full, on_demand(), claim_operation=[node], delete_vm=[Done(), Done()])

    run.run(delete(run, deletion(terminate_vm=False, revert_to_od=True)))

    sizes = [run.request("create_vm", index)["market"]["size"] for index in (0, 1)]
    assert sizes == ["Standard_D2s_v5", "standard_d4s_v5"]
    assert run.names.count("delete_vm") == 2


def test_without_room_on_demand_the_vm_goes_on_as_spot_and_the_node_lives(drive: MakeDrive) -> None:
    full = NoCapacity(code="SkuNotAvailable", message="none left")
    run = reverted(drive, full, on_demand(Lifecycle.SPOT), settle_operation=[Settled()] * 2)

    ended = run.run(delete(run, deletion(terminate_vm=False, revert_to_od=True)))

    settled = run.request("settle_operation", 1)["run"]
    assert ended.outcome == "refused"
    assert settled["status"] == Status.ACTIVE
    assert "SkuNotAvailable" in settled["rollback_reason"]
    assert (settled["generation"], settled["vm"]["vm_id"]) == (2, "v2")
    assert "let_go" not in run.names


def test_without_room_at_all_it_is_tried_for_an_hour_then_the_node_keeps_its_disks(
    drive: MakeDrive,
) -> None:
    full = NoCapacity(code="SkuNotAvailable", message="none left")
    run = reverted(drive, *[full] * 2 * ROUNDS_MAX, settle_operation=[Settled()] * 2)

    run.run(delete(run, deletion(terminate_vm=False, revert_to_od=True)))

    assert run.now - START > timedelta(minutes=50)
    settled = run.request("settle_operation", 1)["run"]
    assert (settled["status"], settled["vm"]) == (Status.ERROR, None)
    assert settled["os_disk"]["name"] == "os"


def test_that_it_waits_for_room_is_told_once_and_at_once(drive: MakeDrive) -> None:
    full = NoCapacity(code="SkuNotAvailable", message="none left")
    answers = [*[full] * 4, on_demand()]
    run = reverted(drive, *answers, settle_operation=[Settled()] * 2)

    ended = run.run(delete(run, deletion(terminate_vm=False, revert_to_od=True)))

    note = run.request("settle_operation", 0)
    assert (note["keep"], note["log"][0]["severity"]) == (True, "WARN")
    assert "not on demand: Standard_D2s_v5: SkuNotAvailable" in note["log"][0]["message"]
    assert run.names.count("settle_operation") == 2
    assert ended.outcome == "gone"


def test_what_azure_refuses_for_good_is_not_asked_for_again(drive: MakeDrive) -> None:
    node = claimed()
    node.document["compute"]["vmSizes"]["odSizes"] = ["standard_d4s_v5"]
    refused = Refused(code="RequestDisallowedByPolicy", message="on demand")
    full = NoCapacity(code="SkuNotAvailable", message="none left")
    run = reverted(
        drive,
        *(refused, full, on_demand(Lifecycle.SPOT)),
        claim_operation=[node],
        settle_operation=[Settled()] * 2,
    )

    ended = run.run(delete(run, deletion(terminate_vm=False, revert_to_od=True)))

    lifecycles = [run.request("create_vm", at)["market"]["lifecycle"] for at in range(3)]
    assert lifecycles == [Lifecycle.OD, Lifecycle.SPOT, Lifecycle.SPOT]
    assert ended.outcome == "refused"


def test_where_azure_refuses_the_vm_for_good_either_way_nobody_waits(drive: MakeDrive) -> None:
    refused = Refused(code="ScopeLocked", message="locked")
    run = reverted(drive, refused, refused, settle_operation=[Settled()] * 2)

    run.run(delete(run, deletion(terminate_vm=False, revert_to_od=True)))

    assert run.now - START < timedelta(minutes=1)
    settled = run.request("settle_operation", 1)["run"]
    assert (settled["status"], settled["vm"]) == (Status.ERROR, None)
    assert "ScopeLocked" in settled["error_reason"]


def test_a_vm_that_is_on_demand_already_is_not_touched(drive: MakeDrive) -> None:
    body = vm().model_copy(update={"lifecycle": Lifecycle.OD})
    run = drive(
        claim_operation=[claimed(running().model_copy(update={"vm": body}))],
        let_go=[Done()],
        settle_operation=[Settled()],
    )

    run.run(delete(run, deletion(terminate_vm=False, revert_to_od=True)))

    assert run.names == ["claim_operation", "let_go", "settle_operation"]
