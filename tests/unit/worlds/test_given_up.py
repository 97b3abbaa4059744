"""I14: what its owner gave up goes in its time, what he kept stays; each way to break it."""

from datetime import timedelta

import pytest

from local.arm.portrait import ADDRESS, DISK, NIC, SNAPSHOT, VM
from local.worlds.invariants import Promise, Records, Wish
from tests.unit.worlds.history import NODE, History, disk, nic, public_ip, snapshot, vm

HOURS_2 = timedelta(hours=2)
ALL = (VM, DISK, SNAPSHOT, NIC, ADDRESS)
STEP = f"mooring/{NODE}-delete-0a1b2c3d/end-vm"


def detached(history: History, name: str = "data", **more: object) -> History:
    """The owner detaches a disk of the running VM, and it is so."""
    history.gives_up(name, **more)  # type: ignore[arg-type]
    return history.is_now(vm(), disks=vm(disks="os").disks)


def over(history: History, *, gone: bool = False) -> list[str]:
    """Return what is wrong once all that was to go has had its time."""
    records = Records() if gone else Records({NODE: history.view(status="ACTIVE")})
    return [str(one) for one in history.watch.over(history.now, records)]


def test_a_disk_that_did_not_persist_is_not_missed_when_its_node_is_given_up_later() -> None:
    """The VM that stays is promised all that it has, not what an earlier one had."""
    history = History(Promise(data_disks=False)).lives().goes_down(vm()).loses(vm())
    second = vm(born="second", disks="os")

    history.has(second).deletes(*ALL).goes_down(second).is_now(second, power="running")

    assert "I2" not in history.broken


# -- one disk -------------------------------------------------------------------------------------


def test_a_disk_that_its_owner_detached_may_go_and_the_next_vm_comes_without_it() -> None:
    history = detached(History().lives(), hours=0).loses(disk("data"))

    history.goes_down(vm()).loses(vm()).has(vm(born="second", disks="os"))

    assert history.broken == []


def test_only_that_disk_is_given_up() -> None:
    history = detached(History().lives(), hours=0).goes_down(vm()).loses(vm())

    assert history.loses(disk("os")).broken == ["I2"]


def test_a_disk_that_a_running_vm_loses_though_nobody_asked_breaks_i2() -> None:
    history = History().lives().is_now(vm(), disks=vm(disks="os").disks)

    assert history.broken == ["I2"]
    assert "lost data in slot 0 while it ran" in str(history.watch.breaches[0])


def test_a_disk_that_a_person_takes_off_in_azure_breaks_nothing_whether_it_comes_back_or_not() -> (
    None
):
    history = History().lives()
    history.watch.taken_off(NODE, disk("data").id)
    history.is_now(vm(), disks=vm(disks="os").disks).goes_down(vm()).is_now(vm(), power="running")

    assert history.goes_down(vm()).loses(vm()).has(vm(born="second")).broken == []
    assert history.goes_down(vm()).loses(vm()).loses(disk("os")).broken == ["I2"]


def test_a_disk_attached_to_a_running_vm_is_the_nodes_and_may_be_given_up_again() -> None:
    """Azure calls the VM Updating meanwhile."""
    history = History().lives().has(disk("new"))
    history.is_now(vm(), provisioning="Updating", disks=vm(disks="os data new").disks)
    history.is_now(vm(), provisioning="Succeeded").gives_up("new", hours=0)
    history.is_now(vm(), provisioning="Updating", disks=vm().disks)

    assert history.is_now(vm(), provisioning="Succeeded").loses(disk("new")).broken == []


def test_a_disk_attached_to_a_running_vm_must_come_with_the_next_one() -> None:
    history = History().lives().has(disk("new"))
    history.is_now(vm(), provisioning="Updating", disks=vm(disks="os data new").disks)
    history.is_now(vm(), provisioning="Succeeded").goes_down(vm()).loses(vm())

    assert history.has(vm(born="second")).broken == ["I2"]


def test_a_disk_deleted_before_its_time_is_over_breaks_i14() -> None:
    history = detached(History().lives(), hours=1).passes(50)

    assert history.loses(disk("data")).broken == ["I14"]
    assert "was deleted before" in str(history.watch.breaches[0])


def test_a_disk_that_is_there_after_its_time_breaks_i14() -> None:
    history = detached(History().lives(), hours=1)

    assert over(history.passes(50)) == []
    assert "was to be deleted by" in over(history.passes(20))[0]
    assert over(history.loses(disk("data"))) == []


def test_of_a_disk_whose_operation_was_lost_nobody_can_tell_when_it_is_to_go() -> None:
    history = detached(History().lives(), hours=1)

    history.watch.doubts(NODE, disk("data").id)

    assert over(history.passes(70)) == []
    assert over(history.loses(disk("data"))) == []
    assert history.broken == []


