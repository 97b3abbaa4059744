"""Import, step by step: where an answer is no, the source gets back all that it had."""

import pytest

from orchestrators.import_vm import import_vm
from shared.contracts.base import Changed, Done, Refused, StillRunning
from shared.contracts.market import Decided
from shared.durable import SLOW_MAX
from shared.model.market import Rung
from shared.model.run import Row, Status
from shared.policy.footing import CHANGES_MAX
from shared.policy.imported import STARTS_MAX
from tests.orchestrators.conftest import MakeDrive, market, move, vm
from tests.orchestrators.importing import (
    FULL,
    NO,
    NOWHERE,
    POOLS,
    answers,
    importing,
    names,
    secured,
    settled,
    up,
)

GIVEN_BACK = ["start_source", "release_source", "end_import", "delete_resources"]
TWICE = (Done(), Done())
REFUSED = ["release_source", "end_import", "settle_operation"]


@pytest.mark.parametrize("answer", [NOWHERE, NO])
def test_where_no_market_is_open_the_source_is_not_touched(drive: MakeDrive, answer: Row) -> None:
    run = drive(**answers(decide=[answer]))

    ended = run.run(import_vm(run, importing()))

    assert ended.outcome == "refused"
    assert run.names == ["claim_operation", "decide", *REFUSED]
    state = settled(run)
    assert state["status"] == Status.ERROR
    assert state["error_reason"] == f"Import failed. {ended.reason}"
    assert state["rollback_reason"].endswith("The virtual machine is as it was.")
    assert run.request("end_import")["state"] == "ImportFailed"


@pytest.mark.parametrize(
    ("refused", "undone"),
    [
        ({"secure_source": [NO]}, []),
        ({"hold_addresses": [NO]}, ["start_source"]),
        ({"stop_source": [NO]}, ["start_source"]),
        ({"copy_disks": [NO]}, ["start_source"]),
        ({"free_nics": [NO]}, ["give_back_nics", "start_source"]),
    ],
)
def test_a_step_that_azure_refuses_is_the_last_and_those_before_it_are_undone(
    drive: MakeDrive, refused: dict[str, list[Row]], undone: list[str]
) -> None:
    run = drive(**answers(**refused))

    ended = run.run(import_vm(run, importing()))

    (step,) = refused
    after = run.names[run.names.index(step) + 1 :]
    assert ended.outcome == "refused"
    assert [one for one in after if one != "delete_resources"] == [*undone, *REFUSED]
    assert settled(run)["status"] == Status.ERROR


def test_after_a_conversion_that_is_refused_the_source_runs_again(drive: MakeDrive) -> None:
    blobs = secured(unmanaged=True, os_disk=None, data_disks=())
    run = drive(**answers(secure_source=[blobs], convert_source=[NO]))

    run.run(import_vm(run, importing(convert=True)))

    assert run.names[-5:] == ["convert_source", "start_source", *REFUSED]


def test_a_blob_that_turns_up_though_nobody_allowed_its_conversion_ends_the_import(
    drive: MakeDrive,
) -> None:
    run = drive(**answers(secure_source=[secured(unmanaged=True)]))

    ended = run.run(import_vm(run, importing()))

    assert ended.reason == "Unmanaged: a disk of it is unmanaged"
    assert "copy_disks" not in run.names


def test_a_launch_in_vain_gives_all_back_and_deletes_what_was_made(drive: MakeDrive) -> None:
    """The interfaces first, for without them the source does not start as it was."""
    run = drive(**answers(create_vm=[NO]))

    ended = run.run(import_vm(run, importing()))

    at = run.names.index("create_vm")
    assert ended.outcome == "refused"
    assert run.names[at + 1 :] == ["give_back_nics", *GIVEN_BACK, "settle_operation"]
    gone = names(run.request("delete_resources")["resource_ids"])
    assert set(gone) >= {"mooring-00000001-import-nic", "os-g1", "data3-g1", "s0", "s3"}
    assert not any(one.startswith("legacy") for one in gone)
    state = settled(run)
    assert (state["vm"], state["os_disk"], state["nics"]) == (None, None, [])
    assert (state["leftovers"], state["retained"]) == ([], [])
    assert state["rollback_reason"].endswith("The virtual machine runs again.")


