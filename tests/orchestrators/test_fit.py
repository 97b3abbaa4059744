"""Kept disks that an edit wants larger, and a data collection rule, on the way of a launch."""

from typing import Any

from orchestrators.replace import ReplaceNode, replace
from shared.contracts.base import Changed, Done, Refused
from shared.contracts.disk_fit import DisksFit
from shared.contracts.market import Decided
from shared.contracts.node import Claimed, Settled
from shared.contracts.vm import Down, VmFacts, VmUp
from shared.model.market import Rung
from shared.model.run import DiskRef, Status
from tests.orchestrators.conftest import (
    KEY,
    OPERATION,
    START,
    Drive,
    MakeDrive,
    claimed,
    disk,
    market,
    move,
    nic,
    vm,
)

DOWN = Down(facts=VmFacts(exists=True, power="deallocated", id=vm().id))
HERE = Decided(moves=(move(Rung.REATTACH, market("Standard_D4s_v5")),))
RULE = {"insights": {"isEnabled": True, "dataCollectionRuleId": "/rules/r"}}


def sized(size_gib: int) -> DiskRef:
    return disk().model_copy(update={"size_gib": size_gib})


def node(asked_gib: int, *, insights: bool = False) -> Claimed:
    """A node with an OS disk of 64 GiB, whose document asks for another size."""
    before = claimed().run.model_copy(update={"os_disk": sized(64), "data_disks": ()})
    whole = claimed(before)
    document = dict(whole.document)
    launch = document["compute"]["launchSpecification"] | {"osDisk": {"sizeGB": asked_gib}}
    document["compute"] = document["compute"] | {"launchSpecification": launch}
    if insights:
        document["integrations"] = RULE
    return whole.model_copy(update={"document": document})


def up(size_gib: int) -> VmUp:
    had = vm(vm_id="v2").model_copy(update={"launched_at": START})
    return VmUp(vm=had, os_disk=sized(size_gib), nics=(nic(),), version=1, digest="d")


def replaced(drive: MakeDrive, asked_gib: int, **answers: Any) -> Drive:
    insights = "associate_rule" in answers
    given: dict[str, Any] = {
        "claim_operation": [node(asked_gib, insights=insights)],
        "await_down": [DOWN],
        "decide": [HERE],
        "delete_vm": [Done()],
        "create_vm": [up(max(asked_gib, 64))],
        "settle_operation": [Settled()] * 3,
    }
    run = drive(**(given | answers))
    run.run(replace(run, ReplaceNode(key=KEY, operation_id=OPERATION)))
    return run


def settled(run: Drive) -> dict[str, Any]:
    return [one.request for one in run.calls if one.name == "settle_operation"][-1]


def test_a_kept_disk_grows_once_its_vm_is_gone_and_before_the_next_is_made(
    drive: MakeDrive,
) -> None:
    """S98: the size of a disk that is there takes effect with the next VM."""
    run = replaced(drive, 128, fit_disks=[DisksFit(disks=(sized(128),))])

    order = [name for name in run.names if name in ("delete_vm", "fit_disks", "create_vm")]
    assert order == ["delete_vm", "fit_disks", "create_vm"]
    assert run.request("fit_disks")["disks"][0]["size_gib"] == 128
    assert run.request("create_vm")["os_disk"]["size_gib"] == 128
    assert settled(run)["run"]["os_disk"]["size_gib"] == 128


def test_a_disk_of_the_size_that_is_asked_for_is_not_touched(drive: MakeDrive) -> None:
    assert "fit_disks" not in replaced(drive, 64).names


def test_a_disk_that_azure_will_not_change_stays_and_is_told(drive: MakeDrive) -> None:
    refusal = Refused(code="OperationNotAllowed", message="not twice in 24 hours")

    run = replaced(drive, 128, fit_disks=[refusal], create_vm=[up(64)])

    assert run.request("create_vm")["os_disk"]["size_gib"] == 64
    assert settled(run)["run"]["status"] == Status.ACTIVE
    assert "a disk is as it was: OperationNotAllowed" in str(settled(run)["log"])


def test_a_disk_that_somebody_took_meanwhile_makes_the_launch_decide_anew(
    drive: MakeDrive,
) -> None:
    taken = Changed(code="DiskInUse", message="attached elsewhere")

    run = replaced(
        drive, 128, decide=[HERE, HERE], fit_disks=[taken, DisksFit(disks=(sized(128),))]
    )

    assert run.names.count("decide") == 2
    assert settled(run)["run"]["status"] == Status.ACTIVE


def test_a_new_vm_is_associated_with_the_rule_of_its_integration(drive: MakeDrive) -> None:
    run = replaced(drive, 64, associate_rule=[Done()])

    assert run.request("associate_rule")["vm_resource_id"] == vm().id
    assert settled(run)["run"]["status"] == Status.ACTIVE


def test_a_vm_that_cannot_be_observed_is_had_all_the_same_and_it_is_told(
    drive: MakeDrive,
) -> None:
    run = replaced(drive, 64, associate_rule=[Refused(code="AuthorizationFailed", message="no")])

    assert settled(run)["run"]["status"] == Status.ACTIVE
    assert "not associated with its data collection rule" in str(settled(run)["log"])
