"""Delete with times, with the VM kept, and when Azure refuses."""

from datetime import timedelta
from typing import Any

from orchestrators.delete import DeleteNode, delete
from shared.contracts.base import Done, Refused
from shared.contracts.node import Settled
from shared.contracts.vm import VmFacts, VmSeen
from shared.model.run import RunState, Status
from shared.policy.deletion import Deallocation
from tests.orchestrators.conftest import (
    KEY,
    OPERATION,
    START,
    MakeDrive,
    claimed,
)


def deletion(**chosen: Any) -> DeleteNode:
    whole: dict[str, Any] = {"terminate_vm": True, "lets_go": True, "deregister": True}
    return DeleteNode(
        key=KEY, operation_id=OPERATION, deallocation=Deallocation(**(whole | chosen))
    )


def names(ids: list[str]) -> list[str]:
    return [one.rsplit("/", 1)[-1] for one in ids]


def with_pools(run: RunState | None = None) -> Any:
    """A node in a backend pool."""
    node = claimed(run)
    launch = node.document["compute"]["launchSpecification"]
    launch["loadBalancersConfig"] = {"loadBalancers": [{"name": "lb"}]}
    node.document["strategy"]["drainingTimeout"] = 30
    return node


def seen(power: str) -> Any:
    return VmSeen(facts=VmFacts(exists=True, power=power))


def test_what_has_a_time_is_written_down_with_a_due_item_for_each(drive: MakeDrive) -> None:
    """S24: DEALLOCATING until the last time, and nothing of it forgotten."""
    run = drive(
        claim_operation=[claimed()],
        delete_vm=[Done()],
        delete_resources=[Done()],
        settle_operation=[Settled()],
    )
    chosen = {"network": True, "public_ips": True, "disks": True, "disks_ttl_h": 96}

    ended = run.run(delete(run, deletion(**chosen)))

    settled = run.request("settle_operation")
    assert ended.outcome == "going"
    assert names(run.request("delete_resources")["resource_ids"]) == ["nic0", "nic0-ip"]
    assert settled["gone"] is False
    assert settled["run"]["status"] == Status.DEALLOCATING
    assert names([one["id"] for one in settled["run"]["retained"]]) == ["os", "data0"]
    assert (settled["run"]["vm"], settled["run"]["os_disk"]) == (None, None)
    assert [one["kind"] for one in settled["due"]] == ["deallocation"]


def test_what_was_not_chosen_is_let_go(drive: MakeDrive) -> None:
    """S100: it stays in Azure, unowned by us."""
    run = drive(
        claim_operation=[claimed()],
        delete_vm=[Done()],
        let_go=[Done()],
        settle_operation=[Settled()],
    )

    ended = run.run(delete(run, deletion()))

    assert ended.outcome == "gone"
    left = names(run.request("let_go")["resource_ids"])
    assert left == ["nic0", "nic0-ip", "os", "data0"]


def test_a_vm_that_stays_is_let_go_with_all_it_uses(drive: MakeDrive) -> None:
    """S22, S100."""
    run = drive(claim_operation=[claimed()], let_go=[Done()], settle_operation=[Settled()])

    run.run(delete(run, deletion(terminate_vm=False)))

    left = names(run.request("let_go")["resource_ids"])
    assert left == ["db-00000001", "nic0", "nic0-ip", "os", "data0"]
    assert run.names == ["claim_operation", "let_go", "settle_operation"]


def test_a_delete_that_ends_the_vm_leaves_its_pools_first_and_drains(drive: MakeDrive) -> None:
    """S21."""
    run = drive(
        claim_operation=[with_pools()],
        look_at_vm=[seen("running")],
        deregister_backends=[Done()],
        delete_vm=[Done()],
        let_go=[Done()],
        settle_operation=[Settled()],
    )

    run.run(delete(run, deletion()))

    assert run.names[1:5] == ["look_at_vm", "deregister_backends", "timer", "delete_vm"]
    assert run.now - START >= timedelta(seconds=30)


def test_a_vm_that_stays_leaves_its_pools_only_if_asked(drive: MakeDrive) -> None:
    """S22."""
    asked = drive(
        claim_operation=[with_pools()],
        deregister_backends=[Done()],
        let_go=[Done()],
        settle_operation=[Settled()],
    )
    unasked = drive(claim_operation=[with_pools()], let_go=[Done()], settle_operation=[Settled()])

    asked.run(delete(asked, deletion(terminate_vm=False)))
    unasked.run(delete(unasked, deletion(terminate_vm=False, deregister=False)))

    assert "timer" not in asked.names
    assert "deregister_backends" not in unasked.names


def test_a_vm_that_is_not_deleted_joins_its_pools_again(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[with_pools()],
        look_at_vm=[seen("deallocated")],
        deregister_backends=[Done()],
        delete_vm=[Refused(code="ScopeLocked", message="a lock")],
        register_backends=[Done()],
        settle_operation=[Settled()],
    )

    run.run(delete(run, deletion()))

    settled = run.request("settle_operation")["run"]
    assert run.names[-2:] == ["register_backends", "settle_operation"]
    assert (settled["status"], settled["os_disk"]["name"]) == (Status.ERROR, "os")


def test_a_disk_that_azure_keeps_is_tried_again_and_the_node_says_so(drive: MakeDrive) -> None:
    """The VM is given up: there is no way back, so the node stays on its way out."""
    run = drive(
        claim_operation=[claimed()],
        delete_vm=[Done()],
        delete_resources=[Refused(code="ScopeLocked", message="a lock")],
        let_go=[Done()],
        settle_operation=[Settled()],
    )

    run.run(delete(run, deletion(disks=True)))

    settled = run.request("settle_operation")
    assert settled["run"]["status"] == Status.DEALLOCATING
    assert "ScopeLocked" in settled["run"]["error_reason"]
    assert names([one["id"] for one in settled["run"]["retained"]]) == ["os", "data0"]
    assert settled["due"]


def test_tags_that_azure_will_not_change_do_not_hold_a_delete_up(drive: MakeDrive) -> None:
    run = drive(
        claim_operation=[claimed()],
        delete_vm=[Done()],
        let_go=[Refused(code="AuthorizationFailed", message="no role")],
        settle_operation=[Settled()],
    )

    assert run.run(delete(run, deletion())).outcome == "gone"


def test_an_operation_of_an_earlier_release_goes_on_as_it_began(drive: MakeDrive) -> None:
    run = drive(claim_operation=[claimed()], delete_vm=[Done()], settle_operation=[Settled()])
    begun = {"terminate_vm": True, "network": False, "disks": False}

    run.run(
        delete(run, DeleteNode(key=KEY, operation_id=OPERATION, deallocation=Deallocation(**begun)))
    )

    assert run.names == ["claim_operation", "delete_vm", "settle_operation"]