def test_a_stopped_source_is_not_started_by_what_gives_it_back(drive: MakeDrive) -> None:
    run = drive(**answers(secure_source=[secured(running=False)], create_vm=[NO]))

    run.run(import_vm(run, importing(was_running=False)))

    assert "start_source" not in run.names
    assert settled(run)["rollback_reason"].endswith("The virtual machine is as it was.")


def test_pools_that_were_left_are_joined_again_once_the_source_runs(drive: MakeDrive) -> None:
    run = drive(
        **answers(
            secure_source=[secured(pools=POOLS)],
            leave_pools=[Done()],
            join_pools=[Done()],
            create_vm=[NO],
        )
    )

    run.run(import_vm(run, importing(drain_s=30)))

    assert run.names.index("start_source") < run.names.index("join_pools")
    assert run.request("join_pools")["pools"] == run.request("leave_pools")["pools"]


def test_a_source_that_azure_has_no_room_for_is_started_again_and_again(drive: MakeDrive) -> None:
    """What was made for the node goes before the wait: nobody pays half an hour for it."""
    run = drive(
        **answers(
            create_vm=[NO],
            start_source=[FULL, FULL, Done()],
            delete_resources=[*TWICE],
        )
    )

    run.run(import_vm(run, importing()))

    assert run.names.count("start_source") == 3
    first = run.names.index("start_source")
    assert run.names[first + 1] == "delete_resources"
    assert settled(run)["rollback_reason"].endswith("The virtual machine runs again.")


def test_a_source_that_has_no_room_for_half_an_hour_is_its_users_to_start(drive: MakeDrive) -> None:
    run = drive(
        **answers(create_vm=[NO], start_source=[FULL] * STARTS_MAX, delete_resources=[*TWICE])
    )

    run.run(import_vm(run, importing()))

    told = "it does not run, start it by hand (AllocationFailed: none left)"
    assert told in settled(run)["rollback_reason"]
    assert run.request("end_import")["state"] == "ImportFailed"


def test_a_source_without_its_interfaces_is_not_started(drive: MakeDrive) -> None:
    """On the placeholder it would come up under another address."""
    run = drive(**answers(create_vm=[NO], give_back_nics=[NO]))

    run.run(import_vm(run, importing()))

    assert "start_source" not in run.names
    told = settled(run)["rollback_reason"]
    assert "it is down, with a placeholder for its network interfaces" in told
    assert names(run.request("let_go")["resource_ids"]) == ["legacy-nic"]
    assert settled(run)["lent"] == []


def test_what_azure_would_not_delete_stays_the_nodes_so_that_a_delete_finds_it(
    drive: MakeDrive,
) -> None:
    run = drive(**answers(create_vm=[NO], delete_resources=[NO]))

    run.run(import_vm(run, importing()))

    state = settled(run)
    assert "os-g1" in names(state["leftovers"])
    assert "its copies are not all deleted" in state["rollback_reason"]


def test_a_mark_that_cannot_be_taken_off_is_told(drive: MakeDrive) -> None:
    moved = Changed(code="Conflict", message="somebody writes")
    run = drive(**answers(create_vm=[NO], release_source=[moved] * CHANGES_MAX))

    run.run(import_vm(run, importing()))

    assert "it is still marked (Conflict: somebody writes)" in settled(run)["rollback_reason"]


def test_a_failed_vm_goes_before_the_source_gets_its_interfaces_back(drive: MakeDrive) -> None:
    """It may hold them; and one that a lock keeps is the node's, so that a delete finds it."""
    body = Refused(code="ScopeLocked", message="a lock", left_behind=vm().id)
    run = drive(**answers(create_vm=[body], delete_vm=[NO, NO]))

    run.run(import_vm(run, importing()))

    assert run.names.index("delete_vm") < run.names.index("give_back_nics")
    assert settled(run)["vm"]["name"] == "db-00000001"


