"""What a person does with a source is no wrong of the product's; the same by the product is."""

from dataclasses import replace

import pytest

from local.arm.chronicle import SERVICE, Asked, Change
from local.arm.portrait import DISK, VM, Portrait
from local.clock import START
from tests.virtual.import_guard import Guard

SOURCE = Portrait(id="legacy", type=VM, born="v1", disks=(("os", "disk"),))
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
