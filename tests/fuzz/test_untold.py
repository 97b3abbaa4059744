"""A disk is told of as one that nobody knows only where that is so."""

from dataclasses import replace

from local.arm.chronicle import SERVICE, Asked, Change
from local.arm.portrait import OS, VM, Portrait
from local.clock import START
from tests.fuzz.untold import Untold

DISK = "/s/disks/node-os-g2"
FAILED = Portrait("vm", VM, "v1", provisioning="Failed", disks=((OS, DISK),))
RUNS = replace(FAILED, provisioning="Succeeded", power="running", allocated=True)
TOLD = "node-os-g2 was made for a VM that was not seen to run and is gone; it stays"


def told(made: Portrait, deleted_by: str, line: str = TOLD) -> list[str]:
    """Return what is wrong where a VM was made so, deleted by somebody, and told of so."""
    untold = Untold()
    untold.hear(Change(START, "vm", None, made))
    operation = "Microsoft.Compute/virtualMachines/delete"
    untold.hear(Asked(START, deleted_by, "DELETE", operation, "vm", "", 202, "", "v1", "v1"))
    untold.hear(Change(START, "vm", made, None))
    return [*untold.wrong([line])]


def test_what_a_vm_had_that_failed_and_that_we_have_deleted_is_known_to_be_empty() -> None:
    assert told(FAILED, SERVICE) == ["node-os-g2"]


def test_what_a_vm_had_that_somebody_else_deleted_is_not_known() -> None:
    assert told(FAILED, "ada") == []


def test_nor_is_what_a_vm_had_that_has_run() -> None:
    assert told(RUNS, SERVICE) == []


def test_other_disks_and_other_lines_are_not_judged() -> None:
    assert told(FAILED, SERVICE, TOLD.replace("g2", "g3")) == []
    assert told(FAILED, SERVICE, "node-os-g2 is attached") == []
