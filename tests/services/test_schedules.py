"""Tasks of a node's own schedule: done once, at their time, or skipped with a reason."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from services.actions import NodeActions
from services.schedules import Schedules, plan
from services.tick import Tick
from shared.model.ids import NodeKey
from shared.model.run import DueItem, DueKind, OperationKind, Status, Waiting
from tests.services.house import House, full_minute, opened_house
from tests.store.worlds import NOON

PAUSE = {"isEnabled": True, "type": "pause", "cronExpression": "30 12 * * *"}
RESUME = {"isEnabled": True, "type": "resume", "cronExpression": "40 12 * * *"}
RECYCLE = {"isEnabled": True, "type": "recycle", "cronExpression": "30 12 * * *"}


@dataclass
class Clockwork:
    """A house whose tick knows schedules."""

    house: House
    schedules: Schedules
    tick: Tick

    async def lives(self, *tasks: dict[str, Any], **run: Any) -> NodeKey:
        """Make a node with a schedule."""
        key = await self.house.lives(**run)
        await self.edits(key, *tasks)
        return key

    async def edits(self, key: NodeKey, *tasks: dict[str, Any]) -> None:
        """Store another schedule, as an update does."""
        record = await self.house.node(key)
        document = {**record.document, "scheduling": {"tasks": list(tasks)}}
        stores, now = self.house.stores, self.house.clock.now()
        await plan(stores.due, (key, record.version + 1), document, now)
        await stores.nodes.put_document(record, document)

    async def ticks(self, minutes: int = 1) -> None:
        for _ in range(minutes):
            self.house.clock.moment = full_minute(self.house.clock.moment)
            await self.tick.run(self.house.starts)

    async def until(self, hour: int, minute: int) -> None:
        """Tick through every minute up to a moment of the day, that one too."""
        end = NOON.replace(hour=hour, minute=minute)
        while self.house.clock.now() < end:
            await self.ticks()

    def kinds(self) -> list[str]:
        """Return the kinds of the operations that were started."""
        return [one.split("-")[2] for one in self.house.starts.ids]

    async def skipped(self, key: NodeKey) -> list[str]:
        return [line for line in await self.house.told(key) if "skipped" in line]


@pytest.fixture
async def work() -> AsyncIterator[Clockwork]:
    async with opened_house() as house:
        schedules = Schedules(NodeActions(house.stores, house.operations))
        tick = Tick(house.stores, house.operations, house.evictions, schedules.acts)
        yield Clockwork(house, schedules, tick)


async def test_a_task_is_done_at_its_minute_and_not_before(work: Clockwork) -> None:
    """R87: tasks are done at their cron times."""
    key = await work.lives(PAUSE)

    await work.until(12, 29)
    before = work.kinds()
    await work.ticks()

    held = await work.house.held_by(key)
    assert before == []
    assert held
    assert (held.kind, held.locked_at) == (OperationKind.PAUSE, NOON + timedelta(minutes=30))
    assert await work.house.status(key) is Status.PAUSE
    assert "Scheduled pause (30 12 * * *)" in await work.house.told(key)


async def test_each_task_leaves_the_row_of_the_next_one(work: Clockwork) -> None:
    key = await work.lives(PAUSE, RESUME)
    await work.until(12, 30)
    await work.house.settles(key, status=Status.PAUSED, vm=None)

    await work.until(12, 40)
    await work.house.settles(key, status=Status.ACTIVE)
    work.house.clock.moment = NOON + timedelta(days=1, minutes=29)
    await work.ticks(2)

    assert work.kinds() == ["pause", "resume", "pause"]


async def test_a_tick_that_is_repeated_does_a_task_once(work: Clockwork) -> None:
    """A tick was killed after it had locked the node, and before the row was done."""
    key = await work.lives(RECYCLE)
    await work.until(12, 30)
    await work.house.settles(key, status=Status.ACTIVE)
    row = DueItem(
        account_id=key.account_id,
        node_id=key.node_id,
        kind=DueKind.SCHEDULE,
        item_id="202611231230",
        due_at=NOON + timedelta(minutes=30),
    )

    assert await work.schedules.act(row, work.house.starts)

    assert work.kinds() == ["recycle"]
    assert await work.skipped(key) == []


async def test_a_node_that_is_held_is_waited_for(work: Clockwork) -> None:
    key = await work.lives(PAUSE)
    await work.until(12, 29)
    record = await work.house.node(key)
    replacing = work.house.operations.make(key, OperationKind.REPLACE)
    assert await work.house.stores.nodes.lock(record, replacing)

    await work.until(12, 35)
    meanwhile = work.kinds()
    await work.house.settles(key, status=Status.ACTIVE)
    await work.ticks(2)

    assert "pause" not in meanwhile
    assert work.kinds() == [*meanwhile, "pause"]
    assert await work.skipped(key) == []


async def test_a_node_that_is_held_for_too_long_is_not_waited_for(work: Clockwork) -> None:
    key = await work.lives(PAUSE)
    await work.until(12, 29)
    held = work.house.operations.make(key, OperationKind.REPLACE)
    assert await work.house.stores.nodes.lock(await work.house.node(key), held)

    await work.until(13, 5)

    (line,) = await work.skipped(key)
    assert line.startswith("scheduled pause at 2026-11-23 12:30 UTC skipped: cannot pause while")
    assert "pause" not in work.kinds()


async def test_a_node_that_waits_for_room_is_paused(work: Clockwork) -> None:
    """S27: a node that is to rest at night must not come up at night."""
    waiting = Waiting(reason="full", until=NOON + timedelta(hours=2), attempt=3)
    key = await work.lives(PAUSE, status=Status.RESUMING, waiting=waiting)

    await work.until(12, 30)

    assert work.kinds() == ["pause"]
    assert (await work.house.node(key)).run.waiting is None


@pytest.mark.parametrize(
    ("task", "status"),
    [
        (PAUSE, Status.STOPPED),
        (PAUSE, Status.PAUSED),
        ({**RESUME, "cronExpression": "30 12 * * *"}, Status.ACTIVE),
        (RECYCLE, Status.PAUSED),
    ],
)
async def test_what_cannot_be_done_is_skipped_and_says_what_can(
    work: Clockwork, task: dict[str, Any], status: Status
) -> None:
    """R87: a task that does not apply is passed over; the reason is in the log."""
    key = await work.lives(task, status=status)

    await work.until(12, 32)

    (line,) = await work.skipped(key)
    assert "allowed now:" in line
    assert work.kinds() == []


async def test_a_row_of_an_older_schedule_does_nothing(work: Clockwork) -> None:
    key = await work.lives(PAUSE)
    await work.edits(key, {**PAUSE, "cronExpression": "0 18 * * *"})

    await work.until(12, 45)

    assert work.kinds() == []
    assert await work.skipped(key) == []


async def test_a_version_that_nobody_planned_for_is_made_good(work: Clockwork) -> None:
    """Its document was stored, and whoever did it died, or did not know of schedules."""
    key = await work.lives(PAUSE)
    record = await work.house.node(key)
    later = {**PAUSE, "cronExpression": "45 12 * * *"}
    document = {**record.document, "scheduling": {"tasks": [later]}}
    await work.house.stores.nodes.put_document(record, document)

    await work.until(12, 45)

    assert work.kinds() == ["pause"]


async def test_a_pause_and_a_resume_missed_in_an_outage_come_to_the_latest(work: Clockwork) -> None:
    key = await work.lives(PAUSE, RESUME)
    work.house.clock.moment = NOON + timedelta(hours=1)

    await work.ticks()

    skipped = await work.skipped(key)
    assert work.kinds() == []
    assert len(skipped) == 2
    assert any("cannot resume while the node is ACTIVE" in line for line in skipped)


async def test_a_node_that_goes_or_is_gone_has_no_schedule(work: Clockwork) -> None:
    going = await work.lives(PAUSE, status=Status.DEALLOCATING)
    gone = await work.lives(PAUSE, number=2)
    await work.house.stores.nodes.delete(gone)

    await work.until(12, 35)

    assert work.kinds() == []
    assert await work.skipped(going) == []
