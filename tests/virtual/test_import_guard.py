"""What a person does with a source is no wrong of the product's; the same by the product is."""

from dataclasses import replace

import pytest

from local.arm.chronicle import SERVICE, Asked, Change
from local.arm.portrait import DISK, NIC, SNAPSHOT, VM, Portrait
from local.clock import START
from tests.virtual.import_guard import Guard

SOURCE = Portrait(id="legacy", type=VM, born="v1", disks=(("os", "disk"),))
RUNNING = replace(SOURCE, power="running")
OS_DISK = Portrait(id="disk", type=DISK, born="d1", owners=("legacy",))


def guard() -> Guard:
    return Guard(0, network_kept=False, own={one.born: one for one in (SOURCE, OS_DISK)})


def deletes(caller: str, status: int = 202) -> Asked:
    operation = "Microsoft.Compute/virtualMachines/delete"
    return Asked(START, caller, "DELETE", operation, "legacy", "", status, "", "v1", "v1")


@pytest.mark.parametrize(
    ("caller", "status", "wrong"), [("someone", 202, 0), ("someone", 409, 1), (SERVICE, 202, 1)]
)
def test_a_source_may_end_early_if_a_person_has_deleted_it(
    caller: str, status: int, wrong: int
) -> None:
    one = guard()
    one.hear(deletes(caller, status))
    one.hear(Change(START, "legacy", SOURCE, None))

    assert len(one.wrong) == wrong


def test_what_goes_with_a_source_that_a_person_deletes_is_wrong_all_the_same() -> None:
    one = guard()
    one.hear(deletes("someone"))
    one.hear(Change(START, "disk", replace(OS_DISK, owners=()), None))

    assert len(one.wrong) == 1


@pytest.mark.parametrize(("power", "wrong"), [("deallocated", 0), ("running", 1)])
def test_a_copy_of_a_disk_that_azure_made_of_a_blob_is_made_of_a_vm_that_is_stopped(
    power: str, wrong: int
) -> None:
    """Azure may start a VM whose disks it converts."""
    one = guard()
    made = Portrait(id="made", type=DISK, born="d2", owners=("legacy",))
    copy = Portrait(id="copy", type=SNAPSHOT, born="s1", source="d2")
    one.hear(Change(START, "made", None, made))
    after = replace(SOURCE, power=power, allocated=power == "running")
    one.hear(Change(START, "legacy", SOURCE, after))
    one.hear(Change(START, "copy", None, copy))

    assert len(one.wrong) == wrong


def test_a_disk_that_azure_made_of_a_blob_does_not_go_before_its_time() -> None:
    one = guard()
    made = Portrait(id="made", type=DISK, born="d2", owners=("legacy",))
    one.hear(Change(START, "made", None, made))
    one.hear(Change(START, "made", made, None))

    assert len(one.wrong) == 1


def test_what_an_import_in_vain_leaves_is_compared_by_its_pools_and_blobs_may_become_disks() -> (
    None
):
    nic = Portrait(id="nic", type=NIC, born="n1", owners=("legacy",), pools=("web",))
    changed = {
        name: asked._facts(before) != asked._facts(after)
        for name, asked, before, after in (
            ("out of its pool", guard(), nic, replace(nic, pools=())),
            ("other disks", guard(), SOURCE, replace(SOURCE, disks=())),
            ("blobs", Guard(0, False, unmanaged=True), replace(SOURCE, disks=()), SOURCE),
            ("blobs, and it runs", Guard(0, False, unmanaged=True), SOURCE, RUNNING),
        )
    }

    assert changed == {
        "out of its pool": True,
        "other disks": True,
        "blobs": False,
        "blobs, and it runs": True,
    }
