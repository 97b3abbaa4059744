"""I10: a VM that is shown as up has its extensions, or the log says why not."""

from dataclasses import replace
from datetime import timedelta

from local.arm.portrait import VM, Portrait
from local.clock import START
from local.worlds.invariants import NodeView
from shared.model.run import LogEntry
from store.codec import model_values
from store.rows import Stored
from tests.fuzz.equipment import lacking
from tests.fuzz.outcome import told_of_no_pool
from tests.fuzz.records import told

NODE = NodeView(id="ssn-1", status="ACTIVE")
RUNS = Portrait(
    id="/subscriptions/s/vm",
    type=VM,
    born="1",
    provisioning="Succeeded",
    power="running",
    allocated=True,
)


def test_a_vm_without_an_extension_is_told_by_its_name() -> None:
    found = [*lacking(NODE, RUNS, {"setup"}, is_told=False)]

    assert found == ["vm is shown as up without its extensions setup"]


def test_a_vm_that_has_them_all_lacks_nothing() -> None:
    assert not [*lacking(NODE, RUNS, set(), is_told=False)]


def test_an_extension_that_the_log_says_is_refused_may_lack() -> None:
    assert not [*lacking(NODE, RUNS, {"setup"}, is_told=True)]


def test_a_vm_that_was_taken_before_they_were_there_may_lack_them() -> None:
    taken = replace(RUNS, power="deallocated", allocated=False)

    assert not [*lacking(NODE, taken, {"setup"}, is_told=False)]


def test_a_node_that_is_not_shown_as_active_may_lack_them() -> None:
    assert not [*lacking(replace(NODE, status="PENDING"), RUNS, {"setup"}, is_told=False)]


def test_a_warning_about_an_earlier_vm_does_not_count() -> None:
    row = _warning()

    assert told({"log": [row]}, "WARN") == 1
    assert told({"log": [row]}, "WARN", START) == 1
    assert told({"log": [row]}, "WARN", START + timedelta(seconds=1)) == 0


def _warning() -> Stored:
    entry = LogEntry(at=START, message="Refused: no", severity="WARN")
    return Stored("n", "r", {"severity": "WARN", **model_values("entry", entry)}, "e")


def test_a_complaint_about_a_pool_that_nobody_gave_is_found() -> None:
    line = "nic0: no public address of the pool can be used: "

    assert told_of_no_pool(["is up", line]) == line
    assert not told_of_no_pool([f"{line}lent-a (in use)"])
    assert not told_of_no_pool(["nic0: no private address of the pool is free: 10.0.0.4"])
