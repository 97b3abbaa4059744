"""Stop, start and resume: the order of steps, and every end."""

from typing import Any

import pytest

from orchestrators.pause import pause
from orchestrators.recycle import recycle
from orchestrators.resume import resume
from orchestrators.start import start
from orchestrators.stop import stop
from shared.contracts.base import Changed, Done, NoCapacity, OperationInput, Refused
from shared.contracts.market import Decided, Nowhere
from shared.contracts.node import NotOurs, Settled
from shared.contracts.vm import Down, VmFacts, VmSeen, VmUp
from shared.model.market import Rung
from shared.model.run import RunState, Status, Waiting
from shared.policy.footing import CHANGES_MAX
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
    running,
    vm,
)

REQUEST = OperationInput(key=KEY, operation_id=OPERATION)
FACTS = VmFacts(
    exists=True,
    power="deallocated",
    id=vm().id,
    vm_id="v1",
    size="Standard_D2s_v5",
    zone="1",
    spot=True,
)
DOWN = Down(facts=FACTS)
SEEN = VmSeen(facts=FACTS)
GONE = VmSeen(facts=VmFacts(exists=False))
UP = VmUp(vm=vm(vm_id="v2"), os_disk=disk("os"), data_disks=(disk("data0", 0),), nics=(nic(),))
FULL = NoCapacity(code="AllocationFailed", message="none left", scope="size_in_zone")


def stopped() -> RunState:
    return running().model_copy(update={"status": Status.STARTING, "rests_since": START})


def last(run: Drive) -> dict[str, Any]:
    found = [one.request for one in run.calls if one.name == "settle_operation"]
    state: dict[str, Any] = found[-1]["run"]
    return state


@pytest.mark.parametrize("runbook", [pause, resume, recycle, stop, start])
def test_an_operation_that_is_not_the_nodes_does_nothing(drive: MakeDrive, runbook: Any) -> None:
    run = drive(claim_operation=[NotOurs(reason="held")])

    ended = run.run(runbook(run, REQUEST))

    assert (ended.outcome, run.names) == ("not_ours", ["claim_operation"])


def test_a_stop_deallocates_the_vm_and_keeps_it(drive: MakeDrive) -> None:
    """S14: Azure's own stop, of the same VM."""
    run = drive(claim_operation=[claimed()], deallocate_vm=[DOWN], settle_operation=[Settled()])

    ended = run.run(stop(run, REQUEST))

    assert ended.outcome == "stopped"
    assert run.request("claim_operation")["status"] == Status.STOPPING
    assert run.names == ["claim_operation", "deallocate_vm", "settle_operation"]
    assert (last(run)["status"], last(run)["vm"]["vm_id"]) == (Status.STOPPED, "v1")
    assert last(run)["rests_since"] is not None


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([Refused(code="ScopeLocked", message="a lock")], "ScopeLocked: a lock"),
        ([Changed(code="Conflict", message="busy")] * CHANGES_MAX, "Conflict: busy"),
    ],
    ids=["refused", "changed time and again"],
)
def test_a_stop_that_azure_refuses_leaves_the_vm_and_says_why(
    drive: MakeDrive, answers: list[Any], reason: str
) -> None:
    run = drive(claim_operation=[claimed()], deallocate_vm=answers, settle_operation=[Settled()])

    ended = run.run(stop(run, REQUEST))

    assert ended.outcome == "refused"
    assert (last(run)["status"], last(run)["vm"]["vm_id"]) == (Status.ERROR, "v1")
    assert last(run)["error_reason"] == f"Stop action failed. {reason}"


def test_a_node_whose_vm_is_gone_is_stopped_all_the_same(drive: MakeDrive) -> None:
    before = running().model_copy(update={"vm": None})
    run = drive(claim_operation=[claimed(before)], settle_operation=[Settled()])

    run.run(stop(run, REQUEST))

    assert last(run)["status"] == Status.STOPPED


def test_a_start_starts_the_same_vm_without_ranking_any_market(drive: MakeDrive) -> None:
    """S13: the VM that was stopped runs again."""
    run = drive(
        claim_operation=[claimed(stopped())],
        look_at_vm=[SEEN],
        start_vm=[UP],
        settle_operation=[Settled()],
    )

    ended = run.run(start(run, REQUEST))

    asked = run.request("start_vm")["market"]
    assert ended.outcome == "active"
    assert run.request("claim_operation")["status"] == Status.STARTING
    assert "decide" not in run.names
    assert (asked["size"], asked["zone"], asked["lifecycle"]) == ("Standard_D2s_v5", "1", "SPOT")
    assert (last(run)["status"], last(run)["generation"]) == (Status.ACTIVE, 1)
    assert last(run)["rests_since"] is None


def test_without_room_for_the_vm_another_takes_its_place(drive: MakeDrive) -> None:
    other = move(Rung.REATTACH, market("Standard_D4s_v5"))
    run = drive(
        claim_operation=[claimed(stopped())],
        look_at_vm=[SEEN],
        start_vm=[FULL],
        decide=[Decided(moves=(other,), vm=FACTS)],
        delete_vm=[Done()],
        create_vm=[UP],
        settle_operation=[Settled()],
    )

    ended = run.run(start(run, REQUEST))

    assert ended.outcome == "active"
    assert run.request("decide")["look_at"] == vm().id
    assert (last(run)["status"], last(run)["generation"]) == (Status.ACTIVE, 2)


