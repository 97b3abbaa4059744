"""I2, by the ways in which a disk comes to its next VM."""

from datetime import timedelta

from local.worlds.invariants import Promise
from tests.unit.worlds.history import NOON, History, disk, snapshot, vm


def moved(history: History) -> History:
    """Bring the node's OS disk to another zone, up to the point where its copy boots."""
    history.lives().goes_down(vm())
    history.has(snapshot("snap", "os"), disk("os-z2", "snap"))
    return history.loses(vm()).has(vm(born="second", disks="os-z2 data"))


def test_deleting_a_disk_that_nothing_holds_a_copy_of_breaks_i2() -> None:
    history = History().lives().goes_down(vm()).loses(vm())

    history.loses(disk("data"))

    assert history.broken == ["I2"]
    assert "disk data (0) of node ssn-00000001 was deleted" in str(history.watch.breaches[0])


def test_the_old_disk_may_go_once_a_vm_booted_with_its_copy() -> None:
    assert moved(History()).loses(disk("os")).broken == []


def test_the_old_disk_may_go_while_a_whole_snapshot_of_it_is_there() -> None:
    history = History().lives().goes_down(vm()).has(snapshot("snap", "os"))

    assert history.loses(disk("os")).broken == []


def test_a_snapshot_still_copied_in_the_background_is_no_good_copy() -> None:
    until = (NOON + timedelta(hours=5)).isoformat()
    history = History().lives().goes_down(vm()).has(snapshot("snap", "os", whole_from=until))

    assert history.loses(disk("os")).broken == ["I2"]


def test_a_snapshot_of_a_disk_in_use_does_not_hold_what_was_written_since() -> None:
    history = History().lives()
    history.is_now(disk("os"), owners=(vm().id,)).has(snapshot("snap", "os"))

    assert history.goes_down(vm()).loses(disk("os")).broken == ["I2"]


def test_a_copy_that_never_booted_is_no_good_copy() -> None:
    history = History().lives().goes_down(vm())
    history.has(snapshot("snap", "os"), disk("os-z2", "snap"))

    history.loses(snapshot("snap", "os")).loses(disk("os"))

    assert history.broken == ["I2"]


def test_copies_that_nobody_used_and_disks_that_never_booted_may_go() -> None:
    history = History().lives().goes_down(vm())
    history.has(snapshot("snap", "os"), disk("os-z2", "snap"), disk("fresh"))

    history.loses(disk("os-z2")).loses(snapshot("snap", "os")).loses(disk("fresh"))

    assert history.broken == []


def test_a_vm_that_never_booted_leaves_nothing_to_lose() -> None:
    history = History().has(disk("os"), vm(disks="os", power="running", provisioning="Failed"))

    assert history.loses(vm()).loses(disk("os")).broken == []


def test_an_old_snapshot_may_go_since_the_disk_it_became_holds_more() -> None:
    assert moved(History()).loses(disk("os")).loses(snapshot("snap", "os")).broken == []


def test_going_back_to_the_disk_before_the_copy_breaks_i2() -> None:
    history = moved(History()).loses(vm())

    history.has(vm(born="third"))

    assert history.broken == ["I2"]
    assert "came up with os in slot os, which does not hold all" in str(history.watch.breaches[0])


def test_a_fresh_disk_in_the_place_of_a_persisted_one_breaks_i2() -> None:
    history = History().lives().goes_down(vm()).loses(vm())

    history.has(disk("os-g2"), vm(born="second", disks="os-g2 data"))

    assert history.broken == ["I2"]


def test_coming_up_without_a_persisted_disk_breaks_i2() -> None:
    history = History().lives().goes_down(vm()).loses(vm())

    history.has(vm(born="second", disks="os"))

    assert history.broken == ["I2"]
    assert "came up without its disk in slot 0" in str(history.watch.breaches[0])


def test_what_is_not_persisted_may_be_lost() -> None:
    history = History(Promise(os_disk=False)).lives().goes_down(vm()).loses(vm())

    history.has(disk("os-g2"), vm(born="second", disks="os-g2 data")).loses(disk("os"))

    assert history.broken == []


def test_a_node_that_its_user_deletes_may_lose_everything() -> None:
    history = History().lives().wishes("delete").goes_down(vm())

    assert history.loses(vm()).loses(disk("os"), disk("data")).broken == []


def test_starting_the_same_vm_again_is_lawful() -> None:
    history = History().lives()

    history.goes_down(vm()).is_now(vm(), power="starting", provisioning="Updating")
    history.is_now(vm(), power="running", provisioning="Succeeded", allocated=True)

    assert history.broken == []


def test_a_disk_that_is_replaced_under_its_own_name_is_lost() -> None:
    history = History().lives().goes_down(vm()).loses(vm())

    history.has(disk("os", born="namesake"))

    assert history.broken == ["I2"]
