"""I10: what is made is what was asked for; each way to break it."""

from dataclasses import replace
from typing import Any

import pytest

from local.arm.portrait import DISK
from local.worlds.invariants import Promise
from tests.unit.worlds.history import NODE, History, disk, id_of, nic, public_ip, snapshot, vm

SIZE = "standard_d2s_v5"


def document(*disks: tuple[int, int], os_gib: int = 64, size: str = SIZE, **more: Any) -> Promise:
    """What a document promises that orders data disks, by LUN and GiB."""
    kept = {"shouldPersistOsDisk": True, "shouldPersistDataDisks": True} | more
    launch = {
        "osDisk": {"sizeGB": os_gib},
        "dataDisks": [{"lun": lun, "sizeGB": size_gib} for lun, size_gib in disks],
    }
    compute = {"vmSizes": {"spotSizes": [size], "odSizes": []}, "launchSpecification": launch}
    return Promise.of({"persistence": kept, "compute": compute, "strategy": {}})


ASKED = document((0, 32))


def comes_up(history: History, disks: str = "os data", **more: Any) -> History:
    """A VM of the size that was asked for comes up on new disks."""
    values: dict[str, Any] = {"size": SIZE, "spot": True, "born": "first"} | more
    return history.has(vm(disks=disks, nics="", **values))


def told(history: History) -> list[str]:
    return [one.sentence for one in history.watch.breaches if one.invariant == "I10"]


def made(name: str, size_gib: int) -> Any:
    return disk(name, size_gib=size_gib)


def test_a_vm_as_its_document_orders_is_lawful() -> None:
    history = History(ASKED).has(made("os", 64), made("data", 32))

    assert told(comes_up(history)) == []


def test_a_vm_without_an_address_of_its_pool_breaks_i10_while_one_is_free() -> None:
    launch = {"network": {"networkInterfaces": [{"privateIpAddresses": ["10.0.9.1", "10.0.9.2"]}]}}
    compute = {"vmSizes": {"spotSizes": [SIZE]}, "launchSpecification": launch}
    pooled = Promise.of({"compute": compute, "strategy": {}})

    def up(address: str, *taken: str) -> list[str]:
        others = [nic(f"other-{one}", one, public="") for one in taken]
        history = History(pooled).has(*others, nic("nic", address, public=""))
        return told(history.has(vm(disks="os", size=SIZE, spot=True)))

    (wrong,) = up("10.0.0.4", "10.0.9.1")

    assert "nobody ever had 10.0.9.2" in wrong
    assert up("10.0.9.2", "10.0.9.1") == []
    assert up("10.0.0.4", "10.0.9.1", "10.0.9.2") == []


def test_a_vm_without_a_public_address_of_its_pool_breaks_i10_while_one_is_free() -> None:
    pool = [{"resourceGroupName": "rg", "name": name} for name in ("lent", "other-zone")]
    launch = {"network": {"networkInterfaces": [{"assignPublicIp": True, "publicIps": pool}]}}
    compute = {"vmSizes": {"spotSizes": [SIZE]}, "zones": ["1"], "launchSpecification": launch}
    pooled = Promise.of({"compute": compute, "strategy": {}})
    elsewhere = replace(public_ip("other-zone"), zones=("2",))

    def up(public: str, *taken: str) -> list[str]:
        history = History(pooled).has(public_ip("lent"), public_ip("own"), elsewhere)
        history.has(*(nic(f"other-{one}", "10.0.0.5", public=one) for one in taken))
        history.has(nic("nic", "10.0.0.4", public=public))
        return told(history.has(vm(disks="os", size=SIZE, spot=True, zone="1")))

    (wrong,) = up("own")

    assert "nobody ever had lent" in wrong
    assert up("lent") == []
    assert up("own", "lent") == []


@pytest.mark.parametrize(("os_gib", "data_gib", "slot"), [(30, 32, "os"), (64, 16, "0")])
def test_a_new_disk_of_another_size_breaks_i10(os_gib: int, data_gib: int, slot: str) -> None:
    history = History(ASKED).has(made("os", os_gib), made("data", data_gib))

    (wrong,) = told(comes_up(history))

    assert f"in slot {slot} in place of" in wrong


