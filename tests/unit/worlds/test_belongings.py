import pytest

from local.arm.portrait import Portrait
from local.worlds.invariants import Promise
from tests.unit.worlds.history import History, nic, public_ip, vm


def back(history: History, *things: Portrait, **body: str) -> History:
    """Evict the node, and bring it back in another body."""
    history.lives().goes_down(vm()).loses(vm())
    return history.has(*things, vm(born="second", **body))


def test_coming_back_with_the_same_nic_addresses_and_name_is_lawful() -> None:
    assert back(History()).broken == []


@pytest.mark.parametrize("thing", [nic(), public_ip()])
def test_deleting_what_the_node_had_breaks_i3(thing: Portrait) -> None:
    history = History().lives().goes_down(vm()).loses(vm())

    assert history.loses(thing).broken == ["I3"]


def test_a_nic_that_no_vm_was_up_with_may_go() -> None:
    assert History().has(nic(), public_ip()).loses(nic(), public_ip()).broken == []


@pytest.mark.parametrize(
    "thing",
    [nic(address="10.0.0.9"), nic(public="other"), nic(public=""), public_ip(address="20.0.0.9")],
)
def test_an_address_that_changes_breaks_i3(thing: Portrait) -> None:
    assert History().lives().goes_down(vm()).has(thing).broken == ["I3"]


def test_another_nic_in_place_of_the_kept_one_breaks_i3() -> None:
    history = back(History(), nic("nic-g2", "10.0.0.5", public=""), nics="nic-g2")

    assert set(history.broken) == {"I3"}
    assert "came up with other NICs" in str(history.watch.breaches[0])
    assert "10.0.0.5 in place of 10.0.0.4" in str(history.watch.breaches[1])


def test_another_name_breaks_i3_only_where_the_name_is_promised() -> None:
    promised = back(History(), name="vm-g2")
    free = back(History(Promise(name=False)), name="vm-g2")

    assert promised.broken == ["I3"]
    assert free.broken == []


def test_a_network_that_is_not_persisted_may_change() -> None:
    history = History(Promise(network=False, name=False))

    back(history, nic("nic-g2", "10.0.0.5", public=""), nics="nic-g2", name="vm-g2")

    assert history.loses(nic(), public_ip()).broken == []


def test_a_node_that_its_user_deletes_may_lose_its_network() -> None:
    history = History().lives().wishes("delete").loses(vm())

    assert history.loses(nic(), public_ip()).broken == []
