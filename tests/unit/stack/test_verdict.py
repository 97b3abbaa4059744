from dataclasses import replace
from typing import Any

import pytest

from local.stack.body import Body, Thing
from local.stack.verdict import Promise, broken, compare

BEFORE = Body(
    name="demo-1",
    vm_id="id-1",
    size="standard_d2s_v5",
    zone="1",
    lifecycle="SPOT",
    power="running",
    os_disk=Thing("os-g1", "mark-os"),
    data_disks=(Thing("data0-g1", "mark-0"),),
    nics=(Thing("nic0", "mark-nic"),),
    private_addresses=("10.60.0.4",),
    public_addresses=("20.0.0.1",),
    owned_since="",
)
WHOLE = Promise(True, True, False, True, False, True)
NOTHING = Promise(False, False, False, False, False, False)
COPY = Thing("os-g2", "mark-os-2", "os-snap-g1")


def test_a_node_that_moved_to_another_size_came_back_whole() -> None:
    after = replace(BEFORE, size="standard_d4s_v5", lifecycle="OD", vm_id="id-2")

    assert broken(compare(BEFORE, after, WHOLE, vms=1)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"os_disk": Thing("os-g1", "another mark")}, "OS disk"),
        ({"data_disks": ()}, "data disks"),
        ({"private_addresses": ("10.60.0.5",)}, "private address"),
        ({"public_addresses": ("20.0.0.2",)}, "public address"),
        ({"nics": (Thing("nic0", "another mark"),)}, "NIC"),
        ({"name": "demo-2"}, "VM name"),
        ({"power": "deallocated"}, "power"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_was_promised_and_changed_is_named(change: dict[str, Any], said: str) -> None:
    after = replace(BEFORE, **change)

    lost = broken(compare(BEFORE, after, WHOLE, vms=1))

    assert [line.split(":")[0] for line in lost] == [said]


def test_a_second_machine_is_a_breach() -> None:
    assert broken(compare(BEFORE, BEFORE, NOTHING, vms=2)) == ["virtual machines: 1 became 2"]


def test_a_copy_will_do_where_the_zone_changed_and_only_there() -> None:
    copied = replace(BEFORE, os_disk=COPY, data_disks=(Thing("d", "m", "d-snap"),))

    assert broken(compare(BEFORE, replace(copied, zone="2"), WHOLE, vms=1)) == []
    assert len(broken(compare(BEFORE, copied, WHOLE, vms=1))) == 2


def test_a_copy_will_do_for_disks_rebuilt_on_launch_but_a_blank_one_will_not() -> None:
    rebuilt = replace(WHOLE, os_rebuilt=True)

    assert broken(compare(BEFORE, replace(BEFORE, os_disk=COPY), rebuilt, vms=1)) == []
    blank = replace(BEFORE, os_disk=Thing("os-g2", "mark-os-2"))
    assert len(broken(compare(BEFORE, blank, rebuilt, vms=1))) == 1


def test_the_promise_is_read_off_the_document() -> None:
    node = {
        "persistence": {
            "shouldPersistOsDisk": True,
            "osDiskPersistenceMode": "onLaunch",
            "shouldPersistDataDisks": False,
            "shouldPersistNetwork": False,
        },
        "compute": {"launchSpecification": {"vmName": "fixed"}},
    }

    promise = Promise.of(node)

    assert promise == Promise(
        name=True,
        os_disk=True,
        os_rebuilt=True,
        data_disks=False,
        data_rebuilt=False,
        network=False,
    )
