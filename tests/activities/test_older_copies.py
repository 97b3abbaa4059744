"""Copies of disks whose zone gives nothing out: fresh ones while there is hope, older ones then."""

from datetime import timedelta
from typing import Any

import pytest

from activities.azure.errors import Transient
from activities.older_copies import PATIENCE
from shared.contracts.disk import COPY_DISKS, DisksCopied
from shared.contracts.snapshots import TAKE_SNAPSHOTS, TakeSnapshots
from tests.activities.acts import NOW, VM_ID, copies, launched
from tests.activities.scenes import Scenery, left_by, played
from tests.activities.stage import Stage

PATIENCE_S = PATIENCE / timedelta(seconds=1)


async def copied_and_evicted(stage: Stage) -> None:
    """Its disks were copied while it ran; six hours later its zone goes down with them."""
    await launched(stage)
    run = (await stage.record()).run
    disks = tuple(one for one in (run.os_disk, *run.data_disks) if one)
    work, at = stage.work("round", "op-1"), stage.ports.clock.now()
    answer = await stage.ask(TAKE_SNAPSHOTS, TakeSnapshots(work=work, at=at, disks=disks))
    taken = answer.taken
    await stage.put_run(disk_snapshots=taken, snapshots=tuple(one.id for one in taken))
    await stage.ports.clock.sleep(6 * 3_600)
    await stage.evict(VM_ID)
    await zone(stage, down=True)


async def zone(stage: Stage, *, down: bool) -> None:
    where = {"location": "eastus", "zone": "1", "down": down}
    await stage.arm("PUT", "/_world/outages", where)


SCENERY: list[Scenery] = []


def scenery() -> Scenery:
    if not SCENERY:
        SCENERY.append(left_by(copied_and_evicted))
    return SCENERY[0]


async def attempt(stage: Stage) -> Any:
    """Ask once, as one run of the activity."""
    try:
        return await stage.call(COPY_DISKS, await copies(stage))
    except Transient as unwell:
        return unwell


def test_a_fresh_copy_is_waited_for_while_the_zone_may_be_back_soon() -> None:
    async def scene(stage: Stage) -> list[Any]:
        answers = [await attempt(stage)]
        await stage.ports.clock.sleep(PATIENCE_S - 60)
        answers.append(await attempt(stage))
        return answers

    assert all(isinstance(one, Transient) for one in played(scene, scenery()))


def test_after_that_the_newest_snapshot_is_copied_and_the_disk_is_told_as_stranded() -> None:
    """S4, S5: a new disk from the latest snapshot."""

    async def scene(stage: Stage) -> Any:
        run = (await stage.record()).run
        await attempt(stage)
        await stage.ports.clock.sleep(PATIENCE_S)
        answer = await attempt(stage)
        again = await attempt(stage)
        made = [stage.find(one.id) for one in answer.disks]
        return run, answer, again, made, stage.written("disks/write")

    run, answer, again, made, written = played(scene, scenery())

    assert isinstance(answer, DisksCopied)
    assert set(answer.snapshot_ids) == {one.id for one in run.disk_snapshots}
    assert {one.disk_id for one in answer.stranded} == {run.os_disk.id, run.data_disks[0].id}
    assert {one.copied_at for one in answer.stranded} == {run.disk_snapshots[0].taken_at}
    assert all(one.body["zones"] == ["2"] for one in made)
    assert again == answer
    assert len(written) == 2


def test_a_zone_that_is_back_gives_a_fresh_copy_and_no_older_one_is_taken_for_it() -> None:
    async def scene(stage: Stage) -> Any:
        await attempt(stage)
        await stage.ports.clock.sleep(PATIENCE_S)
        older = await attempt(stage)
        await zone(stage, down=False)
        return older, await stage.ask(COPY_DISKS, await copies(stage))

    older, fresh = played(scene, scenery())

    assert fresh.stranded == ()
    assert not {one.id for one in fresh.disks} & {one.id for one in older.disks}
    assert {one.id for one in older.disks} <= set(fresh.made)


@pytest.mark.parametrize("damage", ["gone", "foreign", "failed", "never taken"])
def test_without_a_whole_snapshot_of_its_own_the_node_waits(damage: str) -> None:
    async def scene(stage: Stage) -> Any:
        run = (await stage.record()).run
        for one in run.disk_snapshots:
            there = stage.find(one.id)
            if damage == "gone":
                stage.world.drop(there)
            elif damage == "foreign":
                there.body["tags"] = {}
            else:
                there.properties["provisioningState"] = "Failed"
        if damage == "never taken":
            await stage.put_run(disk_snapshots=(), snapshots=())
        await attempt(stage)
        await stage.ports.clock.sleep(2 * PATIENCE_S)
        return await attempt(stage)

    assert isinstance(played(scene, scenery()), Transient)


def test_a_refusal_or_a_broken_line_is_no_outage() -> None:
    async def scene(stage: Stage) -> Any:
        await zone(stage, down=False)
        write = "Microsoft.Compute/snapshots/write"
        stage.fault("refuse", write, status=403, code="AuthorizationFailed", times=None)
        await attempt(stage)
        await stage.ports.clock.sleep(2 * PATIENCE_S)
        return await attempt(stage)

    assert played(scene, scenery()).kind == "refused"


def test_a_capture_takes_no_older_snapshot_for_what_the_disk_holds_now() -> None:
    async def scene(stage: Stage) -> Any:
        request = (await copies(stage, NOW)).model_copy(update={"capture": True, "zone": None})
        answers = []
        for _ in range(2):
            try:
                answers.append(await stage.call(COPY_DISKS, request))
            except Transient as unwell:
                answers.append(unwell)
            await stage.ports.clock.sleep(2 * PATIENCE_S)
        return answers

    assert all(isinstance(one, Transient) for one in played(scene, scenery()))