def test_a_market_that_is_full_is_left_for_the_next_before_anything_is_given_up(
    drive: MakeDrive,
) -> None:
    moves = (move(Rung.LAUNCH), move(Rung.LAUNCH, market("Standard_D4s_v5")))
    decided = Decided(moves=moves)
    run = drive(**answers(decide=[decided, decided], create_vm=[FULL, up()]))

    ended = run.run(import_vm(run, importing()))

    assert ended.outcome == "active"
    assert run.names.count("create_vm") == 2
    assert "give_back_nics" not in run.names


# -- what ends without an answer ------------------------------------------------------------------


def never() -> list[Row]:
    """Return the answers of an activity that does not come to an end."""
    return [StillRunning(token="")] * SLOW_MAX


@pytest.mark.parametrize(
    ("step", "undone"),
    [
        ("secure_source", []),
        ("hold_addresses", ["start_source"]),
        ("leave_pools", ["start_source", "join_pools"]),
        ("stop_source", ["start_source", "join_pools"]),
        ("copy_disks", ["start_source", "join_pools"]),
        ("free_nics", ["give_back_nics", "start_source", "join_pools"]),
    ],
)
def test_a_step_that_never_ends_is_given_up_and_what_it_may_have_done_is_undone(
    drive: MakeDrive, step: str, undone: list[str]
) -> None:
    """Left to the durable host, the source would stay down until a person looks."""
    whole = answers(secure_source=[secured(pools=POOLS)], leave_pools=[Done()], join_pools=[Done()])
    run = drive(**whole | {step: never()})

    ended = run.run(import_vm(run, importing(drain_s=30)))

    last = max(index for index, name in enumerate(run.names) if name == step)
    after = [one for one in run.names[last + 1 :] if one not in ("timer", "delete_resources")]
    assert ended.reason == f"OutOfPatience: {step} did not end within {SLOW_MAX} looks"
    assert after == [*undone, *REFUSED]
    assert settled(run)["status"] == Status.ERROR


def test_a_create_that_never_ends_leaves_no_vm_that_holds_the_interfaces(drive: MakeDrive) -> None:
    run = drive(**answers(create_vm=never(), delete_vm=[Done()]))

    ended = run.run(import_vm(run, importing()))

    assert ended.outcome == "refused"
    at = run.names.index("delete_vm")
    assert run.names[at + 1 :] == ["give_back_nics", *GIVEN_BACK, "settle_operation"]
    assert run.request("delete_vm")["vm_resource_id"] == vm().id
    assert run.request("delete_vm")["even_if_running"] is True


def test_a_vm_of_somebody_elses_under_the_nodes_name_is_no_trouble(drive: MakeDrive) -> None:
    foreign = Refused(code="NotOurs", message="it does not carry the tag")
    run = drive(**answers(create_vm=never(), delete_vm=[foreign]))

    run.run(import_vm(run, importing()))

    assert settled(run)["rollback_reason"].endswith("The virtual machine runs again.")
    assert settled(run)["vm"] is None


def test_a_vm_that_cannot_be_deleted_keeps_no_source_down_that_has_its_interfaces(
    drive: MakeDrive,
) -> None:
    run = drive(**answers(create_vm=never(), delete_vm=[NO]))

    run.run(import_vm(run, importing()))

    assert "start_source" in run.names
    told = "db-00000001, which was to take its place, is still there (ScopeLocked: a lock)"
    assert told in settled(run)["rollback_reason"]


@pytest.mark.parametrize(
    ("runs", "stops", "told"),
    [(False, [Done(), NO], True), (False, [Done(), *never()], True), (True, [Done(), NO], False)],
)
def test_a_source_that_was_down_and_cannot_be_stopped_once_converted_is_said_to_run(
    drive: MakeDrive, *, runs: bool, stops: list[Row], told: bool
) -> None:
    """Azure may start what it converts; nobody else would tell its user that he pays for it."""
    blobs = secured(unmanaged=True, running=runs)
    whole = answers(secure_source=[blobs], convert_source=[Done()], stop_source=stops)
    run = drive(**whole)

    run.run(import_vm(run, importing(convert=True, was_running=runs)))

    assert ("start_source" in run.names) is runs
    assert ("it may run" in settled(run)["rollback_reason"]) is told
