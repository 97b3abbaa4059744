from local.arm.portrait import VM
from tests.unit.worlds.history import History, disk, id_of, vm


def test_a_disk_in_the_models_of_two_vms_breaks_i1() -> None:
    history = History().lives().goes_down(vm())

    history.has(vm("other", disks="os", power="starting", tags={}))

    assert history.broken == ["I1"]
    assert "disk os is attached to other and vm at once" in str(history.watch.breaches[0])


def test_a_disk_with_two_owners_breaks_i1_whatever_the_models_say() -> None:
    owners = (id_of(VM, "vm"), id_of(VM, "other"))

    assert History().has(disk("os", owners=owners)).broken == ["I1"]


def test_a_disk_that_moves_to_the_next_vm_is_lawful() -> None:
    history = History().lives().goes_down(vm()).loses(vm())

    history.has(vm(born="second", power="starting")).is_now(vm(), power="running")

    assert history.broken == []


def test_a_breach_is_told_once() -> None:
    other = vm("other", disks="os", tags={})

    history = History().lives().has(other).goes_down(other).is_now(other, power="starting")

    assert history.broken == ["I1"]


def test_two_vms_on_hosts_for_one_node_break_i4() -> None:
    history = History().lives()

    history.has(vm("vm-g2", disks="", nics="", power="starting"))

    assert history.broken == ["I4"]
    assert f"node {vm().tags['mooring-node']} has vm and vm-g2 alive" in str(
        history.watch.breaches[0]
    )


def test_a_second_vm_beside_one_that_stands_on_no_host_is_lawful() -> None:
    history = History().lives().goes_down(vm())

    history.has(vm("vm-g2", disks="", nics="nic", power="starting"))

    assert history.broken == []


def test_vms_of_nobody_or_of_other_nodes_do_not_count() -> None:
    history = History().lives()

    history.has(vm("a", disks="", tags={}), vm("b", disks="", tags={"mooring-node": "ssn-2"}))

    assert history.broken == []
