"""What goes when a node is deleted, when, and what stays."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.disk import Swept
from shared.model.ids import node_key
from shared.model.run import DiskRef, Lifecycle, NicRef, Retained, RunState, Status, Vm
from shared.policy.deletion import (
    Deallocation,
    delete_failed,
    fates,
    given_up,
    is_over,
    on_demand_markets,
)
from shared.policy.retained import (
    AGAIN,
    AGAIN_MAX,
    Retirement,
    due_now,
    dues,
    put_off,
    retained,
    swept,
    tidings,
    unused,
    with_retained,
)

NOW = datetime(2030, 1, 1, tzinfo=UTC)
KEY = node_key("act-00000001", "ssn-00000001")
GROUP = "/subscriptions/s/resourceGroups/rg/providers"
COMPUTE, NETWORK = f"{GROUP}/Microsoft.Compute", f"{GROUP}/Microsoft.Network"
OS, DATA = f"{COMPUTE}/disks/os", f"{COMPUTE}/disks/data"
SNAPSHOT, LEFT = f"{COMPUTE}/snapshots/snap", f"{COMPUTE}/disks/left"
NIC, IP = f"{NETWORK}/networkInterfaces/nic", f"{NETWORK}/publicIPAddresses/ip"
VM = f"{COMPUTE}/virtualMachines/vm"


def node(**changes: Any) -> RunState:
    facts: dict[str, Any] = {
        "status": Status.ACTIVE,
        "vm": Vm(id=VM, name="vm", size="Standard_D2s_v5", zone="1", lifecycle=Lifecycle.SPOT),
        "os_disk": DiskRef(id=OS, name="os"),
        "data_disks": (DiskRef(id=DATA, name="data", lun=0),),
        "nics": (NicRef(id=NIC, name="nic", is_primary=True, public_ip_id=IP),),
        "snapshots": (SNAPSHOT,),
        "leftovers": (LEFT,),
    }
    return RunState(**(facts | changes))


def whole(ttl_h: int = 0, **changes: Any) -> Deallocation:
    kinds = ("network", "disks", "snapshots", "public_ips")
    chosen: dict[str, Any] = {"terminate_vm": True, **dict.fromkeys(kinds, True)}
    return Deallocation(**(chosen | {f"{kind}_ttl_h": ttl_h for kind in kinds} | changes))


def kept(*ids: str, hours: float = 0, **more: Any) -> tuple[Retained, ...]:
    return tuple(Retained(id=one, until=NOW + timedelta(hours=hours), **more) for one in ids)


def test_what_is_chosen_without_a_time_goes_now_users_of_others_first() -> None:
    what = fates(node(), whole(), NOW)

    assert what.now == (LEFT, NIC, IP, OS, DATA, SNAPSHOT)
    assert (what.later, what.stays) == ((), ())


def test_each_kind_stays_as_long_as_its_own_time() -> None:
    """S24."""
    chosen = whole(public_ips_ttl_h=96, network_ttl_h=96, disks_ttl_h=371, snapshots_ttl_h=1)

    what = fates(node(), chosen, NOW)

    hours = {one.id: (one.until - NOW) / timedelta(hours=1) for one in what.later}
    assert hours == {NIC: 96, IP: 96, OS: 371, DATA: 371, SNAPSHOT: 1}
    assert what.now == (LEFT,)


@pytest.mark.parametrize(
    ("network", "expected_h"),
    [
        pytest.param({"network": False}, 5, id="not-chosen"),
        pytest.param({"network_ttl_h": 200}, 5, id="later"),
        pytest.param({"network_ttl_h": 2}, 2, id="sooner"),
    ],
)
def test_a_nic_goes_no_later_than_its_public_address(
    network: dict[str, Any], expected_h: int
) -> None:
    """S23: a public IP implies its NIC."""
    what = fates(node(), whole(public_ips_ttl_h=5, disks=False, snapshots=False, **network), NOW)

    hours = {one.id: (one.until - NOW) / timedelta(hours=1) for one in what.later}
    assert hours == {NIC: expected_h, IP: 5}


def test_what_is_not_chosen_stays_and_is_let_go() -> None:
    """S100."""
    what = fates(node(), Deallocation(terminate_vm=True), NOW)

    assert (what.now, what.later) == ((LEFT,), ())
    assert what.stays == (NIC, IP, OS, DATA, SNAPSHOT)


def test_a_vm_that_stays_keeps_all_it_uses_whatever_was_chosen() -> None:
    """S22."""
    what = fates(node(), whole(terminate_vm=False), NOW)

    assert what.now == (LEFT, SNAPSHOT)
    assert what.stays == (VM, NIC, IP, OS, DATA)


def test_what_the_vm_of_an_import_in_vain_may_have_is_chosen_as_a_nodes_own() -> None:
    run = node(os_disk=None, data_disks=(), nics=(), snapshots=(), import_failed=True)

    later, kept_on = fates(run, whole(2), NOW), fates(run, whole(terminate_vm=False), NOW)

    assert (later.now, [one.id for one in later.later]) == ((), [LEFT])
    assert (kept_on.now, kept_on.stays) == ((), (VM, LEFT))
    assert fates(run.model_copy(update={"vm": None}), whole(2), NOW).now == (LEFT,)


def test_what_is_its_users_and_carries_our_tag_still_stays_whatever_was_chosen() -> None:
    assert NIC in fates(node(nics=(), lent=(NIC,)), whole(), NOW).stays


def test_a_detached_disk_keeps_its_own_time_when_its_node_goes() -> None:
    detached = kept(f"{COMPUTE}/disks/gone", hours=7, why="detached")

    what = fates(node(retained=detached), whole(), NOW)

    assert what.later == detached


def test_a_second_delete_chooses_anew_for_what_the_first_had_chosen() -> None:
    earlier = kept(OS, DATA, hours=50, why="deleted")
    run = node(vm=None, os_disk=None, data_disks=(), nics=(), snapshots=(), retained=earlier)

    at_once = fates(run, whole(), NOW)
    not_at_all = fates(run, Deallocation(terminate_vm=True), NOW)

    assert at_once.now == (LEFT, OS, DATA)
    assert (not_at_all.later, not_at_all.stays) == ((), (OS, DATA))


def test_a_node_given_up_names_nothing_but_what_is_kept_for_a_time() -> None:
    later = kept(OS, hours=96)

    run = given_up(node(), later, None, NOW)

    assert (run.status, run.retained) == (Status.DEALLOCATING, later)
    assert (run.vm, run.os_disk, run.data_disks, run.nics) == (None, None, (), ())
    assert (run.leftovers, run.snapshots) == ((), ())


def test_a_node_on_its_way_out_is_over_when_nothing_is_kept() -> None:
    assert is_over(given_up(node(), (), None, NOW))
    assert not is_over(given_up(node(), kept(OS), None, NOW))
    assert not is_over(RunState(status=Status.ACTIVE))


def test_a_failed_delete_says_why_and_one_rolled_back_leaves_the_node_active() -> None:
    failed, line = delete_failed(node(), "ScopeLocked: a lock", NOW)
    back, _ = delete_failed(node(), "no room", NOW, rolled_back=True)

    assert (failed.status, line.severity) == (Status.ERROR, "ERROR")
    assert failed.error_reason == "Deallocate action failed. ScopeLocked: a lock"
    assert (back.status, back.error_reason) == (Status.ACTIVE, None)
    assert back.rollback_reason == "Deallocate action failed. no room"


def test_on_demand_goes_on_in_the_vms_own_size_first_then_as_the_document_orders() -> None:
    vm = node().vm
    assert vm is not None
    sizes = ["standard_d4s_v5", "standard_d2s_v5", "standard_d8s_v5"]
    document = {"compute": {"vmSizes": {"odSizes": sizes}}}

    markets = on_demand_markets(document, vm)

    assert [one.size for one in markets] == [
        "Standard_D2s_v5",
        "standard_d4s_v5",
        "standard_d8s_v5",
    ]
    assert {(one.zone, one.lifecycle) for one in markets} == {("1", Lifecycle.OD)}


# -- when their time is over ----------------------------------------------------------------------


def test_only_what_is_due_goes_and_never_what_the_node_uses_again() -> None:
    """I2, I3."""
    old = f"{COMPUTE}/disks/old"
    run = node(retained=(*kept(old, hours=-1), *kept(OS.upper(), hours=-1), *kept(LEFT, hours=1)))

    assert [one.id for one in due_now(run, NOW)] == [old]
    assert [one.id for one in unused(run).retained] == [old, LEFT]


def test_there_is_one_due_item_for_each_moment() -> None:
    items = dues(KEY, (*kept(OS, DATA, hours=2), *kept(NIC, hours=1)))

    assert [(item.due_at - NOW) / timedelta(hours=1) for item in items] == [1, 2]


def test_what_is_gone_or_left_to_others_is_kept_no_longer() -> None:
    run = given_up(node(), kept(OS, DATA, NIC), None, NOW)
    answer = Swept(gone=(OS.upper(),), left=(DATA,), refused=(NIC,), reason="ScopeLocked: a lock")

    after = swept(run, answer, NOW)
    lines = tidings(answer, NOW)

    assert [(one.id, one.tries, one.until - NOW) for one in after.retained] == [(NIC, 1, AGAIN)]
    assert after.error_reason == "Deallocate action failed. ScopeLocked: a lock"
    assert [line.severity for line in lines] == ["INFO", "WARN", "ERROR"]


def test_a_refusal_that_is_over_is_told_no_longer() -> None:
    run = given_up(node(), kept(OS, DATA, tries=1), "Deallocate action failed.", NOW)

    later = swept(run, Swept(gone=(OS, DATA)), NOW)

    assert later.error_reason is None


def test_the_error_of_a_node_that_lives_is_its_own() -> None:
    run = node(status=Status.ERROR, error_reason="theirs", retained=kept(LEFT))

    assert swept(run, Swept(refused=(LEFT,), reason="ours"), NOW).error_reason == "theirs"
    assert swept(run, Swept(gone=(LEFT,)), NOW).error_reason == "theirs"


def test_what_azure_refuses_is_tried_less_and_less_often_but_for_ever() -> None:
    one = kept(OS)
    pauses = []
    for _ in range(12):
        one = put_off(one, NOW)
        pauses.append(one[0].until - NOW)

    assert pauses[:3] == [AGAIN, 2 * AGAIN, 4 * AGAIN]
    assert pauses[-1] == AGAIN_MAX


def test_a_disk_given_up_twice_is_kept_once_with_the_later_word() -> None:
    disk = DiskRef(id=LEFT, name="left")
    once = with_retained(node(), retained(disk, Retirement(deletes=True, ttl_h=9), NOW))

    twice = with_retained(once, retained(disk, Retirement(deletes=True, ttl_h=2), NOW))

    assert [one.until - NOW for one in twice.retained] == [timedelta(hours=2)]
