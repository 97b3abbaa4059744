"""The order of steps in which a VM is given up, by pause and by recycle."""

from typing import Any

import pytest

from orchestrators.pause import pause
from orchestrators.recycle import recycle
from shared.contracts.base import Changed, Done, NoCapacity, OperationInput, Refused
from shared.contracts.disk import DisksCopied
from shared.contracts.market import Decided, Nowhere
from shared.contracts.node import Claimed, Settled
from shared.contracts.signal import Heard, TimedOut
from shared.contracts.vm import Down, VmFacts, VmSeen, VmUp
from shared.model.market import Rung
from shared.model.run import RunState, Status
from shared.policy.footing import CHANGES_MAX
from tests.orchestrators.conftest import (
    KEY,
    OPERATION,
    START,
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
DOWN = Down(facts=VmFacts(exists=True, power="deallocated", id=vm().id))
RUNS = VmSeen(facts=VmFacts(exists=True, power="running", id=vm().id))
UP = VmUp(
    vm=vm(vm_id="v2"),
    os_disk=disk("os"),
    data_disks=(disk("data0", 0),),
    nics=(nic(),),
    version=2,
    digest="d2",
)
POOLS = {
    "loadBalancers": [
        {
            "type": "loadBalancer",
            "resourceGroupName": "rg",
            "name": "lb",
            "backendPoolNames": ["pool"],
        }
    ]
}


def node(run: RunState | None = None, **persistence: Any) -> Claimed:
    return claimed(run, **persistence)


def behind_a_balancer(*signals: str) -> Claimed:
    """A node in a backend pool, draining for 90 s, that waits for signals for 10 minutes."""
    whole = claimed()
    document = dict(whole.document)
    document["strategy"] = {
        "fallbackToOd": True,
        "drainingTimeout": 90,
        "signals": [{"type": one, "timeout": 600} for one in signals],
    }
    launch = {
        **document["compute"]["launchSpecification"],
        "loadBalancersConfig": POOLS,
    }
    document["compute"] = {**document["compute"], "launchSpecification": launch}
    return whole.model_copy(update={"document": document})


def settled(run: Any, index: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = run.request("settle_operation", index)["run"]
    return found


def test_a_pause_deallocates_before_it_deletes_and_ends_paused(drive: MakeDrive) -> None:
    """S19: the VM ends, the resources stay."""
    run = drive(
        claim_operation=[node()],
        deallocate_vm=[DOWN],
        delete_vm=[Done()],
        settle_operation=[Settled()],
    )

    ended = run.run(pause(run, REQUEST))

    after = settled(run)
    assert ended.outcome == "paused"
    assert run.request("claim_operation")["status"] == Status.PAUSING
    assert run.names == ["claim_operation", "deallocate_vm", "delete_vm", "settle_operation"]
    assert run.request("delete_vm")["even_if_running"] is False
    assert (after["status"], after["vm"]) == (Status.PAUSED, None)
    assert (after["private_ip"], after["public_ip"]) == (None, None)
    assert [one["name"] for one in (after["os_disk"], *after["data_disks"])] == ["os", "data0"]
    assert [one["name"] for one in after["nics"]] == ["nic0"]


def test_what_does_not_persist_goes_with_the_vm(drive: MakeDrive) -> None:
    """S7: disks, interfaces and addresses that the document does not keep are deleted."""
    run = drive(
        claim_operation=[
            node(
                shouldPersistOsDisk=False, shouldPersistDataDisks=False, shouldPersistNetwork=False
            )
        ],
        deallocate_vm=[DOWN],
        delete_vm=[Done()],
        delete_resources=[Done()],
        settle_operation=[Settled()],
    )

    run.run(pause(run, REQUEST))

    gone = run.request("delete_resources")["resource_ids"]
    after = settled(run)
    assert [one.rsplit("/", 1)[-1] for one in gone] == ["nic0", "nic0-ip", "os", "data0"]
    assert (after["os_disk"], after["data_disks"], after["nics"]) == (None, [], [])
    assert after["leftovers"] == []


def test_what_azure_will_not_delete_stays_on_the_nodes_list(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[node(shouldPersistOsDisk=False)],
        deallocate_vm=[DOWN],
        delete_vm=[Done()],
        delete_resources=[Refused(code="ScopeLocked", message="a lock")],
        settle_operation=[Settled()],
    )

    run.run(pause(run, REQUEST))

    after = settled(run)
    assert after["status"] == Status.PAUSED
    assert [one.rsplit("/", 1)[-1] for one in after["leftovers"]] == ["os"]
    assert "left over: ScopeLocked" in str(run.request("settle_operation")["log"])


def test_disks_that_are_rebuilt_are_captured_once_the_vm_is_gone(drive: MakeDrive) -> None:
    """S5, S6: the snapshot is of what the VM left; the disk itself stays until a VM has booted."""
    before = running().model_copy(update={"snapshots": ("old",)})
    run = drive(
        claim_operation=[node(before, osDiskPersistenceMode="onLaunch")],
        deallocate_vm=[DOWN],
        delete_vm=[Done()],
        copy_disks=[DisksCopied(disks=(disk("os"),), snapshot_ids=("new",))],
        delete_resources=[Done()],
        settle_operation=[Settled()],
    )

    run.run(pause(run, REQUEST))

    asked, after = run.request("copy_disks"), settled(run)
    assert run.names[2:4] == ["delete_vm", "copy_disks"]
    assert (asked["capture"], asked["generation"]) == (True, 2)
    assert [one["name"] for one in asked["disks"]] == ["os"]
    assert after["os_disk"]["name"] == "os"
    assert after["snapshots"] == ["new"]
    assert run.request("delete_resources")["resource_ids"] == ["old"]


def test_a_snapshot_that_azure_refuses_does_not_keep_a_node_from_its_rest(drive: MakeDrive) -> None:
    refused = NoCapacity(code="QuotaExceeded", message="snapshots", made=("half",))
    run = drive(
        claim_operation=[node(dataDisksPersistenceMode="onLaunch")],
        deallocate_vm=[DOWN],
        delete_vm=[Done()],
        copy_disks=[refused],
        delete_resources=[Done()],
        settle_operation=[Settled()],
    )

    run.run(pause(run, REQUEST))

    assert settled(run)["status"] == Status.PAUSED
    assert settled(run)["data_disks"][0]["name"] == "data0"
    assert run.request("delete_resources")["resource_ids"] == ["half"]


def test_a_node_leaves_its_pools_and_drains_before_its_vm_goes_down(drive: MakeDrive) -> None:
    """R64: nothing new comes, and what is open has the draining time to end."""
    run = drive(
        claim_operation=[behind_a_balancer()],
        look_at_vm=[RUNS],
        deregister_backends=[Done()],
        deallocate_vm=[DOWN],
        delete_vm=[Done()],
        settle_operation=[Settled()],
    )

    run.run(pause(run, REQUEST))

    assert run.names[1:5] == ["look_at_vm", "deregister_backends", "timer", "deallocate_vm"]
    drained = run.calls[3].fire_at
    assert drained
    assert (drained - START).total_seconds() == pytest.approx(93, abs=1)


def test_a_vm_that_is_down_is_neither_drained_nor_heard(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[behind_a_balancer("vmReadyToShutdown")],
        look_at_vm=[VmSeen(facts=DOWN.facts)],
        deregister_backends=[Done()],
        deallocate_vm=[DOWN],
        delete_vm=[Done()],
        settle_operation=[Settled()],
    )

    run.run(pause(run, REQUEST))

    assert run.names[2:4] == ["deregister_backends", "deallocate_vm"]


def test_pools_that_azure_will_not_let_the_node_leave_do_not_hold_it(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[behind_a_balancer()],
        look_at_vm=[RUNS],
        deregister_backends=[Changed(code="Conflict", message="")] * CHANGES_MAX,
        deallocate_vm=[DOWN],
        delete_vm=[Done()],
        settle_operation=[Settled()],
    )

    run.run(pause(run, REQUEST))

    assert settled(run)["status"] == Status.PAUSED
    assert "still in its backend pools" in str(run.request("settle_operation")["log"])


def test_the_vm_may_say_that_it_may_be_shut_down(drive: MakeDrive) -> None:
    """S84: the signal ends the wait."""
    run = drive(
        claim_operation=[behind_a_balancer("vmReadyToShutdown")],
        look_at_vm=[RUNS],
        deregister_backends=[Done()],
        await_signal=[Heard(at=START)],
        deallocate_vm=[DOWN],
        delete_vm=[Done()],
        settle_operation=[Settled()],
    )

    run.run(pause(run, REQUEST))

    asked = run.request("await_signal")
    assert asked["signal"] == "vmReadyToShutdown"
    assert run.names.index("await_signal") < run.names.index("deallocate_vm")


def test_a_vm_that_says_nothing_is_shut_down_at_the_end_of_its_time(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[behind_a_balancer("vmReadyToShutdown")],
        look_at_vm=[RUNS] * 12,
        deregister_backends=[Done()],
        await_signal=[TimedOut()] * 12,
        deallocate_vm=[DOWN],
        delete_vm=[Done()],
        settle_operation=[Settled()],
    )
    run.seconds_per_call = 30.0

    run.run(pause(run, REQUEST))

    assert 9 <= run.names.count("await_signal") <= 11
    assert "did not say in its time" in str(run.request("settle_operation")["log"])


def test_a_vm_that_azure_takes_meanwhile_is_not_waited_for(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[behind_a_balancer("vmReadyToShutdown")],
        look_at_vm=[RUNS, VmSeen(facts=DOWN.facts)],
        deregister_backends=[Done()],
        await_signal=[TimedOut()],
        deallocate_vm=[DOWN],
        delete_vm=[Done()],
        settle_operation=[Settled()],
    )

    run.run(pause(run, REQUEST))

    assert run.names.count("await_signal") == 1


def test_somebody_who_starts_the_vm_again_does_not_keep_the_node_up(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[node()],
        deallocate_vm=[DOWN, DOWN],
        delete_vm=[Changed(code="StillRunning", message=""), Done()],
        settle_operation=[Settled()],
    )

    run.run(pause(run, REQUEST))

    assert settled(run)["status"] == Status.PAUSED
    steps = [one.request["work"]["step"] for one in run.calls if one.name == "delete_vm"]
    assert steps == ["delete-vm-0", "delete-vm-1"]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"deallocate_vm": [Refused(code="ScopeLocked", message="a lock")]}, "ScopeLocked: a lock"),
        (
            {"deallocate_vm": [DOWN], "delete_vm": [Refused(code="NotOurs", message="untagged")]},
            "NotOurs: untagged",
        ),
        (
            {
                "deallocate_vm": [DOWN] * CHANGES_MAX,
                "delete_vm": [Changed(code="StillRunning", message="it runs")] * CHANGES_MAX,
            },
            "StillRunning: it runs",
        ),
    ],
    ids=["not stopped", "not deleted", "started time and again"],
)
@pytest.mark.parametrize(("runbook", "action"), [(pause, "Pause"), (recycle, "Recycle")])
def test_a_vm_that_azure_will_not_let_go_is_the_nodes_and_the_node_says_why(
    drive: MakeDrive, runbook: Any, action: str, answers: dict[str, Any], reason: str
) -> None:
    kept = {name: [*given] for name, given in answers.items()}
    run = drive(
        claim_operation=[behind_a_balancer()],
        look_at_vm=[RUNS],
        deregister_backends=[Done()],
        register_backends=[Done()],
        settle_operation=[Settled()],
        **kept,
    )

    ended = run.run(runbook(run, REQUEST))

    after = settled(run)
    assert ended.outcome == "refused"
    assert after["status"] == Status.ERROR
    assert after["error_reason"] == f"{action} action failed. {reason}"
    assert after["vm"]["name"] == "db-00000001"
    assert run.names[-2:] == ["register_backends", "settle_operation"]


