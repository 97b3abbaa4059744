"""Import, step by step: the way through."""

from datetime import datetime, timedelta

import pytest

from orchestrators.import_vm import import_vm
from shared.contracts.base import Changed, Done
from shared.contracts.nic import NicsReady
from shared.contracts.node import NotOurs
from shared.contracts.source import SourceSecured
from shared.model.run import Status
from tests.orchestrators.conftest import START, MakeDrive, nic
from tests.orchestrators.importing import (
    DOWN,
    NO,
    POOLS,
    answers,
    fresh,
    importing,
    names,
    node,
    secured,
    settled,
    up,
)

TAKEN = ["secure_source", "hold_addresses", "stop_source", "copy_disks"]


def test_what_the_source_has_is_touched_last_first_marked_then_copied_then_adopted(
    drive: MakeDrive,
) -> None:
    """S71: no step deletes anything of it."""
    run = drive(**answers())

    ended = run.run(import_vm(run, importing()))

    assert ended.outcome == "active"
    assert run.names == [
        "claim_operation",
        "decide",
        *TAKEN,
        "free_nics",
        "settle_operation",
        "decide",
        "create_vm",
        "settle_operation",
        "adopt_source",
        "end_import",
        "settle_operation",
    ]


def test_the_node_comes_up_on_the_copies_and_on_the_sources_own_interfaces(
    drive: MakeDrive,
) -> None:
    run = drive(**answers())

    run.run(import_vm(run, importing()))

    create = run.request("create_vm")
    assert create["os_disk"]["name"] == "os-g1"
    assert [one["name"] for one in create["data_disks"]] == ["data3-g1"]
    assert [one["name"] for one in create["nics"]] == ["legacy-nic"]
    assert run.request("hold_addresses")["keep"] is True


def test_what_is_adopted_and_retained_is_all_but_what_the_node_has_taken(drive: MakeDrive) -> None:
    """S72: 96 hours from when its own VM is up."""
    run = drive(**answers())

    run.run(import_vm(run, importing()))

    state = settled(run)
    left = ["legacy", "legacy-os", "legacy-data", "mooring-00000001-import-nic"]
    assert names([one["id"] for one in state["retained"]]) == left
    untils = {datetime.fromisoformat(one["until"]) for one in state["retained"]}
    (until,) = untils
    assert START + timedelta(hours=96) < until < START + timedelta(hours=96, minutes=1)
    adopted = names(run.request("adopt_source")["resource_ids"])
    assert set(left) < set(adopted)
    assert run.request("settle_operation", 2)["due"][0]["kind"] == "deallocation"


def test_without_the_network_the_sources_own_goes_with_it(drive: MakeDrive) -> None:
    run = drive(**fresh(ensure_nics=[NicsReady(nics=(nic("nic0"),))]))

    run.run(import_vm(run, importing(retention_h=0)))

    assert "free_nics" not in run.names
    assert run.request("hold_addresses")["keep"] is False
    kept = names([one["id"] for one in settled(run)["retained"]])
    assert kept == ["legacy", "legacy-nic", "legacy-nic-ip", "legacy-os", "legacy-data"]


@pytest.mark.parametrize(
    ("persistence", "copies"),
    [
        ({}, ["legacy-os", "legacy-data"]),
        ({"shouldPersistDataDisks": False}, ["legacy-os"]),
        ({"shouldPersistOsDisk": False}, ["legacy-data"]),
    ],
)
def test_only_what_the_node_keeps_is_copied(
    drive: MakeDrive, persistence: dict[str, bool], copies: list[str]
) -> None:
    run = drive(**answers(claim_operation=[node(**persistence)]))

    run.run(import_vm(run, importing()))

    assert [one["name"] for one in run.request("copy_disks")["disks"]] == copies


def test_a_stopped_source_leaves_a_node_that_is_stopped_after_it_has_run(drive: MakeDrive) -> None:
    """S73."""
    run = drive(**answers(secure_source=[secured(running=False)], deallocate_vm=[DOWN]))

    ended = run.run(import_vm(run, importing(was_running=False)))

    assert ended.outcome == "stopped"
    assert run.names.index("create_vm") < run.names.index("deallocate_vm")
    assert settled(run)["status"] == Status.STOPPED


def test_a_source_that_was_started_meanwhile_leaves_a_node_that_runs(drive: MakeDrive) -> None:
    run = drive(**answers())

    ended = run.run(import_vm(run, importing(was_running=False)))

    assert ended.outcome == "active"
    assert "deallocate_vm" not in run.names


def test_a_node_that_cannot_be_stopped_runs_and_says_so(drive: MakeDrive) -> None:
    run = drive(**answers(secure_source=[secured(running=False)], deallocate_vm=[NO]))

    ended = run.run(import_vm(run, importing(was_running=False)))

    assert ended.outcome == "active"
    told = [one["message"] for one in run.request("settle_operation", 2)["log"]]
    assert "not stopped: ScopeLocked: a lock" in told


