"""A VM that Azure takes again while its recovery still runs: nothing heard meanwhile is lost."""

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from orchestrators.replace import ReplaceNode, replace
from services.evictions import Evictions
from services.operations import Operations
from shared.model.ids import NodeKey
from shared.model.run import DueKind, Notice, NoticeKind, Operation, RunState, Status
from tests.activities.acts import VM_ID, evicted, given_up, scenery
from tests.activities.scenes import played
from tests.activities.stage import KEY, Stage
from tests.orchestrators.recoveries import replaced

VERDICT_WITHIN = timedelta(minutes=2)


@dataclass
class Starts:
    """What would start orchestrations."""

    started: list[Operation] = field(default_factory=list)

    async def start(self, _key: NodeKey, operation: Operation) -> None:
        self.started.append(operation)


@dataclass
class Ears:
    """What hears for the node, as event triggers and ticks do."""

    stage: Stage
    starts: Starts = field(default_factory=Starts)
    heard: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        numbers = count(1)
        stores, clock = self.stage.ports.stores, self.stage.ports.clock
        operations = Operations(stores.due, clock, lambda: f"{next(numbers):08x}")
        self.evictions = Evictions(stores, operations)

    async def taken(self) -> None:
        """Have Azure announce that it takes the VM, and hear of it."""
        now = self.stage.ports.clock.now()
        await self.stage.arm("POST", f"{VM_ID}/simulateEviction")
        notice = Notice(
            kind=NoticeKind.EVICTION_COMING,
            source="event_grid",
            vm_resource_id=VM_ID,
            occurred_at=now,
            heard_at=now,
            deadline=now + timedelta(seconds=30),
            event_id="e1",
        )
        await self.stage.ports.clock.sleep(1)
        self.heard.append(await self.evictions.hear(notice, self.starts))

    async def judged(self) -> Operation:
        """Do what is due within the time that a verdict may take; return what it starts."""
        clock = self.stage.ports.clock
        due = await self.stage.ports.stores.due.read_due(clock.now() + VERDICT_WITHIN)
        assert DueKind.VERDICT in {item.kind for item in due}
        await clock.sleep(VERDICT_WITHIN.total_seconds())
        await self.evictions.weigh(KEY, self.starts)
        (operation,) = self.starts.started
        return operation


@pytest.mark.parametrize("step", ["start_vm", "create_vm", "install_extensions"])
def test_an_eviction_before_the_node_is_settled_brings_a_second_recovery(step: str) -> None:
    async def scene(stage: Stage) -> tuple[RunState, RunState, list[bool]]:
        ears = Ears(stage)
        stage.after[step] = ears.taken
        _, first = await replaced(stage)
        operation = await ears.judged()
        request = ReplaceNode(key=KEY, operation_id=operation.id)
        await stage.follow(replace(stage.context(), request))
        return first, (await stage.record()).run, ears.heard

    situation = evicted if step == "start_vm" else given_up
    first, second, heard = played(scene, scenery(situation))

    assert heard == [True]
    assert (first.status, second.status) == (Status.ACTIVE, Status.ACTIVE)
    assert second.vm is not None
    assert first.vm is not None
    assert second.vm.launched_at > first.vm.launched_at  # type: ignore[operator]
    assert second.os_disk == first.os_disk


def test_a_vm_taken_while_its_extensions_are_installed_is_the_nodes_and_is_replaced() -> None:
    """It has run, so its disks are the node's; it lacks extensions: nobody starts it in place."""

    async def scene(stage: Stage) -> Any:
        async def taken() -> None:
            await stage.evict(VM_ID)

        stage.after["create_vm"] = taken
        taken_back = await replaced(stage)
        return taken_back, await replaced(stage, "op-3")

    (ended, first), (again, run) = played(scene, scenery(given_up))

    assert (ended.outcome, first.status, first.launched_digest) == ("active", Status.ACTIVE, "")
    assert first.os_disk is not None
    assert (again.outcome, run.status) == ("active", Status.ACTIVE)
    assert (run.os_disk, run.generation) == (first.os_disk, first.generation + 1)