def test_a_waiting_node_without_a_vm_is_paused_at_once(drive: MakeDrive) -> None:
    before = running().model_copy(update={"vm": None})
    run = drive(claim_operation=[node(before)], settle_operation=[Settled()])

    run.run(pause(run, REQUEST))

    assert run.names == ["claim_operation", "settle_operation"]
    assert settled(run)["status"] == Status.PAUSED


def test_a_recycle_says_that_the_vm_is_gone_before_it_launches_another(drive: MakeDrive) -> None:
    """S12: paused, then a new VM of the configuration as it is now."""
    before = running().model_copy(update={"status": Status.RECYCLING})
    run = drive(
        claim_operation=[node(before)],
        deallocate_vm=[DOWN],
        delete_vm=[Done()],
        decide=[Decided(moves=(move(Rung.REATTACH, market("Standard_D4s_v5")),))],
        create_vm=[UP],
        settle_operation=[Settled(), Settled()],
    )

    ended = run.run(recycle(run, REQUEST))

    given_up = run.request("settle_operation")
    assert ended.outcome == "active"
    assert run.request("claim_operation")["status"] == Status.RECYCLING
    assert (given_up["keep"], given_up["run"]["vm"]) == (True, None)
    assert given_up["run"]["status"] == Status.RECYCLING
    assert run.request("create_vm")["generation"] == 2
    after = settled(run, 1)
    assert (after["status"], after["generation"]) == (Status.ACTIVE, 2)
    assert after["rollback_reason"] is None


