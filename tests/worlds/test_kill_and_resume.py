"""The host is killed at moments that a seed draws; what it was doing is done once, and whole.

Ten moments of a launch and ten of a recovery: each node is at another one when the host dies. What
Azure then looks like is judged by the invariants, over its whole history.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any

import pytest

from local.clock import seconds_between, wall_clock
from local.stack import seeding
from local.stack.http import Web
from local.stack.run import RUNNER_TOKEN
from local.worlds.invariants import Promise
from tests.drill.judge import Judge
from tests.worlds.stack import PATIENCE_S, World, document

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SEED = 20_300_101
MOMENTS = 10
AT_ONCE = 5
"""Nodes that one kill meets, each at a moment of its own."""
LAUNCH_S = (0.05, 1.5)
"""Wall seconds from the request to the kill: 3 to 90 simulated ones, a launch long."""
RECOVERY_S = (0.2, 2.4)
"""Wall seconds from the eviction to the kill: its notice, its going down, and the way back."""
ORPHANS_S = 660.0
"""Simulated seconds after which what nobody owns has been so for more than ten minutes."""
LOOK_S = 0.1
KINDS: dict[str, dict[str, Any]] = {
    "in place": {"compute__zones": ["1"], "compute__preferredZone": "1"},
    "on demand": {"compute__zones": ["2"], "compute__preferredZone": "2"},
    "elsewhere": {"compute__zones": ["1", "3"], "compute__preferredZone": "3"},
}
"""Ways back: zone 2 will have no Spot, zone 3 nothing at all."""
WAYS = [*KINDS, *KINDS, *KINDS, "in place"]


def moments(dice: Random, within: tuple[float, float]) -> list[float]:
    """Return one moment from each tenth of a span, so that no stage is missed, shuffled."""
    begin, end = within
    points = [begin + (point + dice.random()) / MOMENTS * (end - begin) for point in range(MOMENTS)]
    dice.shuffle(points)
    return points


async def kill_at(
    world: World, delays_s: Sequence[float], begin: Sequence[Callable[[], Awaitable[None]]]
) -> None:
    """Begin things so that each is as old as its delay when the host is killed; start it again."""
    wall = wall_clock()
    start, longest = wall.now(), max(delays_s)
    for delay_s, begin_one in sorted(zip(delays_s, begin, strict=True), key=lambda one: -one[0]):
        await wall.sleep(longest - delay_s - seconds_between(start, wall.now()))
        await begin_one()
    await wall.sleep(longest - seconds_between(start, wall.now()))
    await world.kill_host()
    await world.start_host()


async def judge_of(world: World) -> Judge:
    """Return a judge who speaks to Azure as a person: what he asks is not the product's doing."""
    web = Web(world.arm.session, world.plan.arm_url, RUNNER_TOKEN)
    await seeding.introduce_ourselves(web)
    return Judge(web, world.plan.storage)


async def all_back(judge: Judge, evictions: int = 0) -> None:
    """Wait until after so many evictions every node is ACTIVE on one VM, with nothing going on."""
    wall = wall_clock()
    began = wall.now()
    while (left := await judge.not_back()) or judge.counted["evictions"] < evictions:
        waited_s = seconds_between(began, wall.now())
        assert waited_s < PATIENCE_S, [str(one) for one in left]
        await wall.sleep(LOOK_S)


async def orphans_are_told(judge: Judge) -> None:
    """Wait until whatever nobody owns has been so for too long."""
    first, _ = await judge.reckon()
    while seconds_between(first, (await judge.reckon())[0]) < ORPHANS_S:
        await wall_clock().sleep(1.0)


async def create_under_fire(world: World, judge: Judge, dice: Random) -> dict[str, str]:
    """Create the nodes while the host is killed; return their ways back by id."""
    delays_s, made = moments(dice, LAUNCH_S), dict[str, str]()

    async def create() -> None:
        way = WAYS[len(made)]
        node = document(name=f"node-{len(made)}", **KINDS[way])
        node_id = await world.create(node)
        judge.watch.promise(node_id, Promise.of(node))
        made[node_id] = way

    for first in range(0, MOMENTS, AT_ONCE):
        await kill_at(world, delays_s[first : first + AT_ONCE], [create] * AT_ONCE)
    return made


async def evict_under_fire(
    world: World, judge: Judge, dice: Random, vm_names: Sequence[str]
) -> None:
    """Evict the VMs while the host is killed."""
    delays_s, left = moments(dice, RECOVERY_S), list(vm_names)

    async def evict() -> None:
        path = world.vm_path(left.pop())
        await judge.web.want("POST", "/_world/evictions", {"vm": path})

    for first in range(0, MOMENTS, AT_ONCE):
        await kill_at(world, delays_s[first : first + AT_ONCE], [evict] * AT_ONCE)


async def test_launches_and_recoveries_survive_the_death_of_the_host_at_any_moment(
    world: World,
) -> None:
    """R11, R14, R15, R62: each goes on where it stood, by whichever way; nothing is made twice."""
    dice = Random(SEED)  # noqa: S311 - moments to kill at, not secrets
    async with await judge_of(world) as judge:
        ways = await create_under_fire(world, judge, dice)
        await all_back(judge)
        assert judge.counted["launches"] == MOMENTS
        before = {node_id: await world.status(node_id) for node_id in ways}
        names = [status["vmName"] for status in before.values()]
        disks = {node_id: await world.disks(before[node_id]["vmName"]) for node_id in ways}
        await world.no_room(location="eastus", zone="2", lifecycle="SPOT")
        await world.no_room(location="eastus", zone="3")

        await evict_under_fire(world, judge, dice, names)
        await all_back(judge, evictions=MOMENTS)
        await orphans_are_told(judge)

        assert [str(breach) for breach in judge.watch.breaches] == []
        for node_id, way in ways.items():
            after = await world.status(node_id)
            assert after["privateIp"] == before[node_id]["privateIp"], way
            assert after["publicIp"] == before[node_id]["publicIp"], way
            kept = await world.disks(after["vmName"])
            assert (kept == disks[node_id]) == (way != "elsewhere"), way


def test_every_way_back_and_every_tenth_of_it_is_met() -> None:
    drawn = moments(Random(SEED + 1), RECOVERY_S)  # noqa: S311 - as above

    tenths = Counter(
        int((one - RECOVERY_S[0]) / (RECOVERY_S[1] - RECOVERY_S[0]) * 10) for one in drawn
    )

    assert sorted(tenths) == list(range(10))
