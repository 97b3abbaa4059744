from datetime import timedelta
from typing import Any

from local.arm.chronicle import Told
from local.arm.portrait import ADDRESS, DISK, NIC, VM
from local.worlds.invariants import NodeView, Records
from tests.unit.worlds.history import NODE, History, disk, id_of, intent, vm

ALL = frozenset({id_of(VM, "vm")})
"""The VM's disks, its NIC and that one's address come with it."""


def reckoned(history: History, *journal: dict[str, Any], **view: Any) -> list[str]:
    """Look at the records for eleven minutes; return what was broken."""
    for _ in range(12):
        history.reckons(*journal, **view)
    return history.broken


def test_what_the_nodes_rows_name_or_reach_is_owned() -> None:
    assert reckoned(History().lives(), status="ACTIVE", holds=ALL) == []


def test_what_the_node_does_not_hold_breaks_i7_after_ten_minutes() -> None:
    history = History().lives().has(disk("left"))

    assert reckoned(history, status="ACTIVE", holds=ALL) == ["I7"]
    assert "left with the tag of node ssn-00000001 has no owner" in str(history.watch.breaches[0])


def test_what_is_unowned_for_less_is_lawful() -> None:
    history = History().lives().has(disk("left"))
    for _ in range(9):
        history.reckons(status="ACTIVE", holds=ALL)

    assert reckoned(history.loses(disk("left")), status="ACTIVE", holds=ALL) == []


def test_what_the_running_operation_makes_is_owned() -> None:
    history = History().lives().has(disk("new"))
    row = intent(history.now, target=id_of(DISK, "new"))

    assert reckoned(history, row, status="RESUMING", holds=ALL, operation="op-1") == []


def test_what_a_finished_operation_left_is_not() -> None:
    history = History().lives().has(disk("new"))
    row = intent(history.now, target=id_of(DISK, "new"))

    assert reckoned(history, row, status="ACTIVE", holds=ALL) == ["I7"]


def test_a_deleted_node_owns_nothing_not_even_what_its_user_kept() -> None:
    history = History().lives().wishes("delete", DISK)

    assert reckoned(history) == ["I7"] * 5  # VM, disks, NIC, address


def test_what_a_user_kept_of_a_deleted_node_is_his_once_our_tag_is_off() -> None:
    history = History().lives().wishes("delete", DISK, NIC, ADDRESS, VM)
    for portrait in [*history.there.values()]:
        history.is_now(portrait, tags={"team": "core"})

    assert reckoned(history) == []


def test_what_is_untagged_is_not_ours_to_judge() -> None:
    assert reckoned(History().has(disk("users", tags={}))) == []


def test_a_bucket_used_past_four_fifths_breaks_i8() -> None:
    assert History().dipped(left=2, burst=12).broken == ["I8"]
    assert History().dipped(left=3, burst=12).broken == []


def converged(history: History, *, without_room: bool = False, **view: Any) -> list[str]:
    records = Records({NODE: NodeView(NODE, **view)})
    exempt = frozenset({NODE}) if without_room else frozenset()
    return [str(one) for one in history.watch.converged(history.now, records, exempt)]


def test_an_active_node_with_one_vm_up_has_come_back() -> None:
    assert converged(History().lives(), status="ACTIVE") == []


def test_a_node_that_only_says_so_has_not() -> None:
    (told,) = converged(History().lives().goes_down(vm()), status="ACTIVE")

    assert "is ACTIVE with 0 VMs up" in told


def test_a_node_in_error_has_not_and_its_reason_is_told() -> None:
    (told,) = converged(History().lives(), status="ERROR", reason="PolicyViolation")

    assert told.endswith("PolicyViolation")


def test_a_node_without_room_may_wait_if_it_says_until_when() -> None:
    history = History().lives().goes_down(vm())
    waiting: dict[str, Any] = {"status": "RESUMING", "reason": "no room"}
    until = history.now + timedelta(minutes=1)

    assert converged(history, **waiting, waiting_until=until, without_room=True) == []
    assert converged(history, **waiting, waiting_until=until) != []
    assert converged(history, **waiting, without_room=True) != []
    assert converged(history, status="RESUMING", waiting_until=until, without_room=True) != []
    assert converged(history, **waiting, waiting_until=history.now - timedelta(minutes=1)) != []


def test_a_node_at_rest_is_not_asked() -> None:
    stopped = History().lives().asked("POST", vm(), caller="ada", action="deallocate/action")

    assert converged(stopped.goes_down(vm()), status="STOPPED") == []
    assert converged(History().lives().wishes("down").goes_down(vm()), status="STOPPED") == []


def stopped_and_deleted() -> History:
    """A person stops the VM, which is told with his name, and later deletes it."""
    history = History().lives().asked("POST", vm(), caller="ada", action="deallocate/action")
    history.goes_down(vm())
    data = {"operationName": "Microsoft.Compute/virtualMachines/deallocate/action"}
    event = {"eventType": "Microsoft.Resources.ResourceActionSuccess", "subject": vm().id}
    history.watch.hear(Told(history.now, "events", event | {"data": data}))
    return history.passes().loses(vm())


def test_a_node_that_its_owner_brings_up_after_a_stop_has_another_vm() -> None:
    history = stopped_and_deleted()
    history.wishes("up").has(vm("vm-g2", born="later"))

    assert converged(history, status="ACTIVE") == []


def test_a_node_that_nobody_brings_up_after_a_stop_is_not_active() -> None:
    history = stopped_and_deleted().has(vm("vm-g2", born="later"))

    (told,) = converged(history, status="ACTIVE")
    assert "was stopped by hand" in told
