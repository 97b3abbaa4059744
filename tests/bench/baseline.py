"""Recovery against the baseline: `python -m tests.bench.baseline [--nodes 50 --of 200] ...`.

In one run and on one simulated Azure the same VMs are evicted twice: first Mooring brings them
back, then it is ended and the baseline controller does.
"""

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from local.clock import seconds_between, wall_clock
from tests.bench import scenario, table
from tests.bench.controller import LIST_EVERY_S, Controller, Rebuilt
from tests.bench.measured import Recovery, recoveries
from tests.bench.scenario import EXTENSION, LOOK_S, PATIENCE_S, Bench, Node, Size

LESS = 0.40
"""Part of the baseline's downtime that Mooring is to spare."""


@dataclass(frozen=True)
class Down:
    """One VM under the baseline, in simulated seconds."""

    waited_s: float
    """From deallocated until the list showed it."""
    rebuilt_s: float
    """From then until the last extension was installed."""
    downtime_s: float
    """From the moment the platform began to take the VM."""

    @property
    def fair_s(self) -> float:
        """Downtime with the mean wait for the list in place of this one: a single eviction may
        hit the list early or late."""
        return self.downtime_s - self.waited_s + LIST_EVERY_S / 2


async def main(size: Size) -> bool:
    """Run both; return whether the goal holds."""
    table.say(
        f"{size.evicted} of {size.nodes} nodes evicted, SPEED={size.speed:g}, {table.machine()}"
    )
    async with scenario.bench(size) as running:
        evicted = running.nodes[: size.evicted]
        ours = await mooring(running, evicted)
        await running.world.arm.want("DELETE", "/_world/subscribers/mooring")
        await running.world.kill_host()
        theirs = await baseline(running, evicted)
    return compare(ours, theirs)


async def mooring(running: Bench, evicted: tuple[Node, ...]) -> list[Recovery]:
    """Evict the nodes and have Mooring bring them back."""
    serial = await scenario.last_call(running.world.arm)
    since = await scenario.evict(running, evicted)
    missing = await scenario.all_active(running, evicted, since)
    assert not missing, missing
    await scenario.settled(running)
    calls, _ = await scenario.calls_since(running.world.arm, serial)
    return await recoveries(running, evicted, calls, since)


async def baseline(running: Bench, evicted: tuple[Node, ...]) -> list[Down]:
    """Evict the same VMs and have the baseline bring them back."""
    plan = running.world.plan
    controller = Controller(plan.arm_url, plan.clock, EXTENSION)
    task = asyncio.create_task(controller.run())
    since = await scenario.evict(running, evicted)
    waited_s = 0.0
    while waited_s < PATIENCE_S and not _done(controller, evicted):
        await wall_clock().sleep(LOOK_S)
        waited_s += LOOK_S
    await scenario.settled(running)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return [_down(running, node, controller, since) for node in evicted]


def _done(controller: Controller, evicted: tuple[Node, ...]) -> bool:
    ended = [one for one in controller.rebuilt.values() if one.back_at or one.trouble]
    return len(ended) == len(evicted)


def _down(running: Bench, node: Node, controller: Controller, since: datetime) -> Down:
    rebuilt: Rebuilt = controller.rebuilt[scenario.vm_name(node.vm_id)]
    assert rebuilt.back_at, rebuilt.trouble
    taken = running.recorder.taken_since(node.vm_id, since)
    down = running.recorder.down_since(node.vm_id, since)
    return Down(
        waited_s=seconds_between(down, rebuilt.seen_at),
        rebuilt_s=seconds_between(rebuilt.seen_at, rebuilt.back_at),
        downtime_s=seconds_between(taken, rebuilt.back_at),
    )


def compare(ours: list[Recovery], theirs: list[Down]) -> bool:
    """Print both and the goal; return whether it holds."""
    table.say(table.heading("simulated seconds"))
    table.say(table.line("Mooring: deallocated -> ACTIVE", (r.back_s for r in ours)))
    table.say(table.line("Mooring: downtime", (r.downtime_s for r in ours)))
    table.say(table.line("baseline: deallocated -> seen in the list", (d.waited_s for d in theirs)))
    table.say(
        table.line("baseline: seen -> last extension installed", (d.rebuilt_s for d in theirs))
    )
    table.say(table.line("baseline: downtime", (d.downtime_s for d in theirs)))
    table.say(table.line("baseline: downtime with the mean wait", (d.fair_s for d in theirs)))
    mooring_s = median(r.downtime_s for r in ours)
    measured = 1 - mooring_s / median(d.downtime_s for d in theirs)
    fair = 1 - mooring_s / median(d.fair_s for d in theirs)
    holds = min(measured, fair) >= LESS if len(ours) > 1 else fair >= LESS
    told = f"{measured:.0%} as measured, {fair:.0%} with the mean wait (medians)"
    table.say()
    table.say(table.goal(f"at least {LESS:.0%} less downtime", holds, told))
    return holds


if __name__ == "__main__":
    sys.exit(scenario.run(main(scenario.sized("baseline"))))
