"""I16, by whether a VM is kept that never said that it is ready."""

from dataclasses import replace

import pytest

from local.arm.chronicle import SERVICE, Asked, Change
from local.worlds.invariants import NodeView
from local.worlds.invariants.promises import Told
from local.worlds.logbook import Entry
from tests.fuzz.silence import Silence, is_asked
from tests.unit.worlds.history import DEALLOCATED, NODE, NOON, vm

OPERATION = f"{NODE}-replace-0a1b2c3d"
BORN = vm().born


class Story:
    """An operation makes a VM, which comes up."""

    def __init__(self, status: str = "ACTIVE", operation: str = "") -> None:
        nothing = frozenset[str]()
        told = Told(vm().id, "", "", spot=True, disks=frozenset(), nics=nothing, addresses=nothing)
        told = replace(told, born=BORN)
        view = NodeView(NODE, status, operation=operation, told=told)
        self.spoke: set[str] = set()
        self.silence = Silence(lambda _: view, self.spoke)
        self.silence.hear(
            Asked(
                at=NOON,
                caller=SERVICE,
                method="PUT",
                operation=f"{vm().type}/write",
                resource=vm().id,
                request_id=f"mooring/{OPERATION}/create-1",
                status=201,
                digest="d",
                was="",
                became=BORN,
            )
        )
        self.is_now()

    def is_now(self, **more: object) -> "Story":
        self.silence.hear(Change(NOON, vm().id, None, replace(vm(), **more)))  # type: ignore[arg-type]
        return self

    def ends(self, operation: str = OPERATION) -> list[str]:
        return list(self.silence.read(Entry(1.0, "end", f"settle_operation {operation}/35 {{}}")))


def test_a_vm_that_never_said_that_it_is_ready_and_stays_is_told() -> None:
    assert Story().ends() == [f"vm of node {NODE} stays, and never said it is ready"]


def test_a_vm_that_has_said_so_or_was_off_meanwhile_may_stay() -> None:
    spoken = Story()
    spoken.spoke.add(BORN)

    assert spoken.ends() == []
    assert Story().is_now(**DEALLOCATED).is_now().ends() == []


def test_a_vm_that_another_operation_made_is_not_judged() -> None:
    assert Story().ends(f"{NODE}-resume-0a1b2c3d") == []


@pytest.mark.parametrize(("status", "operation"), [("ERROR", ""), ("RESUMING", OPERATION)])
def test_a_node_that_is_not_active_or_not_idle_is_not_judged(status: str, operation: str) -> None:
    assert Story(status, operation).ends() == []


def test_a_change_that_leaves_a_vm_running_is_no_rest() -> None:
    assert len(Story().is_now(provisioning="Updating").is_now().ends()) == 1


def test_only_a_document_that_waits_for_the_word_is_judged() -> None:
    def document(*kinds: str) -> dict[str, dict[str, list[dict[str, str]]]]:
        return {"strategy": {"signals": [{"type": one} for one in kinds]}}

    assert is_asked(document("vmReadyToShutdown", "vmReady"))
    assert not is_asked(document("vmReadyToShutdown"))
