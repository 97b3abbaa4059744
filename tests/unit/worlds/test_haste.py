"""I5, by whether somebody who may stop a VM is overruled before he could be named."""

from dataclasses import replace
from datetime import timedelta

import pytest

from local.arm.chronicle import SERVICE, Asked, Change, Happening, Told
from local.worlds.invariants import Promise
from tests.fuzz.haste import Haste
from tests.unit.worlds.history import NODE, NOON, vm

REPLACED = "replacing the VM: stop_not_allowed: stopped by user, by event_grid"
STOP = "VirtualMachineDeallocationInitiated"


class Story:
    """Ada stops a VM that is up; half a minute later it is down."""

    def __init__(
        self, *admins: str, caller: str = "ada", notice: str = "", annotated: bool = False
    ) -> None:
        promises = {NODE: Promise(vm_admins=admins or ("ada",))}
        self.now = NOON
        self.lines = [(NOON - timedelta(days=1), REPLACED)]
        self.haste = Haste(promises, lambda: self.lines)
        self.hears(Change(self.now, vm().id, None, replace(vm(), notice=notice)))
        self.hears(
            Asked(
                at=self.now,
                caller=caller,
                method="POST",
                operation=f"{vm().type}/deallocate/action",
                resource=vm().id,
                request_id="",
                status=202,
                digest="d",
                was=vm().born,
                became=vm().born,
            )
        )
        if annotated:
            self.is_annotated()
        self.passes(30)
        self.hears(
            Change(self.now, vm().id, vm(), replace(vm(), power="deallocated", allocated=False))
        )

    def hears(self, happening: Happening) -> list[str]:
        return [str(one) for one in self.haste.hear(happening)]

    def passes(self, seconds: float) -> "Story":
        self.now += timedelta(seconds=seconds)
        return self

    def is_replaced(self, line: str = REPLACED) -> "Story":
        self.lines.append((self.now, line))
        return self

    def is_annotated(self) -> None:
        properties = {"annotationName": STOP}
        data = {"resourceInfo": {"properties": properties}}
        self.hears(Told(self.now, "m", {"subject": vm().id.upper(), "data": data}))

    def is_named(self) -> list[str]:
        data = {"operationName": "Microsoft.Compute/virtualMachines/deallocate/action"}
        kind = "Microsoft.Resources.ResourceActionSuccess"
        event = {"eventType": kind, "subject": vm().id, "data": data}
        return self.hears(Told(self.now, "m", event))


def test_whoever_is_overruled_before_he_was_named_in_time_was_judged_in_haste() -> None:
    (told,) = Story().passes(150).is_replaced().passes(20).is_named()

    assert told.startswith("I5")
    assert "stopped by ada, who may, and not given the hold" in told


@pytest.mark.parametrize("line", ["replacing the VM: eviction: evicted", "paused"])
def test_what_else_becomes_of_the_vm_is_no_haste(line: str) -> None:
    assert Story().passes(150).is_replaced(line).passes(20).is_named() == []


def test_once_the_hold_is_over_nobody_waits_for_a_name() -> None:
    assert Story().passes(150).is_replaced().passes(31).is_named() == []


def test_the_hold_begins_with_the_first_that_is_told_of_the_stop() -> None:
    story = Story(annotated=True)

    assert story.passes(130).is_replaced().passes(25).is_named() == []


def test_whoever_may_not_or_stops_what_is_evicted_or_is_the_product_is_overruled() -> None:
    for story in (Story("grace"), Story(notice="Scheduled"), Story(caller=SERVICE)):
        assert story.passes(150).is_replaced().passes(20).is_named() == []


def test_a_decision_after_the_name_or_before_the_stop_is_not_about_it() -> None:
    story = Story().passes(20)

    assert story.is_named() == []
    assert story.is_replaced().passes(20).is_named() == []
