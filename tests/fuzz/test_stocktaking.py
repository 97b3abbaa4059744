"""A VM that an operation has found is told of: what the judge sees, and what it lets pass."""

from datetime import timedelta

from local.clock import START
from tests.fuzz.stocktaking import ENDED, found_vm, is_told

SECOND = timedelta(seconds=1)
STORY = "vm-1 was made by an operation that broke off; it is the node's"


def test_a_vm_that_is_up_or_has_failed_is_found_and_disks_alone_are_none() -> None:
    assert found_vm({"up": {"vm": {"name": "vm-1"}}, "body": None}) == "vm-1"
    assert found_vm({"up": None, "body": {"name": "vm-2"}}) == "vm-2"
    assert found_vm({"up": None, "body": None, "strays": ["disk"]}) == ""
    assert found_vm({"kind": "refused", "code": "X"}) == ""


def test_a_line_that_names_it_tells_of_it_unless_it_is_an_older_one() -> None:
    assert is_told("vm-1", START, [(START - SECOND, STORY)])
    assert not is_told("vm-1", START, [(START - 100 * SECOND, STORY)])
    assert not is_told("vm-1", START, [(START, "recycled")])
    assert not is_told("vm-1", START, [])


def test_an_activity_that_failed_has_answered_nothing() -> None:
    assert ENDED.match('settle_operation ssn-1-resume-2/7 {"kind": "settled"}')
    assert not ENDED.match("settle_operation ssn-1-resume-2/7 Activity function failed: Transient")
