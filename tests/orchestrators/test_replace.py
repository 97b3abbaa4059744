"""The order of steps of replace, with typed replies."""

from typing import Any

import pytest

from orchestrators.replace import ReplaceNode, replace
from shared.contracts.base import Changed, Done, NoCapacity, Refused, StillRunning, Throttled
from shared.contracts.disk import DisksCopied
from shared.contracts.market import Decided, Nowhere
from shared.contracts.nic import NicsReady
from shared.contracts.node import NotOurs, Settled
from shared.contracts.vm import Down, StillUp, VmFacts, VmUp
from shared.model.market import Rung
from shared.model.run import Status
from shared.policy.footing import CHANGES_MAX, ROUNDS_MAX
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

REQUEST = ReplaceNode(key=KEY, operation_id=OPERATION, why="evicted")
FACTS = VmFacts(exists=True, power="deallocated", provisioning="Succeeded", id=vm().id, vm_id="v1")
DOWN = Down(facts=FACTS)


def up(**changes: Any) -> VmUp:
    whole = VmUp(
        vm=vm(vm_id="v2"), os_disk=disk("os"), data_disks=(disk("data0", 0),), nics=(nic(),)
    )
    return whole.model_copy(update=changes)


def no_room(**more: Any) -> NoCapacity:
    return NoCapacity(code="SkuNotAvailable", message="none left", **more)


def test_a_start_in_place_takes_five_activities(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[claimed()],
        await_down=[DOWN],
        decide=[Decided(moves=(move(Rung.START),))],
        start_vm=[up()],
        settle_operation=[Settled()],
    )

    ended = run.run(replace(run, REQUEST))

    assert ended.outcome == "active"
    assert run.names == [
        "claim_operation",
        "await_down",
        "decide",
        "start_vm",
        "settle_operation",
    ]
    settled = run.request("settle_operation")["run"]
    assert settled["status"] == Status.ACTIVE
    assert settled["generation"] == 1
    assert settled["os_disk"]["name"] == "os"


def test_reattach_deletes_the_vm_then_creates_it_under_its_name_with_its_disks(
    drive: MakeDrive,
) -> None:
    run = drive(
        claim_operation=[claimed()],
        await_down=[DOWN],
        decide=[Decided(moves=(move(Rung.REATTACH, market(spot=False)),))],
        delete_vm=[Done()],
        create_vm=[up()],
        settle_operation=[Settled()],
    )

    run.run(replace(run, REQUEST))

    request = run.request("create_vm")
    assert run.names[3:5] == ["delete_vm", "create_vm"]
    assert request["name"] == "db-00000001"
    assert request["os_disk"]["name"] == "os"
    assert [one["name"] for one in request["data_disks"]] == ["data0"]
    assert [one["name"] for one in request["nics"]] == ["nic0"]
    assert request["generation"] == 2


def test_a_full_zone_sends_the_node_to_another_by_copies_made_before_anything_is_given_up(
    drive: MakeDrive,
) -> None:
    copies = DisksCopied(
        disks=(disk("os-c", zone="2"), disk("data0-c", 0, zone="2")), snapshot_ids=("/s/a", "/s/b")
    )
    run = drive(
        claim_operation=[claimed()],
        await_down=[DOWN],
        decide=[Decided(moves=(move(Rung.START), move(Rung.COPY, market(zone="2"))))],
        start_vm=[no_room(scope="size_in_zone")],
        copy_disks=[copies],
        delete_vm=[Done()],
        create_vm=[up(os_disk=disk("os-c", zone="2"), data_disks=(disk("data0-c", 0, zone="2"),))],
        settle_operation=[Settled(), Settled()],
        delete_resources=[Done()],
    )

    run.run(replace(run, REQUEST))

    assert run.names[3:] == [
        "start_vm",
        "copy_disks",
        "delete_vm",
        "create_vm",
        "settle_operation",
        "delete_resources",
        "settle_operation",
    ]
    assert run.request("create_vm")["os_disk"]["name"] == "os-c"
    gone = run.request("delete_resources")["resource_ids"]
    assert [one.rsplit("/", 1)[-1] for one in gone] == ["os", "data0"]
    assert run.request("settle_operation")["keep"] is True
    assert run.request("settle_operation", 0)["run"]["snapshots"] == ["/s/a", "/s/b"]


def test_a_create_refused_late_has_its_failed_vm_deleted_before_the_next_try(
    drive: MakeDrive,
) -> None:
    refused = no_room(scope="size_in_zone", left_behind=vm().id)
    run = drive(
        claim_operation=[claimed()],
        await_down=[DOWN],
        decide=[
            Decided(moves=(move(Rung.REATTACH), move(Rung.REATTACH, market("Standard_D2as_v5"))))
        ],
        delete_vm=[Done(), Done()],
        create_vm=[refused, up()],
        settle_operation=[Settled()],
    )

    ended = run.run(replace(run, REQUEST))

    assert ended.outcome == "active"
    assert run.names[3:7] == ["delete_vm", "create_vm", "delete_vm", "create_vm"]


