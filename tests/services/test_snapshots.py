"""Rounds of snapshots: who is due, how many at once, and who waits for whom."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from services.fleet import Sight
from services.node_views import status_of_summary
from services.snapshots import ROUNDS_A_MINUTE, Snapshots
from services.tick import Act
from shared.model.ids import NodeKey
from shared.model.run import DiskRef, DueItem, DueKind, OperationKind, Status
from shared.model.seen import DiskSnapshot, SnapshotRound
from tests.services.house import House, opened_house
from tests.store.worlds import NOON

DISK = DiskRef(id="/os", name="os", zone="1", sku="Premium_LRS")
THREE_ZONES = {
    "compute": {"zones": ["1", "2", "3"]},
    "persistence": {"shouldPersistOsDisk": True},
}
HOURS = timedelta(hours=6)


@dataclass
class Studio:
    """A house whose disks are copied."""

    house: House

    def __post_init__(self) -> None:
        house = self.house
        self.snapshots = Snapshots(house.stores, house.operations, HOURS)
        acts: dict[str, Act] = {DueKind.SNAPSHOT: self.snapshots.act}
        house.fleet = replace(house.fleet, watches=(self.snapshots.watch,))
        house.tick_work = replace(house.tick_work, acts=acts)

    async def lives(self, number: int = 1, **run: Any) -> NodeKey:
        key = await self.house.lives(number, **({"os_disk": DISK} | run))
        record = await self.house.node(key)
        await self.house.stores.nodes.put_document(record, record.document | THREE_ZONES)
        return key

    async def passes(self, **time: float) -> None:
        """Let time pass, then a look at the fleet and two ticks."""
        self.house.clock.moment += timedelta(**time)
        await self.house.looks()
        await self.house.ticks(2)


@pytest.fixture
async def studio() -> AsyncIterator[Studio]:
    async with opened_house() as house:
        yield Studio(house)


def done(studio: Studio, **changes: Any) -> dict[str, Any]:
    """Return what a round leaves in the node's row."""
    now = studio.house.clock.now()
    taken = DiskSnapshot(id="/snap", disk_id=DISK.id, taken_at=now, is_complete=True)
    return {
        "disk_snapshots": (taken,),
        "snapshots": ("/snap",),
        "snapshot_round": SnapshotRound(at=now, disk_ids=(DISK.id,), **changes),
    }


async def test_a_round_begins_ten_minutes_after_a_launch(studio: Studio) -> None:
    """S5."""
    key = await studio.lives()

    await studio.passes(minutes=5)
    early = await studio.house.held_by(key)
    await studio.passes(minutes=5)

    held = await studio.house.held_by(key)
    assert early is None
    assert held is not None
    assert (held.kind, held.orchestrator) == (OperationKind.SNAPSHOT, "snapshot_disks")
    assert await studio.house.status(key) is Status.ACTIVE


async def test_the_next_round_comes_six_hours_later_and_half_an_hour_after_trouble(
    studio: Studio,
) -> None:
    key = await studio.lives()
    await studio.passes(minutes=15)
    await studio.house.settles(key, **done(studio))
    await studio.passes(hours=5)
    early = await studio.house.held_by(key)
    await studio.passes(hours=1)
    late = await studio.house.held_by(key)
    await studio.house.settles(key, **done(studio, is_troubled=True))
    await studio.passes(minutes=32)

    assert early is None
    assert late is not None
    assert await studio.house.held_by(key) is not None


async def test_a_round_waits_for_whoever_holds_the_node(studio: Studio) -> None:
    key = await studio.lives()
    record = await studio.house.node(key)
    other = studio.house.operations.make(key, OperationKind.STOP)
    assert await studio.house.stores.nodes.lock(record, other)

    await studio.passes(minutes=15)
    held = await studio.house.held_by(key)
    await studio.house.settles(key)
    await studio.passes(minutes=1)

    assert held == other
    now = await studio.house.held_by(key)
    assert now is not None
    assert now.kind is OperationKind.SNAPSHOT


@pytest.mark.parametrize("status", [Status.STOPPED, Status.PAUSED, Status.ERROR])
async def test_only_a_node_whose_vm_runs_is_copied(studio: Studio, status: Status) -> None:
    await studio.lives(status=status)

    await studio.passes(minutes=30)

    assert studio.house.starts.ids == []


async def test_what_is_not_wanted_any_more_goes_in_a_round_of_its_own(studio: Studio) -> None:
    taken = DiskSnapshot(id="/snap", disk_id=DISK.id, taken_at=NOON, is_complete=True)
    key = await studio.lives(disk_snapshots=(taken,), snapshots=("/snap",))
    record = await studio.house.node(key)
    one = record.document | {"compute": {"zones": ["1"]}}
    await studio.house.stores.nodes.put_document(record, one)

    await studio.passes(minutes=15)
    held = await studio.house.held_by(key)
    after = SnapshotRound(at=studio.house.clock.now())
    await studio.house.settles(key, snapshots=(), disk_snapshots=(), snapshot_round=after)
    await studio.passes(hours=12)

    assert held is not None
    assert await studio.house.held_by(key) is None


async def test_no_more_nodes_begin_in_a_minute_than_azure_stands(studio: Studio) -> None:
    for number in range(1, ROUNDS_A_MINUTE + 6):
        await studio.lives(number)
    studio.house.clock.moment += timedelta(minutes=15)

    await studio.house.looks()
    await studio.house.ticks(1)
    begun = len(studio.house.starts.ids)
    for _ in range(3):
        await studio.passes(minutes=1)

    assert 0 < begun <= ROUNDS_A_MINUTE
    assert len(studio.house.starts.ids) == ROUNDS_A_MINUTE + 5


async def test_a_row_that_comes_late_or_twice_begins_nothing_of_its_own(studio: Studio) -> None:
    key = await studio.lives()
    await studio.passes(minutes=15)
    await studio.house.settles(key, **done(studio))
    before = len(studio.house.starts.ids)
    item = DueItem(
        account_id=key.account_id, node_id=key.node_id, kind=DueKind.SNAPSHOT, due_at=NOON
    )

    over = [await studio.snapshots.act(item, studio.house.starts) for _ in range(2)]

    assert over == [True, True]
    assert len(studio.house.starts.ids) == before


async def test_an_interval_of_zero_is_never(studio: Studio) -> None:
    await studio.lives()
    never = replace(studio.snapshots, every=timedelta())
    nodes = await studio.house.stores.nodes.list("act-0000beef")
    sight = Sight(nodes, {}, studio.house.clock.now() + timedelta(days=9))

    await never.watch(sight, studio.house.starts)

    assert await studio.house.due() == 0 or not studio.house.starts.ids


async def test_the_list_of_nodes_tells_how_old_the_oldest_copy_is(studio: Studio) -> None:
    await studio.lives(**done(studio))

    (summary,) = await studio.house.stores.nodes.list("act-0000beef")
    shown = status_of_summary(summary)

    assert summary.snapshot_at == NOON
    assert summary.snapshot_round is not None
    assert summary.snapshot_round.disk_ids == ()
    assert shown["lastSnapshotAt"] == "2026-11-23T12:00:00.000Z"


@pytest.mark.parametrize(
    ("status", "shown"), [(Status.ACTIVE, "HEALTHY"), (Status.PAUSED, "UNKNOWN")]
)
async def test_a_vms_health_is_shown_while_it_runs(
    studio: Studio, status: Status, shown: str
) -> None:
    await studio.lives(status=status, vm_health="HEALTHY")

    (summary,) = await studio.house.stores.nodes.list("act-0000beef")

    assert status_of_summary(summary)["vmHealthStatus"] == shown
