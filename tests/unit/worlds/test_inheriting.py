"""I2 and I3 of a node that begins with an import: what the imported VM had is what it must have."""

from dataclasses import replace

from local.worlds.invariants import Promise, Records
from tests.unit.worlds.history import NODE, History, disk, nic, public_ip, snapshot, vm

SOURCE = vm("source", tags={})


def imported(*, network: bool) -> History:
    """A VM that is nobody's node was up, is being imported, and is down."""
    promise = Promise(network=network, name=network)
    history = History(promise)
    things = (public_ip(), nic(), disk("os"), disk("data"))
    history.has(*(replace(one, tags={}) for one in things), SOURCE)
    history.watch.inherit(NODE, SOURCE.id, promise)
    return history.goes_down(SOURCE)


def copied(history: History) -> History:
    for name in ("os", "data"):
        history.has(snapshot(f"{name}-snap", name), disk(f"{name}-copy", f"{name}-snap"))
    return history


def test_a_first_vm_on_copies_of_the_imported_disks_is_lawful() -> None:
    history = copied(imported(network=False))

    history.has(vm(disks="os-copy data-copy", nics="other"))
    history.loses(SOURCE, disk("os"), disk("data"), nic())

    assert history.broken == []


def test_a_first_vm_without_their_data_breaks_i2() -> None:
    fresh = copied(imported(network=False)).has(disk("fresh"), vm(disks="os-copy fresh"))
    without = copied(imported(network=False)).has(vm(disks="os-copy"))

    assert fresh.broken == ["I2"]
    assert without.broken == ["I2"]


def test_an_imported_disk_that_goes_before_its_copy_has_booted_breaks_i2() -> None:
    history = imported(network=False).has(disk("os-copy", "os"))

    assert history.loses(SOURCE, disk("os")).broken == ["I2"]


def test_a_kept_network_is_the_imported_vms_under_another_name() -> None:
    kept = copied(imported(network=True)).has(vm("node", disks="os-copy data-copy"))
    others = copied(imported(network=True)).has(nic("new", "10.0.0.9", ""))
    others.has(vm("node", disks="os-copy data-copy", nics="new"))

    assert kept.broken == []
    assert set(others.broken) == {"I3"}


def test_an_imported_disk_that_the_node_does_not_keep_may_go() -> None:
    promise = Promise(os_disk=False, network=False, name=False)
    history = History(promise).has(disk("os"), disk("data"), SOURCE)
    history.watch.inherit(NODE, SOURCE.id, promise)

    assert history.goes_down(SOURCE).loses(SOURCE, disk("os")).broken == []


def test_what_a_vm_wrote_whose_import_was_given_up_may_go_but_not_once_it_is_proven() -> None:
    given_up = copied(imported(network=False)).has(vm(disks="os-copy data-copy", nics="other"))
    proven = copied(imported(network=False)).has(vm(disks="os-copy data-copy", nics="other"))
    proven.watch.prove(NODE)
    for history in (given_up, proven):
        history.goes_down(vm()).loses(vm(), disk("os-copy"))

    assert given_up.broken == []
    assert proven.broken == ["I2"]


def left_with_a_nic(tags: dict[str, str], nics: str = "holder") -> list[str]:
    """Return what is wrong once a node is gone whose source was left with a NIC of the node's."""
    history = imported(network=True).has(nic("holder", "10.0.0.9", ""))
    history.is_now(SOURCE, nics=(nic(nics).id,)).deletes()
    history.is_now(nic("holder"), tags=tags)
    return [str(one) for one in history.watch.over(history.now, Records())]


def test_a_nic_that_an_imported_vm_was_left_with_is_that_vms_once_it_has_lost_our_tag() -> None:
    assert left_with_a_nic({}) == []
    assert "holder" in left_with_a_nic(dict(nic().tags))[0]
    assert "was to go and is there" in left_with_a_nic({}, nics="nic")[0]


def test_what_an_import_in_vain_had_of_its_source_is_not_to_go_with_its_node() -> None:
    given_back, taken = imported(network=True), imported(network=True)
    for history in (given_back, taken):
        history.loses(SOURCE).is_now(nic(), tags=nic().tags)
    given_back.watch.spare({nic().born})
    for history in (given_back, taken):
        history.deletes().is_now(nic(), tags={})

    assert given_back.watch.over(given_back.now, Records()) == []
    assert "was to go and is there" in str(taken.watch.over(taken.now, Records())[0])