def test_a_source_is_drained_as_long_as_was_asked_before_it_is_stopped(drive: MakeDrive) -> None:
    run = drive(**answers(secure_source=[secured(pools=POOLS)], leave_pools=[Done()]))

    run.run(import_vm(run, importing(drain_s=120)))

    at = run.names.index("leave_pools")
    assert run.names[at : at + 3] == ["leave_pools", "timer", "stop_source"]


@pytest.mark.parametrize(
    ("seen", "drain_s"),
    [(secured(pools=POOLS), 0), (secured(), 120), (secured(pools=POOLS, running=False), 120)],
)
def test_nothing_is_drained_that_nobody_sends_anything_to(
    drive: MakeDrive, seen: SourceSecured, drain_s: int
) -> None:
    run = drive(**answers(secure_source=[seen], deallocate_vm=[DOWN]))

    run.run(import_vm(run, importing(drain_s=drain_s, was_running=seen.running)))

    assert "leave_pools" not in run.names


def test_a_conversion_is_followed_by_a_second_stop_and_the_disks_are_read_anew(
    drive: MakeDrive,
) -> None:
    """S76: Azure may start what it converts."""
    blobs = secured(unmanaged=True, os_disk=None, data_disks=())
    run = drive(
        **answers(
            secure_source=[blobs, secured()], convert_source=[Done()], stop_source=[Done(), Done()]
        )
    )

    run.run(import_vm(run, importing(convert=True)))

    at = run.names.index("convert_source")
    assert run.names[at - 1 : at + 4] == [
        "stop_source",
        "convert_source",
        "stop_source",
        "secure_source",
        "copy_disks",
    ]


def test_a_vm_that_is_down_leaves_its_pools_before_it_is_converted_and_waits_for_nothing(
    drive: MakeDrive,
) -> None:
    """Azure may start it by that: what it was sent then would be cut off."""
    blobs = secured(unmanaged=True, running=False, pools=POOLS)
    whole = answers(secure_source=[blobs, secured()], convert_source=[Done()])
    more = {"stop_source": [Done(), Done()], "leave_pools": [Done()], "deallocate_vm": [DOWN]}
    run = drive(**whole | more)

    run.run(import_vm(run, importing(drain_s=120, convert=True, was_running=False)))

    at = run.names.index("leave_pools")
    assert run.names[at + 1 : at + 3] == ["stop_source", "convert_source"]


def test_a_vm_that_azure_took_at_once_is_kept_an_hour_at_least(drive: MakeDrive) -> None:
    """Another one must have run by then."""
    run = drive(**answers(create_vm=[up(taken=True)]))

    run.run(import_vm(run, importing(retention_h=0)))

    untils = [one["until"] for one in settled(run)["retained"]]
    assert min(map(datetime.fromisoformat, untils)) > START + timedelta(hours=1)


def test_what_cannot_be_adopted_stays_its_users(drive: MakeDrive) -> None:
    """Nothing without the node's tag is ever deleted, so nothing of it is kept for deletion."""
    run = drive(**answers(adopt_source=[NO]))

    ended = run.run(import_vm(run, importing()))

    assert ended.outcome == "active"
    assert settled(run)["retained"] == []
    last = run.request("settle_operation", 2)
    assert (last["log"][0]["severity"], last["due"]) == ("WARN", [])
    freed = names(run.request("let_go")["resource_ids"])
    assert freed == ["legacy", "legacy-os", "legacy-data", "mooring-00000001-import-nic"]


def test_what_carries_the_nodes_tag_for_good_is_kept_until_its_time(drive: MakeDrive) -> None:
    run = drive(**answers(adopt_source=[NO], let_go=[NO]))

    run.run(import_vm(run, importing()))

    assert "legacy-os" in names([one["id"] for one in settled(run)["retained"]])
    told = [one["message"] for one in run.request("settle_operation", 2)["log"]]
    assert "could be marked" in told[0]
    assert "kept until" in told[1]


def test_facts_that_change_are_read_anew_a_few_times(drive: MakeDrive) -> None:
    moved = Changed(code="NicMoved", message="it moves")
    run = drive(**answers(hold_addresses=[moved, moved, Done()]))

    ended = run.run(import_vm(run, importing()))

    assert ended.outcome == "active"
    assert run.names.count("hold_addresses") == 3


def test_an_operation_that_is_not_the_nodes_touches_nothing(drive: MakeDrive) -> None:
    run = drive(claim_operation=[NotOurs(reason="another operation holds the node")])

    ended = run.run(import_vm(run, importing()))

    assert ended.outcome == "not_ours"
    assert run.names == ["claim_operation"]