def test_once_the_vm_is_given_up_no_start_is_tried(drive: MakeDrive) -> None:
    moves = (move(Rung.REATTACH), move(Rung.START, market("Standard_E2s_v5")))
    run = drive(
        claim_operation=[claimed()],
        await_down=[DOWN],
        decide=[Decided(moves=moves), Nowhere(reason="all full", until=START)],
        delete_vm=[Done()],
        create_vm=[no_room(scope="size_in_zone")],
        settle_operation=[Settled()],
    )

    ended = run.run(replace(run, REQUEST))

    assert ended.outcome == "waiting"
    assert "start_vm" not in run.names


def test_a_family_out_of_quota_is_not_asked_for_again(drive: MakeDrive) -> None:
    moves = (
        move(Rung.START),
        move(Rung.RESIZE, market("Standard_D4s_v5")),
        move(Rung.REATTACH, market(spot=False)),
    )
    run = drive(
        claim_operation=[claimed()],
        await_down=[DOWN],
        decide=[Decided(moves=moves)],
        start_vm=[no_room(scope="lifecycle")],
        delete_vm=[Done()],
        create_vm=[up()],
        settle_operation=[Settled()],
    )

    run.run(replace(run, REQUEST))

    assert run.names.count("start_vm") == 1


def test_after_the_spot_budget_on_demand_is_used(drive: MakeDrive) -> None:
    moves = (
        move(Rung.START),
        move(Rung.RESIZE, market("Standard_E2s_v5")),
        move(Rung.REATTACH, market(spot=False)),
    )
    run = drive(
        claim_operation=[claimed()],
        await_down=[DOWN],
        decide=[Decided(moves=moves)],
        start_vm=[no_room(scope="size_in_zone")],
        delete_vm=[Done()],
        create_vm=[up()],
        settle_operation=[Settled()],
    )
    run.seconds_per_call = 121

    run.run(replace(run, REQUEST))

    assert run.names.count("start_vm") == 1
    assert run.request("create_vm")["market"]["lifecycle"] == "OD"


def test_no_market_leaves_the_node_waiting_with_a_date(drive: MakeDrive) -> None:
    """A17: without Spot and without on-demand the node goes on trying and says so."""
    until = START.replace(hour=1)
    run = drive(
        claim_operation=[claimed()],
        await_down=[DOWN],
        decide=[Nowhere(reason="no Spot capacity in any allowed market", until=until)],
        settle_operation=[Settled()],
    )

    ended = run.run(replace(run, REQUEST))

    settle = run.request("settle_operation")
    assert ended.outcome == "waiting"
    assert settle["run"]["status"] == Status.RESUMING
    assert settle["run"]["waiting"]["reason"] == "no Spot capacity in any allowed market"
    assert [item["kind"] for item in settle["due"]] == ["capacity_retry"]
    assert settle["log"][0]["severity"] == "WARN"


def test_a_ranking_of_which_nothing_can_be_tried_is_the_last(drive: MakeDrive) -> None:
    again = Decided(moves=(move(Rung.START),))
    run = drive(
        claim_operation=[claimed()],
        await_down=[DOWN],
        decide=[again, again],
        start_vm=[no_room(scope="size_in_zone")],
        settle_operation=[Settled()],
    )

    ended = run.run(replace(run, REQUEST))

    assert ended.outcome == "waiting"
    assert run.names.count("decide") == 2
    assert run.names.count("start_vm") == 1


def test_full_markets_are_ranked_three_times_at_most(drive: MakeDrive) -> None:
    rankings = [
        Decided(moves=(move(Rung.RESIZE, market(size)),))
        for size in ("Standard_D2s_v5", "Standard_D4s_v5", "Standard_E2s_v5")
    ]
    run = drive(
        claim_operation=[claimed()],
        await_down=[DOWN],
        decide=[*rankings],
        start_vm=[no_room(scope="size_in_zone") for _ in rankings],
        settle_operation=[Settled()],
    )

    ended = run.run(replace(run, REQUEST))

    assert ended.reason == "no room in any of 3 markets tried"
    assert run.names.count("decide") == ROUNDS_MAX


def test_facts_that_change_are_read_anew_and_after_some_times_a_person_is_told(
    drive: MakeDrive,
) -> None:
    changed = Changed(code="OperationPreempted", message="another call")
    run = drive(
        claim_operation=[claimed()],
        await_down=[DOWN],
        decide=[Decided(moves=(move(Rung.START),), vm=FACTS) for _ in range(CHANGES_MAX)],
        start_vm=[changed for _ in range(CHANGES_MAX)],
        settle_operation=[Settled()],
    )

    ended = run.run(replace(run, REQUEST))

    settled = run.request("settle_operation")["run"]
    assert (ended.outcome, settled["status"]) == ("refused", Status.ERROR)
    assert settled["error_reason"] == "time and again: OperationPreempted: another call"
    assert [run.request("decide", index)["look_at"] for index in (0, 1)] == ["", FACTS.id]
    assert settled["vm"]["id"] == FACTS.id


