"""What a VM that has come up still needs: its word that it is ready, and its backend pools."""

from typing import Any

import pytest

from orchestrators.create import create
from orchestrators.replace import ReplaceNode, replace
from shared.contracts.base import Changed, Done, OperationInput, Refused
from shared.contracts.market import Decided
from shared.contracts.nic import NicsReady
from shared.contracts.node import Claimed, Settled
from shared.contracts.signal import Heard, TimedOut
from shared.contracts.vm import Down, VmFacts, VmSeen, VmUp
from shared.model.market import Rung
from shared.model.run import RunState, Status
from shared.policy.footing import CHANGES_MAX, VM_FAILURES_MAX
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
from tests.orchestrators.test_release import POOLS

REQUEST = OperationInput(key=KEY, operation_id=OPERATION)
RUNS = VmSeen(facts=VmFacts(exists=True, power="running", id=vm().id))
GONE = VmSeen(facts=VmFacts(exists=True, power="deallocated", id=vm().id))
DOWN = Down(facts=GONE.facts)
FIRST = Decided(moves=(move(Rung.LAUNCH),))
AGAIN = Decided(moves=(move(Rung.REATTACH, market("Standard_D4s_v5")),))


def up(vm_id: str = "v1", **more: Any) -> VmUp:
    changes = {"launched_at": START} | more
    had = vm(vm_id=vm_id).model_copy(update=changes)
    return VmUp(vm=had, os_disk=disk(f"os-{vm_id}"), nics=(nic(),), version=1, digest="d")


def node(
    run: RunState | None = None, *, signals: bool = True, pools: bool = True, timeout_s: int = 60
) -> Claimed:
    """A node that waits a minute for its VM's word, and then goes into a backend pool."""
    whole = claimed(run or RunState())
    document = dict(whole.document)
    if signals:
        document["strategy"] = {
            **document["strategy"],
            "signals": [{"type": "vmReady", "timeout": timeout_s}],
        }
    if pools:
        launch = {**document["compute"]["launchSpecification"], "loadBalancersConfig": POOLS}
        document["compute"] = {**document["compute"], "launchSpecification": launch}
    return whole.model_copy(update={"document": document})


def launched(drive: MakeDrive, **answers: Any) -> Drive:
    given: dict[str, Any] = {
        "claim_operation": [node()],
        "decide": [FIRST],
        "ensure_nics": [NicsReady(nics=(nic(),))],
        "create_vm": [up()],
        "settle_operation": [Settled()] * 4,
    }
    run = drive(**(given | answers))
    run.seconds_per_call = 61.0  # a signal that is not heard takes all of its minute
    run.run(create(run, REQUEST))
    return run


def last(run: Drive) -> dict[str, Any]:
    found = [one.request for one in run.calls if one.name == "settle_operation"]
    state: dict[str, Any] = found[-1]["run"]
    return state


def test_a_vm_is_put_into_its_pools_once_it_has_said_that_it_is_ready(drive: MakeDrive) -> None:
    run = launched(drive, await_signal=[Heard(at=START)], register_backends=[Done()])

    asked = run.request("await_signal")
    assert run.names[-3:] == ["await_signal", "register_backends", "settle_operation"]
    assert (asked["signal"], asked["since"]) == ("vmReady", "2030-01-01T00:00:00Z")
    assert run.request("register_backends")["nics"][0]["name"] == "nic0"
    assert last(run)["status"] == Status.ACTIVE


def test_nothing_is_waited_for_that_the_document_does_not_ask_for(drive: MakeDrive) -> None:
    run = launched(drive, claim_operation=[node(signals=False, pools=False)])

    assert run.names[-2:] == ["create_vm", "settle_operation"]