def test_a_disk_that_its_owner_keeps_and_that_is_deleted_breaks_i14() -> None:
    history = detached(History().lives()).is_now(disk("data"), tags={})

    assert history.loses(disk("data")).broken == ["I14"]
    assert "was to stay, and was deleted" in str(history.watch.breaches[0])


def test_a_disk_that_its_owner_keeps_must_lose_our_tag() -> None:
    history = detached(History().lives())

    assert "has the node's tag still" in over(history)[0]
    assert over(history.is_now(disk("data"), tags={})) == []


def test_until_it_is_its_owners_alone_the_disk_is_the_nodes() -> None:
    """A detach that came to nothing: the disk is the last good copy still."""
    history = History().lives().gives_up("data").goes_down(vm()).loses(vm())

    assert history.loses(disk("data")).broken == ["I2"]


def test_a_call_that_the_api_refused_gives_nothing_up() -> None:
    history = History().lives().goes_down(vm()).loses(vm()).gives_up("data", hours=0)

    history.takes_back("data").has(vm(born="second", disks="os"))

    assert history.broken == ["I2"]
    assert "came up without its disk in slot 0" in str(history.watch.breaches[0])


def test_a_second_call_that_the_api_refused_leaves_the_first_in_force() -> None:
    history = History().lives().gives_up("data", hours=0).gives_up("data", hours=1)

    history.takes_back("data").is_now(vm(), disks=vm(disks="os").disks)

    assert history.loses(disk("data")).broken == []


def test_snapshots_of_a_disk_that_was_given_up_may_go_too() -> None:
    history = detached(History().lives().has(snapshot("snap", "data")), hours=0)

    assert history.loses(disk("data")).loses(snapshot("snap", "data")).broken == []


def test_another_disk_in_the_slot_is_a_head_of_its_own() -> None:
    history = detached(History().lives(), hours=0).has(disk("new"))
    history.is_now(vm(), disks=vm(disks="os new").disks)

    assert history.broken == []
    assert history.goes_down(vm()).loses(vm()).loses(disk("new")).broken == ["I2"]


# -- another OS disk ------------------------------------------------------------------------------


def rests(history: History) -> History:
    return history.lives().goes_down(vm()).loses(vm())


def test_the_next_vm_boots_from_the_disk_that_was_swapped_in() -> None:
    history = rests(History()).has(disk("older")).gives_up("os", hours=0, instead="older")

    history.loses(disk("os")).has(vm(born="second", disks="older data"))

    assert history.broken == []
    assert history.goes_down(vm()).loses(vm()).loses(disk("older")).broken == ["I2"]


def test_a_snapshot_of_the_disk_that_was_swapped_out_may_go_with_it_and_no_sooner() -> None:
    history = rests(History()).has(snapshot("shot", "os"), disk("older", "shot"))
    early = rests(History()).has(snapshot("shot", "os"), disk("older", "shot"))

    history.gives_up("os", hours=0, instead="older").loses(disk("os"))
    early.gives_up("os", hours=1, instead="older")

    assert history.loses(snapshot("shot", "os")).broken == []
    assert early.loses(disk("os")).broken == ["I14"]


def test_a_third_disk_in_place_of_the_one_swapped_in_breaks_i2() -> None:
    history = rests(History()).has(disk("older"), disk("fresh"))

    history.gives_up("os", hours=0, instead="older").has(vm(born="second", disks="fresh data"))

    assert history.broken == ["I2"]


def test_a_swap_that_came_to_nothing_leaves_the_old_disk_the_nodes() -> None:
    history = rests(History()).has(disk("older")).gives_up("os", hours=0, instead="older")

    history.has(vm(born="second")).goes_down(vm()).loses(vm()).loses(disk("os"))

    assert history.broken == ["I2"]


def test_a_disk_that_was_swapped_in_again_is_not_to_go_any_more() -> None:
    history = rests(History()).has(disk("older")).gives_up("os", hours=2, instead="older")
    history.has(vm(born="second", disks="older data")).goes_down(vm()).loses(vm())

    history.gives_up("older", instead="os").has(vm(born="third"))

    assert history.broken == []
    assert history.goes_down(vm()).loses(vm()).passes(180).loses(disk("os")).broken == ["I2"]


# -- a whole node ---------------------------------------------------------------------------------


def test_a_disk_that_is_kept_when_its_node_is_deleted_may_not_be_deleted() -> None:
    history = History().lives().deletes(DISK).goes_down(vm()).loses(vm())

    assert set(history.loses(disk("os")).broken) == {"I2", "I14"}
    assert history.loses(nic(), public_ip()).broken[2:] == []