def test_a_vm_that_cannot_even_be_looked_at_stops_the_node_with_azures_words(
    drive: MakeDrive,
) -> None:
    run = drive(
        claim_operation=[claimed()],
        await_down=[Refused(code="AuthorizationFailed", message="no role")],
        settle_operation=[Settled()],
    )

    run.run(replace(run, REQUEST))

    settled = run.request("settle_operation")["run"]
    assert settled["error_reason"] == "AuthorizationFailed: no role"
    assert settled["vm"]["id"] == vm().id


def test_a_quota_of_copies_closes_the_markets_that_need_copies_alone(drive: MakeDrive) -> None:
    moves = (move(Rung.COPY, market(zone="2")), move(Rung.REATTACH, market(spot=False)))
    run = drive(
        claim_operation=[claimed()],
        await_down=[DOWN],
        decide=[Decided(moves=moves)],
        copy_disks=[no_room(scope="size_in_zone", made=("/d/half-made",))],
        delete_vm=[Done()],
        create_vm=[up()],
        settle_operation=[Settled(), Settled()],
        delete_resources=[Done()],
    )

    ended = run.run(replace(run, REQUEST))

    assert ended.outcome == "active"
    assert run.request("delete_resources")["resource_ids"] == ["/d/half-made"]


def test_what_azure_refuses_for_good_stops_with_its_own_words(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[claimed()],
        await_down=[DOWN],
        decide=[Decided(moves=(move(Rung.REATTACH),))],
        delete_vm=[Refused(code="ScopeLocked", message="a lock")],
        settle_operation=[Settled()],
    )

    ended = run.run(replace(run, REQUEST))

    assert ended.outcome == "refused"
    assert run.request("settle_operation")["run"]["error_reason"] == "ScopeLocked: a lock"
    assert "create_vm" not in run.names


def test_a_vm_that_runs_after_all_is_left_alone(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[claimed()],
        await_down=[StillUp(facts=FACTS.model_copy(update={"power": "running"}))],
        settle_operation=[Settled()],
    )

    ended = run.run(replace(run, REQUEST))

    assert ended.outcome == "active"
    assert run.names == ["claim_operation", "await_down", "settle_operation"]


def test_an_operation_that_does_not_hold_the_node_does_nothing(drive: MakeDrive) -> None:
    run = drive(claim_operation=[NotOurs(reason="finished")])

    ended = run.run(replace(run, REQUEST))

    assert ended.outcome == "not_ours"


def test_an_unpersisted_network_gets_new_nics_and_the_old_ones_go_at_the_end(
    drive: MakeDrive,
) -> None:
    fresh = nic("nic0-g2")
    run = drive(
        claim_operation=[claimed(shouldPersistNetwork=False)],
        await_down=[DOWN],
        decide=[Decided(moves=(move(Rung.REATTACH),))],
        delete_vm=[Done()],
        ensure_nics=[NicsReady(nics=(fresh,))],
        create_vm=[up(nics=(fresh,))],
        settle_operation=[Settled(), Settled()],
        delete_resources=[Done()],
    )

    run.run(replace(run, REQUEST))

    gone = run.request("delete_resources")["resource_ids"]
    assert run.request("create_vm")["name"] == "db-00000001-g2"
    assert [one.rsplit("/", 1)[-1] for one in gone] == ["nic0", "nic0-ip"]


def test_an_unpersisted_os_disk_is_made_fresh_and_the_old_one_goes_at_the_end(
    drive: MakeDrive,
) -> None:
    run = drive(
        claim_operation=[claimed(shouldPersistOsDisk=False)],
        await_down=[DOWN],
        decide=[Decided(moves=(move(Rung.REATTACH),))],
        delete_vm=[Done()],
        create_vm=[up(os_disk=disk("os-g2"))],
        settle_operation=[Settled(), Settled()],
        delete_resources=[Done()],
    )

    run.run(replace(run, REQUEST))

    assert run.request("create_vm").get("os_disk") is None
    gone = run.request("delete_resources")["resource_ids"]
    assert [one.rsplit("/", 1)[-1] for one in gone] == ["os"]


def test_throttling_and_long_operations_are_waited_out_by_the_seam(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[claimed()],
        await_down=[StillRunning(token="t1"), DOWN],  # noqa: S106 - no secret
        decide=[Throttled(retry_after_s=30), Decided(moves=(move(Rung.START),))],
        start_vm=[up()],
        settle_operation=[Settled()],
    )

    run.run(replace(run, REQUEST))

    assert run.names[1:6] == ["await_down", "timer", "await_down", "decide", "timer"]
    assert run.request("await_down", 1)["token"] == "t1"  # noqa: S105 - no secret


@pytest.mark.parametrize("lost", ["vm", None])
def test_a_node_whose_vm_is_gone_is_created_anew_on_its_disks(
    drive: MakeDrive, lost: str | None
) -> None:
    node = claimed() if lost else claimed(running().model_copy(update={"vm": None}))
    run = drive(
        claim_operation=[node],
        await_down=[Down(facts=VmFacts(exists=False))],
        decide=[Decided(moves=(move(Rung.REATTACH),))],
        create_vm=[up()],
        settle_operation=[Settled()],
    )

    run.run(replace(run, REQUEST))

    assert "delete_vm" not in run.names
    assert run.request("create_vm")["os_disk"]["name"] == "os"
