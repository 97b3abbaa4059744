"""The crash drill: the host is killed at random while a world goes on; then the judge speaks."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from local.clock import seconds_between, wall_clock
from local.stack import seeding
from local.stack.http import Web
from local.stack.run import RUNNER_TOKEN
from local.worlds.invariants import Breach, Promise
from local.worlds.situations import OverHttp, Situation, calm, play
from local.worlds.situations.weather import evictions
from tests.drill.judge import Judge
from tests.worlds.stack import World, document, running_world

SPEED = 20.0
"""Simulated seconds a second: a host that is killed is back within a minute of its world."""
LOOK_S = 0.5
RECKON_S = 10.0
"""Wall seconds between two readings of the tables."""
ALIVE_S = (0.5, 15.0)
"""Wall seconds that the host lives before it is killed again."""
BOUND_S = 3_600.0
"""Simulated seconds in which all must be well once the trouble is over: a retry for capacity waits
up to half an hour, and finds room then."""
ORPHANS_S = 660.0
"""Simulated seconds after which what nobody owns has been so for more than ten minutes."""
CREATED_S = 1_200.0
ZONED = {"compute__zones": ["1", "2", "3"], "compute__preferredZone": "1"}
REGIONAL = {"compute__zones": None, "compute__preferredZone": None}
ON_LAUNCH = {
    "persistence__osDiskPersistenceMode": "onLaunch",
    "persistence__dataDisksPersistenceMode": "onLaunch",
}
NODES: tuple[dict[str, Any], ...] = (
    {},
    ZONED,
    REGIONAL,
    ON_LAUNCH,
    {"persistence__shouldPersistNetwork": False},
    {**ZONED, "strategy__fallbackToOd": False},
)
"""What each node of the fleet differs in from the example."""


@dataclass(frozen=True)
class Plan:
    """One drill."""

    minutes: float
    seed: int
    situation: Situation


@dataclass
class Report:
    """What a drill found."""

    nodes: int = 0
    kills: int = 0
    evictions: int = 0
    launches: int = 0
    writes: int = 0
    converged_s: float | None = None
    """Simulated seconds from the end of the trouble until every node was back."""
    breaches: tuple[Breach, ...] = ()


async def drill(plan: Plan, directory: Path, say: Callable[[str], None]) -> Report:
    """Run a drill on a stack of its own; return what was found."""
    async with running_world(directory, SPEED, plan.seed) as world:
        runner = Web(world.arm.session, world.plan.arm_url, RUNNER_TOKEN)
        await seeding.introduce_ourselves(runner)
        async with Judge(runner, world.plan.storage) as judge:
            report = Report()
            await _create(world, judge, report)
            say(f"{report.nodes} nodes are ACTIVE; killing begins")
            await _trouble(plan, world, judge, report)
            say(f"the trouble is over after {report.kills} kills; waiting until all is well")
            await _peace(world, judge, report)
            report.evictions = judge.counted["evictions"]
            report.launches = judge.counted["launches"]
            report.writes = judge.counted["writes"]
            return report


async def _create(world: World, judge: Judge, report: Report) -> None:
    made = []
    for number, changes in enumerate(NODES):
        node = document(name=f"drill-{number}", **changes)
        node_id = await world.create(node)
        judge.watch.promise(node_id, Promise.of(node))
        made.append(node_id)
    report.nodes = len(made)
    if not await _until(world, CREATED_S, lambda: _all_well(judge)):
        raise TimeoutError(f"not all nodes were ACTIVE within {CREATED_S:g} simulated seconds")


async def _all_well(judge: Judge) -> bool:
    return not await judge.not_back()


async def _trouble(plan: Plan, world: World, judge: Judge, report: Report) -> None:
    """Let the world go on and kill the host, for the minutes of the plan."""
    powers = OverHttp(judge.web.want, lambda: _kill(world, report))
    dice = Random(f"{plan.seed}/drill")  # noqa: S311 - moments to kill at
    weather = asyncio.create_task(play(plan.situation, plan.seed, powers, world.plan.clock))
    listener = asyncio.create_task(_listen(judge))
    wall = wall_clock()
    began = wall.now()
    try:
        while seconds_between(began, wall.now()) < plan.minutes * 60:
            await powers.order(evictions(count=dice.randrange(len(NODES))))
            await wall.sleep(dice.uniform(*ALIVE_S))
            await _kill(world, report)
            for task in (weather, listener):
                if task.done():
                    task.result()
    finally:
        for task in (weather, listener):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    await calm(powers)


async def _kill(world: World, report: Report) -> None:
    await world.kill_host()
    await world.start_host()
    report.kills += 1


async def _listen(judge: Judge) -> None:
    wall = wall_clock()
    while True:
        for _ in range(int(RECKON_S / LOOK_S)):
            await judge.listen()
            await wall.sleep(LOOK_S)
        await judge.reckon()


async def _peace(world: World, judge: Judge, report: Report) -> None:
    """Wait until every node is back; then for as long as an orphan needs to be called one."""
    clock = world.plan.clock
    began = clock.now()
    if await _until(world, BOUND_S, lambda: _all_well(judge)):
        report.converged_s = seconds_between(began, clock.now())
        calm_since = clock.now()
        while seconds_between(calm_since, clock.now()) < ORPHANS_S:
            await wall_clock().sleep(RECKON_S / 2)
            await judge.reckon()
    left = await judge.not_back()
    unknown = await world.unknown_calls()
    if unknown:
        left.append(Breach("ARM", clock.now(), f"calls that no route serves: {unknown}"))
    report.breaches = (*judge.watch.breaches, *left)


async def _until(world: World, within_s: float, done: Callable[[], Awaitable[bool]]) -> bool:
    """Wait until something is so; False if it is not within so many simulated seconds."""
    clock = world.plan.clock
    began = clock.now()
    while seconds_between(began, clock.now()) < within_s:
        if await done():
            return True
        await wall_clock().sleep(LOOK_S)
    return False