@pytest.mark.parametrize(
    "answers",
    [[Refused(code="AuthorizationFailed", message="no role")], [Changed(code="412", message="")]],
    ids=["refused", "changed time and again"],
)
def test_a_vm_that_its_pools_will_not_take_is_had_all_the_same(
    drive: MakeDrive, answers: list[Any]
) -> None:
    run = launched(
        drive, claim_operation=[node(signals=False)], register_backends=answers * CHANGES_MAX
    )

    assert last(run)["status"] == Status.ACTIVE
    assert "not in its backend pools" in str(run.request("settle_operation")["log"])


def test_a_vm_that_does_not_get_ready_in_time_is_replaced_and_its_disks_go_on(
    drive: MakeDrive,
) -> None:
    """It has booted: what it wrote is the node's, and the next VM has it."""
    run = launched(
        drive,
        decide=[FIRST, AGAIN],
        create_vm=[up(), up("v2")],
        await_signal=[TimedOut(), Heard(at=START)],
        look_at_vm=[RUNS],
        deallocate_vm=[DOWN],
        delete_vm=[Done()],
        register_backends=[Done()],
        delete_resources=[Done()],
    )

    noted = run.request("settle_operation")
    second = run.request("create_vm", 1)
    assert (noted["keep"], noted["run"]["generation"]) == (True, 1)
    assert noted["run"]["launched_digest"] == ""
    assert "did not say that it is ready" in str(noted["log"])
    assert run.request("decide", 1)["look_at"] == vm().id
    assert (second["generation"], second["os_disk"]["name"]) == (2, "os-v1")
    assert (last(run)["status"], last(run)["generation"]) == (Status.ACTIVE, 2)


def test_after_a_few_such_vms_the_node_stops_and_keeps_the_last_one(drive: MakeDrive) -> None:
    run = launched(
        drive,
        decide=[FIRST, AGAIN],
        create_vm=[up(), up("v2")],
        await_signal=[TimedOut()] * 2,
        look_at_vm=[RUNS] * 2,
        deallocate_vm=[DOWN],
        delete_vm=[Done()],
    )

    after = last(run)
    assert run.names.count("create_vm") == VM_FAILURES_MAX
    assert after["status"] == Status.ERROR
    assert "2 VMs were had and failed" in after["error_reason"]
    assert (after["vm"]["vm_id"], after["os_disk"]["name"]) == ("v2", "os-v2")


def test_a_vm_that_azure_takes_while_it_gets_ready_is_the_nodes_and_is_replaced_like_any(
    drive: MakeDrive,
) -> None:
    run = launched(
        drive,
        claim_operation=[node(timeout_s=600)],
        await_signal=[TimedOut()],
        look_at_vm=[GONE],
    )

    after = last(run)
    assert "register_backends" not in run.names
    assert (after["status"], after["vm"]["vm_id"]) == (Status.ACTIVE, "v1")
    assert after["launched_digest"] == ""
    assert "is down already" in str(run.request("settle_operation")["log"])


def test_a_vm_that_will_not_stop_either_is_told(drive: MakeDrive) -> None:
    run = launched(
        drive,
        await_signal=[TimedOut()],
        look_at_vm=[RUNS],
        deallocate_vm=[Refused(code="ScopeLocked", message="a lock")],
    )

    assert last(run)["status"] == Status.ERROR
    assert last(run)["error_reason"] == "ScopeLocked: a lock"
    assert last(run)["vm"]["vm_id"] == "v1"


def test_a_vm_that_is_started_in_place_is_not_asked_again_but_is_put_into_its_pools(
    drive: MakeDrive,
) -> None:
    before = claimed().run.model_copy(update={"data_disks": ()})
    run = drive(
        claim_operation=[node(before)],
        await_down=[DOWN],
        decide=[Decided(moves=(move(Rung.START),))],
        start_vm=[up().model_copy(update={"os_disk": disk("os")})],
        register_backends=[Done()],
        settle_operation=[Settled()] * 2,
    )

    run.run(replace(run, ReplaceNode(key=KEY, operation_id=OPERATION)))

    assert "await_signal" not in run.names
    assert run.names.index("start_vm") < run.names.index("register_backends")
    assert last(run)["status"] == Status.ACTIVE