@pytest.mark.parametrize(
    ("decision", "reason"),
    [
        (Nowhere(reason="no market is open", until=START), "no market is open"),
        (Refused(code="ImageNotFound", message="gone"), "ImageNotFound: gone"),
    ],
    ids=["no room", "refused"],
)
def test_a_recycle_that_finds_no_way_goes_back_to_where_the_node_was(
    drive: MakeDrive, decision: Any, reason: str
) -> None:
    """S18: the node runs again, and says why not as it was asked to."""
    run = drive(
        claim_operation=[node()],
        deallocate_vm=[DOWN],
        delete_vm=[Done()],
        decide=[decision],
        create_vm=[UP],
        settle_operation=[Settled(), Settled()],
    )

    ended = run.run(recycle(run, REQUEST))

    back, after = run.request("create_vm")["market"], settled(run, 1)
    assert ended.outcome == "active"
    assert (back["size"], back["zone"], back["lifecycle"]) == ("Standard_D2s_v5", "1", "SPOT")
    assert after["rollback_reason"] == reason
    assert after["status"] == Status.ACTIVE


def test_the_market_that_was_tried_is_not_gone_back_to(drive: MakeDrive) -> None:
    full = NoCapacity(code="SkuNotAvailable", message="", scope="size_in_zone")
    run = drive(
        claim_operation=[node()],
        deallocate_vm=[DOWN],
        delete_vm=[Done()],
        decide=[Decided(moves=(move(Rung.REATTACH),)), Nowhere(reason="full", until=START)],
        create_vm=[full],
        settle_operation=[Settled(), Settled()],
    )

    ended = run.run(recycle(run, REQUEST))

    assert ended.outcome == "waiting"
    assert run.names.count("create_vm") == 1
    after = settled(run, 1)
    assert (after["status"], after["vm"]) == (Status.RESUMING, None)
    assert after["os_disk"]["name"] == "os"


def test_a_way_back_that_is_closed_too_leaves_the_node_waiting(drive: MakeDrive) -> None:
    full = NoCapacity(code="AllocationFailed", message="", scope="size_in_zone")
    run = drive(
        claim_operation=[node()],
        deallocate_vm=[DOWN],
        delete_vm=[Done()],
        decide=[Nowhere(reason="no market is open", until=START)],
        create_vm=[full],
        settle_operation=[Settled(), Settled()],
    )

    ended = run.run(recycle(run, REQUEST))

    assert (ended.outcome, ended.reason) == ("waiting", "no market is open")


def test_a_node_in_error_without_a_vm_is_recycled_by_a_launch(drive: MakeDrive) -> None:
    before = running().model_copy(update={"vm": None})
    run = drive(
        claim_operation=[node(before)],
        decide=[Decided(moves=(move(Rung.REATTACH),))],
        create_vm=[UP],
        settle_operation=[Settled(), Settled()],
    )

    ended = run.run(recycle(run, REQUEST))

    assert ended.outcome == "active"
    assert "deallocate_vm" not in run.names