@pytest.mark.parametrize("thing", [nic(), public_ip()])
def test_a_network_that_is_kept_when_its_node_is_deleted_may_not_go(thing: object) -> None:
    history = History().lives().deletes(NIC, ADDRESS).goes_down(vm()).loses(vm())

    assert set(history.loses(thing).broken) == {"I3", "I14"}  # type: ignore[arg-type]


def test_what_goes_with_its_node_goes_no_sooner_than_its_owner_said() -> None:
    history = History().lives().deletes(stays=((DISK, HOURS_2),)).goes_down(vm()).loses(vm())

    assert history.passes(100).loses(disk("os")).broken == ["I14"]
    assert "whose time was not over" in str(history.watch.breaches[0])
    assert history.passes(30).loses(disk("data")).broken == ["I14"]


def test_what_was_to_go_with_a_node_and_is_there_is_told_also_without_our_tag() -> None:
    history = History().lives().deletes().goes_down(vm()).loses(vm(), nic(), public_ip())
    history.loses(disk("os")).is_now(disk("data"), tags={})

    (told,) = over(history, gone=True)

    assert "data of node ssn-00000001, which is deleted, was to go and is there" in told


def test_what_stays_after_its_node_must_lose_our_tag() -> None:
    history = History().lives().deletes(DISK).goes_down(vm()).loses(vm(), nic(), public_ip())

    (told,) = over(history.is_now(disk("os"), tags={}), gone=True)

    assert "data of node ssn-00000001, which is deleted, was to be its owner's" in told
    assert over(history) == []  # the product knows the node still


def kept_vm(history: History, *, on_demand: bool = False) -> History:
    """The owner deletes the node and keeps its VM, which is his then."""
    history.lives().deletes(*ALL, on_demand=on_demand)
    for portrait in [*history.there.values()]:
        history.is_now(portrait, tags={})
    return history


def test_a_vm_that_stays_runs_with_all_that_it_had() -> None:
    history = kept_vm(History(Promise(os_disk=False, network=False, name=False)))

    assert (history.broken, over(history, gone=True)) == ([], [])
    assert "is not there" in over(history.loses(vm()), gone=True)[0]
    assert history.broken == ["I14"]


def test_a_vm_that_was_being_deleted_when_the_node_was_given_up_need_not_stay() -> None:
    history = History().lives().is_now(vm(), provisioning="Deleting").deletes(*ALL)

    assert history.loses(vm()).broken == []


def test_a_vm_that_stays_is_not_stopped() -> None:
    history = History().lives().deletes(*ALL)

    history.asked("POST", vm(), action="deallocate/action", request_id=STEP)

    assert history.broken == ["I14"]
    assert "was stopped" in str(history.watch.breaches[0])


def test_a_vm_that_stays_and_does_not_run_any_more_is_told() -> None:
    history = kept_vm(History()).is_now(vm(), power="stopped")

    assert "and is stopped" in over(history, gone=True)[0]


def test_a_vm_that_azure_took_meanwhile_need_not_run() -> None:
    history = kept_vm(History()).is_now(vm(), notice="Started").goes_down(vm())

    assert over(history, gone=True) == []


def test_a_vm_that_is_to_be_on_demand_must_be() -> None:
    history = History().lives().is_now(vm(), spot=True).deletes(*ALL, on_demand=True)
    history.goes_down(vm()).loses(vm())
    history.has(vm(born="second", spot=True, tags={}))

    assert "a Spot VM" in "\n".join(over(history, gone=True))
    assert "was made again, and is stopped" in "\n".join(
        over(history.is_now(vm(), power="stopped"), gone=True)
    )
    assert history.broken == []


def test_a_vm_made_again_on_demand_with_other_disks_is_told() -> None:
    history = History().lives().deletes(*ALL, on_demand=True).goes_down(vm()).loses(vm())
    history.has(disk("fresh"), vm(born="second", disks="os fresh"))

    assert history.broken == ["I2"]
    assert "has other disks or NICs" in "\n".join(over(history, gone=True))


def test_the_deletion_of_a_node_without_a_vm_brings_none_up() -> None:
    history = rests(History()).deletes(DISK).asked("PUT", vm(), request_id=STEP)

    assert history.broken == ["I14"]


def test_a_deletion_that_came_to_nothing_leaves_all_promised() -> None:
    history = History().lives().deletes()
    history.watch.stays(NODE)
    history.watch.wish(NODE, Wish(history.now, "up"))

    assert history.goes_down(vm()).loses(vm()).loses(disk("os")).broken == ["I2"]
