"""I16, by whether a VM that is shut down for its owner was heard out."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from local.arm.chronicle import SERVICE, Asked, Change
from local.worlds.invariants import NodeView
from tests.fuzz.parley import Parley
from tests.unit.worlds.history import DEALLOCATED, NODE, NOON, vm

TIME_S = 150.0


def document(*kinds: str) -> dict[str, Any]:
    return {"strategy": {"signals": [{"type": one, "timeout": TIME_S} for one in kinds]}}


class Story:
    """A VM that is up since noon; half an hour later an operation begins."""

    def __init__(self, kind: str = "pause", *signals: str) -> None:
        self.now = NOON
        self.is_over = False
        self.operation = f"{NODE}-{kind}-0a1b2c3d"
        self.parley = Parley(document(*(signals or ("vmReadyToShutdown",))), self.view)
        self.is_now()
        self.now += timedelta(minutes=30)
        self.began = self.now

    def view(self, _node: str) -> NodeView:
        running = "" if self.is_over else self.operation
        return NodeView(NODE, "PAUSING", operation=running, busy_since=self.began)

    def is_now(self, **more: Any) -> "Story":
        list(self.parley.hear(Change(self.now, vm().id, None, replace(vm(), **more))))
        return self

    def ends(self, after_s: float, action: str = "deallocate/action") -> list[str]:
        self.now += timedelta(seconds=after_s)
        asked = Asked(
            at=self.now,
            caller=SERVICE,
            method="POST",
            operation=f"{vm().type}/{action}",
            resource=vm().id,
            request_id=f"mooring/{self.operation}/step",
            status=202,
            digest="d",
            was="born-vm",
            became="born-vm",
        )
        return [str(one) for one in self.parley.hear(asked)]


def test_a_vm_that_had_its_time_to_speak_may_go() -> None:
    assert Story().ends(TIME_S) == []


def test_a_vm_that_is_shut_down_before_it_was_heard_out_breaks_i16_once() -> None:
    story = Story("recycle")

    (told,) = story.ends(1.0)

    assert told.startswith("I16")
    assert "shut down 1.0 s after that was asked for, and was not heard out" in told
    assert story.ends(1.0, "delete") == []
    assert len(Story("delete").ends(1.0, "delete")) == 1


def test_only_a_document_that_has_it_heard_out_gives_a_vm_time() -> None:
    assert Story("pause", "vmReady").ends(1.0) == []


def test_a_vm_that_is_evicted_moved_down_or_only_just_up_has_no_such_time() -> None:
    assert Story().is_now(notice="Scheduled").ends(1.0) == []
    assert Story("replace").ends(1.0) == []
    assert Story("import_vm").ends(1.0) == []
    assert Story().is_now(**DEALLOCATED).ends(1.0) == []
    assert Story().is_now(**DEALLOCATED).is_now().ends(1.0) == []


def test_an_end_by_an_operation_that_is_over_is_not_judged() -> None:
    story = Story()
    story.is_over = True

    assert story.ends(1.0) == []
