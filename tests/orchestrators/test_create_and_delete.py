"""The order of steps of create and delete, and what happens to what escapes a runbook."""

import pytest

from orchestrators.create import create
from orchestrators.delete import DeleteNode, delete
from shared.contracts.base import Done, Ended, NoCapacity, OperationInput, Refused
from shared.contracts.market import Decided, Nowhere
from shared.contracts.nic import NicsReady
from shared.contracts.node import FAIL_OPERATION, FailOperation, Settled
from shared.contracts.vm import VmUp
from shared.durable import Context, Durable, serve
from shared.model.market import Rung
from shared.model.run import RunState, Status
from shared.policy.deletion import Deallocation
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
    vm,
)

REQUEST = OperationInput(key=KEY, operation_id=OPERATION)
UP = VmUp(vm=vm(), os_disk=disk("os"), nics=(nic(),), version=1, digest="d")


def test_a_first_launch_makes_nics_before_the_vm_and_ends_active(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[claimed(RunState())],
        decide=[Decided(moves=(move(Rung.LAUNCH),))],
        ensure_nics=[NicsReady(nics=(nic(),))],
        create_vm=[UP],
        settle_operation=[Settled()],
    )

    ended = run.run(create(run, REQUEST))

    settled = run.request("settle_operation")["run"]
    assert ended.outcome == "active"
    assert run.names[2:4] == ["ensure_nics", "create_vm"]
    assert run.request("create_vm")["generation"] == 1
    assert (settled["status"], settled["generation"]) == (Status.ACTIVE, 1)
    assert settled["launched_digest"] == "d"


def test_a_first_launch_without_room_stays_pending_and_keeps_its_nics(drive: MakeDrive) -> None:
    """A17: a node that finds no market at first is PENDING until it does."""
    run = drive(
        claim_operation=[claimed(RunState())],
        decide=[Decided(moves=(move(Rung.LAUNCH),)), Nowhere(reason="full", until=START)],
        ensure_nics=[NicsReady(nics=(nic(),))],
        create_vm=[NoCapacity(code="SkuNotAvailable", message="", scope="size_in_zone")],
        settle_operation=[Settled()],
    )

    run.run(create(run, REQUEST))

    settled = run.request("settle_operation")["run"]
    assert settled["status"] == Status.PENDING
    assert [one["name"] for one in settled["nics"]] == ["nic0"]


def test_a_launch_by_od_after_spot_keeps_the_nics_it_made(drive: MakeDrive) -> None:
    moves = (move(Rung.LAUNCH), move(Rung.LAUNCH, market(spot=False)))
    run = drive(
        claim_operation=[claimed(RunState(), shouldPersistNetwork=False)],
        decide=[Decided(moves=moves)],
        ensure_nics=[NicsReady(nics=(nic(),))],
        create_vm=[NoCapacity(code="SkuNotAvailable", message="", scope="size_in_zone"), UP],
        settle_operation=[Settled()],
    )

    run.run(create(run, REQUEST))

    assert run.names.count("ensure_nics") == 1


def deletion(**chosen: bool) -> DeleteNode:
    return DeleteNode(key=KEY, operation_id=OPERATION, deallocation=Deallocation(**chosen))


def test_delete_ends_the_vm_then_what_was_chosen_then_forgets_the_node(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[claimed()],
        delete_vm=[Done()],
        delete_resources=[Done()],
        settle_operation=[Settled()],
    )

    ended = run.run(
        delete(run, deletion(terminate_vm=True, network=True, disks=True, public_ips=True))
    )

    gone = run.request("delete_resources")["resource_ids"]
    assert ended.outcome == "gone"
    assert run.request("delete_vm")["even_if_running"] is True
    assert [one.rsplit("/", 1)[-1] for one in gone] == ["nic0", "nic0-ip", "os", "data0"]
    assert run.request("settle_operation")["gone"] is True


def test_a_vm_that_is_kept_keeps_its_disks_and_addresses(drive: MakeDrive) -> None:
    """S22: without terminating the VM, disks, NICs and addresses cannot be deleted."""
    run = drive(claim_operation=[claimed()], settle_operation=[Settled()])

    run.run(delete(run, deletion(terminate_vm=False, disks=True, network=True)))

    assert run.names == ["claim_operation", "settle_operation"]


def test_deleting_the_public_ip_takes_the_nic_along(drive: MakeDrive) -> None:
    """S23: a public IP goes with its NIC."""
    run = drive(
        claim_operation=[claimed()],
        delete_vm=[Done()],
        delete_resources=[Done()],
        settle_operation=[Settled()],
    )

    run.run(delete(run, deletion(terminate_vm=True, public_ips=True)))

    gone = run.request("delete_resources")["resource_ids"]
    assert [one.rsplit("/", 1)[-1] for one in gone] == ["nic0", "nic0-ip"]


def test_a_delete_that_azure_refuses_leaves_the_node_in_error(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[claimed()],
        delete_vm=[Refused(code="ScopeLocked", message="a lock")],
        settle_operation=[Settled()],
    )

    run.run(delete(run, deletion(terminate_vm=True)))

    settled = run.request("settle_operation")["run"]
    assert settled["status"] == Status.ERROR
    assert settled["error_reason"] == "Deallocate action failed. ScopeLocked: a lock"


def test_what_escapes_a_runbook_becomes_fail_operation_and_is_raised(drive: MakeDrive) -> None:
    def fail(context: Context, request: OperationInput, reason: str) -> Durable[object]:
        failed = FailOperation(key=request.key, operation_id=request.operation_id, reason=reason)
        return (yield from FAIL_OPERATION(context, failed))

    def broken(_context: Context, _request: OperationInput) -> Durable[Ended]:
        yield from ()
        raise ZeroDivisionError("a bug")

    run = drive(fail_operation=[Done()])
    run.payload = REQUEST.model_dump_json()
    body = serve(broken, OperationInput, fail)

    with pytest.raises(ZeroDivisionError):
        run.run(body(run))

    assert run.request("fail_operation")["reason"] == "ZeroDivisionError: a bug"
