"""A round of snapshots under every fault: it ends soon, forgets nothing, and the next mends it."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from local.worlds.faults import Killed, Moment, Slow
from shared.contracts.snapshots import TAKE_SNAPSHOTS, TakeSnapshots
from shared.model.seen import DiskSnapshot
from shared.policy.snapshots import KEEP
from tests.activities.acts import NOW, launched
from tests.activities.scenes import Scenery, left_by, played
from tests.activities.stage import Stage
from tests.activities.strikes import STRIKES, Hand, Nth, Strike, Where
from tests.activities.test_faults import DEAD_S, SECOND, accepted, not_journalled, persisted

WRITE, DELETE = "Microsoft.Compute/snapshots/write", "Microsoft.Compute/snapshots/delete"
DISKS = 2
BOUND_S = 60.0
"""How long a round may hold its node, what is merely slow apart."""
CALLS_MAX = 40
CELLS = [
    pytest.param(operation, strike, id=f"{operation.rpartition('/')[2]}-{strike.name}")
    for operation in (WRITE, DELETE)
    for strike in STRIKES
]


def request(stage: Stage, disks: Any, number: int, earlier: Any, operation: str) -> TakeSnapshots:
    at = stage.ports.clock.now()
    work = stage.work(f"round-{number}", operation)
    return TakeSnapshots(work=work, at=at, disks=disks, generation=1, earlier=earlier)


async def a_round(
    stage: Stage, number: int, earlier: tuple[DiskSnapshot, ...] = (), operation: str = NOW
) -> Any:
    run = (await stage.record()).run
    assert run.os_disk is not None
    disks = (run.os_disk, *run.data_disks)
    return await stage.ask(TAKE_SNAPSHOTS, request(stage, disks, number, earlier, operation))


async def two_rounds(stage: Stage) -> None:
    """Its VM runs, and its disks were copied twice."""
    await launched(stage)
    taken: tuple[DiskSnapshot, ...] = ()
    for number in range(KEEP):
        taken = (await a_round(stage, number, taken, "op-1")).taken
        await stage.ports.clock.sleep(6 * 3_600)
    await stage.put_run(disk_snapshots=taken, snapshots=tuple(one.id for one in taken))


SCENERY: list[Scenery] = []


def scenery() -> Scenery:
    if not SCENERY:
        SCENERY.append(left_by(two_rounds))
    return SCENERY[0]


@dataclass(frozen=True)
class Course:
    took_s: float
    writes: int
    wrong: tuple[str, ...]
    has_struck: bool


async def struck(stage: Stage, hand: Hand | Nth | None, *, killed: bool) -> Course:
    """Play the third round with a fault in it, and a fourth without; say what is wrong."""
    run = (await stage.record()).run
    assert run.os_disk is not None
    disks, earlier = (run.os_disk, *run.data_disks), run.disk_snapshots
    ask = request(stage, disks, 3, earlier, NOW)
    data, began = await persisted(stage), stage.ports.clock.now()
    stage.wire.hook = hand
    first = asyncio.create_task(stage.ask(TAKE_SNAPSHOTS, ask))
    if killed:
        await stage.ports.clock.sleep(DEAD_S)
        stage.wire.hook = None
        answer = await stage.ask(TAKE_SNAPSHOTS, ask)
    else:
        answer = await first
    stage.wire.hook = None
    took_s = (stage.ports.clock.now() - began) / timedelta(seconds=1)
    writes = max(accepted(stage).values(), default=0)
    await stage.ports.clock.sleep(1_800)
    wrong = await misdeeds(stage, answer, data)
    mended = await a_round(stage, 4, answer.taken)
    await stage.ports.clock.sleep(600)
    wrong += [f"not mended: {one}" for one in await misdeeds(stage, mended, data)]
    wrong += [f"still: {one}" for one in mended.troubles]
    by_disk = [[one for one in mended.taken if one.disk_id == disk.id] for disk in disks]
    wrong += [f"{len(one)} are left" for one in by_disk if len(one) != KEEP]
    wrong += [f"never whole: {one.id}" for one in mended.taken if not one.is_complete]
    return Course(took_s, writes, tuple(wrong), hand is None or hand.has_struck)


async def misdeeds(stage: Stage, answer: Any, data: set[str]) -> list[str]:
    there = {one.id.lower() for one in stage.there("snapshots").values()}
    told = {one.id.lower() for one in answer.taken}
    whole = {one.id.lower() for one in answer.taken if one.is_complete}
    gone = data - {one.id.lower() for one in stage.there().values()}
    return [
        *(f"forgotten: {one}" for one in there - told),
        *(f"told whole, and not there: {one}" for one in whole - there),
        *(f"lost: {one}" for one in gone),
        *(["too few are whole"] if len(whole) < KEEP * DISKS else []),
        *await not_journalled(stage),
        *(f"unknown call: {one}" for one in stage.world.calls.unknown),
    ]


@pytest.mark.parametrize(("operation", "strike"), CELLS)
def test_a_fault_costs_a_round_at_most_and_no_snapshot_is_forgotten(
    operation: str, strike: Strike
) -> None:
    """I2, I6, I7."""
    hand = Hand(strike, operation)

    course = played(partial(struck, hand=hand, killed=isinstance(strike.fault, Killed)), scenery())

    assert course.wrong == ()
    assert course.writes <= strike.writes_max
    assert course.has_struck or strike.where is not Where.WRITE
    assert course.took_s <= BOUND_S or isinstance(strike.fault, Slow | Killed)


@pytest.mark.parametrize("moment", [Moment.BEFORE, Moment.AFTER])
def test_a_host_killed_at_any_call_leaves_what_the_repeat_completes(moment: Moment) -> None:
    wrong = {}
    for number in range(1, CALLS_MAX):
        hand = Nth(number, moment)
        course = played(partial(struck, hand=hand, killed=True), scenery())
        if not course.has_struck:
            break
        wrong[number] = course.wrong

    assert not course.has_struck, "a round makes more calls than are tried"
    assert {number: found for number, found in wrong.items() if found} == {}


def test_a_round_twice_is_one_round() -> None:
    async def twice(stage: Stage) -> Any:
        run = (await stage.record()).run
        disks = tuple(one for one in (run.os_disk, *run.data_disks) if one)
        ask = request(stage, disks, 3, run.disk_snapshots, NOW)
        first = await stage.ask(TAKE_SNAPSHOTS, ask)
        done = accepted(stage).total()
        second = await stage.ask(TAKE_SNAPSHOTS, ask)
        return first, second, done, accepted(stage).total()

    first, second, done, after = played(twice, scenery())

    assert first == second
    assert done == after == 2 * DISKS
    assert first.troubles == ()


def test_two_workers_at_one_round_have_one_effect() -> None:
    async def both(stage: Stage) -> Any:
        run = (await stage.record()).run
        disks = tuple(one for one in (run.os_disk, *run.data_disks) if one)
        ask = request(stage, disks, 3, run.disk_snapshots, NOW)
        answers = await asyncio.gather(*(stage.ask(TAKE_SNAPSHOTS, ask) for _ in range(2)))
        mended = await a_round(stage, 4, answers[0].taken)
        return max(accepted(stage).values()), mended, stage.there("snapshots")

    most, mended, there = played(both, scenery())

    assert most <= SECOND.writes_max
    assert {one.id for one in mended.taken} == {one.id for one in there.values()}
    assert len(there) == KEEP * DISKS


def test_a_snapshot_that_is_not_the_nodes_is_left_alone() -> None:
    async def scene(stage: Stage) -> Any:
        run = (await stage.record()).run
        oldest = min(run.disk_snapshots, key=lambda one: one.taken_at)
        there = stage.find(oldest.id)
        there.body["tags"] = {"mooring-node": "ssn-somebody"}
        stage.world.save(there)
        answer = await a_round(stage, 3, run.disk_snapshots)
        return oldest, answer, stage.find(oldest.id)

    oldest, answer, left = played(scene, scenery())

    assert left is not None
    assert oldest.id not in {one.id for one in answer.taken}


def test_a_snapshot_that_copies_in_the_background_is_told_whole_by_the_next_round() -> None:
    async def scene(stage: Stage) -> Any:
        run = (await stage.record()).run
        data = stage.find(run.data_disks[0].id)
        data.body["sku"] = {"name": "PremiumV2_LRS"}
        stage.world.save(data)
        first = await a_round(stage, 3, run.disk_snapshots)
        early = [one for one in first.taken if not one.is_complete]
        await stage.ports.clock.sleep(3_600)
        second = await a_round(stage, 4, first.taken)
        return early, second

    early, second = played(scene, scenery())

    assert len(early) == 1
    assert {one.id: one.is_complete for one in second.taken}[early[0].id]