def test_a_copy_may_be_of_any_size() -> None:
    history = History(ASKED).has(disk("os", "image", size_gib=30), made("data", 32))

    assert told(comes_up(history)) == []


def test_a_disk_that_nobody_ordered_breaks_i10() -> None:
    history = History(ASKED).has(made("os", 64), made("data", 32), made("more", 8))

    assert (
        "has data disks ['0', '1'] in place of ['0']" in told(comes_up(history, "os data more"))[0]
    )


def test_a_disk_that_its_owner_attached_comes_besides_and_is_as_large_as_he_asked() -> None:
    history = History(ASKED).has(made("os", 64), made("data", 32))
    history.watch.attaches(NODE, id_of(DISK, "more"), 8)
    history.has(made("more", 8))

    assert told(comes_up(history, "os data more")) == []


def test_a_copy_of_an_attached_disk_that_no_vm_had_yet_comes_in_its_place() -> None:
    history = History(ASKED).has(made("os", 64), made("data", 32))
    history.watch.attaches(NODE, id_of(DISK, "more"), 8)
    history.has(made("more", 8), snapshot("snap", "more"), disk("more-2", "snap", size_gib=8))

    assert told(comes_up(history, "os data more-2")) == []


def test_an_attached_disk_of_another_size_breaks_i10() -> None:
    history = History(ASKED).has(made("os", 64), made("data", 32))
    history.watch.attaches(NODE, id_of(DISK, "more"), 16)
    history.has(made("more", 8))

    assert "8 GiB in slot 1 in place of 16" in told(comes_up(history, "os data more"))[0]


def test_where_a_disk_was_detached_the_next_vm_gets_no_new_one() -> None:
    history = comes_up(History(ASKED).has(made("os", 64), made("data", 32)))
    history.gives_up("data", hours=0).is_now(vm(), disks=vm(disks="os").disks).loses(vm())

    comes_up(history.has(made("fresh", 32)), "os fresh", born="second")

    assert "has data disks ['0'] in place of []" in told(history)[0]


def test_where_data_disks_do_not_persist_each_vm_gets_all_that_is_ordered() -> None:
    free = document((0, 32), shouldPersistDataDisks=False)
    history = comes_up(History(free).has(made("os", 64), made("data", 32)))
    history.gives_up("data", hours=0).is_now(vm(), disks=vm(disks="os").disks).loses(vm())

    assert told(comes_up(history.has(made("fresh", 32)), "os fresh", born="second")) == []
    assert told(comes_up(history.loses(vm()), "os", born="third")) != []


def test_what_was_edited_holds_from_the_next_vm_on() -> None:
    history = comes_up(History(ASKED).has(made("os", 64), made("data", 32)))
    history.watch.promise(NODE, document((0, 32), size="standard_d4s_v5"))

    again = history.passes(30).goes_down(vm()).is_now(vm(), power="running", allocated=True)
    assert told(again) == []
    comes_up(history.loses(vm()), born="second")
    assert "which nobody asked for" in told(history)[0]


def test_an_edit_while_a_vm_is_made_may_come_too_late_for_it() -> None:
    history = History(ASKED).has(made("os", 64), made("data", 32))
    comes_up(history, power="starting")
    history.watch.promise(NODE, document((0, 32), size="standard_d4s_v5"))

    assert told(history.is_now(vm(), power="running")) == []


@pytest.mark.parametrize(
    ("computer", "lawful"),
    [
        ("", True),
        (vm().id.rsplit("/", 1)[-1], True),
        ("another", False),
        ("another-of-them", False),
    ],
)
def test_a_vm_that_calls_itself_otherwise_breaks_i10(computer: str, *, lawful: bool) -> None:
    history = History(ASKED).has(made("os", 64), made("data", 32))

    assert (told(comes_up(history, computer=computer)) == []) is lawful