def test_a_start_without_room_anywhere_leaves_the_node_waiting_with_its_vm(
    drive: MakeDrive,
) -> None:
    run = drive(
        claim_operation=[claimed(stopped())],
        look_at_vm=[SEEN],
        start_vm=[FULL],
        decide=[Nowhere(reason="full", until=START, vm=FACTS)],
        settle_operation=[Settled()],
    )

    ended = run.run(start(run, REQUEST))

    assert ended.outcome == "waiting"
    assert (last(run)["status"], last(run)["vm"]["vm_id"]) == (Status.RESUMING, "v1")
    assert last(run)["waiting"]["reason"] == "full"


@pytest.mark.parametrize("run_before", [stopped(), stopped().model_copy(update={"vm": None})])
def test_a_stopped_node_whose_vm_somebody_deleted_is_launched_anew(
    drive: MakeDrive, run_before: RunState
) -> None:
    run = drive(
        claim_operation=[claimed(run_before)],
        look_at_vm=[GONE],
        decide=[Decided(moves=(move(Rung.REATTACH),))],
        create_vm=[UP],
        settle_operation=[Settled()],
    )

    ended = run.run(start(run, REQUEST))

    assert ended.outcome == "active"
    assert "start_vm" not in run.names
    assert run.request("create_vm")["os_disk"]["name"] == "os"


def test_a_vm_that_vanishes_while_it_is_started_is_launched_anew(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[claimed(stopped())],
        look_at_vm=[SEEN],
        start_vm=[Changed(code="VmVanished", message="")],
        decide=[Decided(moves=(move(Rung.REATTACH),), vm=GONE.facts)],
        create_vm=[UP],
        settle_operation=[Settled()],
    )

    ended = run.run(start(run, REQUEST))

    assert ended.outcome == "active"
    assert last(run)["generation"] == 2


def test_a_resume_launches_on_what_was_kept(drive: MakeDrive) -> None:
    """S19: a new VM with the same disks, interfaces and addresses."""
    paused = running().model_copy(update={"vm": None, "private_ip": None, "public_ip": None})
    run = drive(
        claim_operation=[claimed(paused)],
        decide=[Decided(moves=(move(Rung.REATTACH),))],
        create_vm=[UP],
        settle_operation=[Settled()],
    )

    ended = run.run(resume(run, REQUEST))

    asked = run.request("create_vm")
    assert ended.outcome == "active"
    assert run.request("claim_operation")["status"] == Status.RESUMING
    assert run.names == ["claim_operation", "decide", "create_vm", "settle_operation"]
    assert (asked["generation"], asked["os_disk"]["name"]) == (2, "os")
    assert [one["name"] for one in asked["nics"]] == ["nic0"]
    assert last(run)["private_ip"] == "10.0.0.4"


def test_a_resume_without_room_waits_with_a_date_and_all_it_has(drive: MakeDrive) -> None:
    paused = running().model_copy(update={"vm": None})
    run = drive(
        claim_operation=[claimed(paused)],
        decide=[Nowhere(reason="full", until=START)],
        settle_operation=[Settled()],
    )

    ended = run.run(resume(run, REQUEST))

    due = run.request("settle_operation")["due"]
    assert ended.outcome == "waiting"
    assert last(run)["status"] == Status.RESUMING
    assert [one["kind"] for one in due] == ["capacity_retry"]
    assert last(run)["os_disk"]["name"] == "os"


def test_a_node_in_error_whose_vm_runs_is_taken_as_it_is(drive: MakeDrive) -> None:
    runs = FACTS.model_copy(update={"power": "running"})
    run = drive(
        claim_operation=[claimed()],
        look_at_vm=[VmSeen(facts=runs)],
        decide=[Decided(moves=(move(Rung.START),))],
        start_vm=[UP],
        settle_operation=[Settled()],
    )

    ended = run.run(resume(run, REQUEST))

    assert ended.outcome == "active"
    assert run.request("decide")["vm"]["power"] == "running"
    assert last(run)["generation"] == 1


@pytest.mark.parametrize("runbook", [resume, start])
def test_a_vm_that_cannot_even_be_looked_at_stops_the_node_with_all_it_has(
    drive: MakeDrive, runbook: Any
) -> None:
    run = drive(
        claim_operation=[claimed()],
        look_at_vm=[Refused(code="AuthorizationFailed", message="no role")],
        settle_operation=[Settled()],
    )

    ended = run.run(runbook(run, REQUEST))

    assert ended.outcome == "refused"
    assert last(run)["status"] == Status.ERROR
    assert last(run)["vm"]["vm_id"] == "v1"


def test_a_pause_forgets_that_the_node_waited(drive: MakeDrive) -> None:
    before = running().model_copy(
        update={"vm": None, "waiting": Waiting(reason="full", until=START, attempt=3)}
    )
    run = drive(claim_operation=[claimed(before)], settle_operation=[Settled()])

    run.run(pause(run, REQUEST))

    assert last(run)["waiting"] is None
