"""Measure recoveries: `python -m tests.bench.recovery [--nodes 50 --of 200] [--speed 1]`."""

import sys
from collections import Counter
from statistics import median

from local.stack.http import Json
from tests.bench import scenario, table
from tests.bench.measured import Recovery, recoveries, throttled
from tests.bench.scenario import Bench, Size

OVERHEAD_ONE = 1.10
OVERHEAD_STORM = 1.25
ACTIVITIES = 5
THROTTLED_PART = 0.01


async def main(size: Size) -> bool:
    """Run the benchmark; return whether all goals hold."""
    table.say(
        f"{size.evicted} of {size.nodes} nodes evicted, SPEED={size.speed:g}, {table.machine()}"
    )
    async with scenario.bench(size) as running:
        return await measure(running, size)


async def measure(running: Bench, size: Size) -> bool:
    """Evict, wait, print."""
    evicted = running.nodes[: size.evicted]
    serial = await scenario.last_call(running.world.arm)
    cpu = scenario.cpu_s(running.world)
    since = await scenario.evict(running, evicted)
    missing = await scenario.all_active(running, evicted, since)
    used = {name: spent - cpu[name] for name, spent in scenario.cpu_s(running.world).items()}
    await scenario.settled(running)
    calls, _ = await scenario.calls_since(running.world.arm, serial)
    if missing:
        table.say("not ACTIVE again:", *missing)
        return False
    seen = await recoveries(running, evicted, calls, since)
    show(seen, calls, used)
    return judge(seen, calls, size)


def show(seen: list[Recovery], calls: list[Json], used: dict[str, float]) -> None:
    """Print the figures."""
    table.say(table.heading("simulated seconds"))
    table.say(
        table.line("taken by the platform -> replacement begun", (r.detected_s for r in seen))
    )
    table.say(table.line("deallocated -> seen by us", (r.noticed_down_s for r in seen)))
    table.say(table.line("deallocated -> ACTIVE", (r.back_s for r in seen)))
    table.say(table.line("  of these, Azure's operations", (r.azure_s for r in seen)))
    table.say(table.line("overhead", (r.overhead for r in seen), "x"))
    table.say(table.line("downtime, from taken by the platform", (r.downtime_s for r in seen)))
    table.say(table.line("Azure writes a recovery", (r.writes for r in seen), ""))
    table.say(table.line("durable activities a recovery", (r.activities for r in seen), ""))
    table.say(table.heading("activity: from its scheduling to its end"))
    spans: dict[str, list[float]] = {}
    for name, begun, ended in (step for one in seen for step in one.steps):
        spans.setdefault(name, []).append(ended - begun)
    for name, values in spans.items():
        table.say(table.line(f"  {name}", values))
    gaps = [
        after[1] - before[2]
        for one in seen
        for before, after in zip(one.steps, one.steps[1:], strict=False)
    ]
    table.say(table.line("  between two activities", gaps))
    kinds = Counter(f"{call['operation']} {call['status']}" for call in calls)
    table.say(
        "\ncalls to Azure:",
        *(f"  {count:6} {kind}" for kind, count in kinds.most_common(12)),
    )
    table.say("CPU seconds: " + ", ".join(f"{name} {spent:.1f}" for name, spent in used.items()))


def judge(seen: list[Recovery], calls: list[Json], size: Size) -> bool:
    """Print the goals; return whether all hold."""
    one = size.evicted == 1
    allowed = OVERHEAD_ONE if one else OVERHEAD_STORM
    overhead = median(r.overhead for r in seen)
    activities = max(r.activities for r in seen)
    refused = throttled(calls)
    goals = [
        (f"overhead <= {allowed:g}", overhead <= allowed, f"median {overhead:.3f}"),
        ("all ACTIVE", True, f"{len(seen)} of {len(seen)}"),
        (f"activities <= {ACTIVITIES}", activities <= ACTIVITIES, f"at most {activities}"),
        (
            "429s <= 1 % of calls, none fatal",
            refused <= THROTTLED_PART * len(calls),
            f"{refused} of {len(calls)}",
        ),
    ]
    table.say()
    for what, holds, told in goals:
        table.say(table.goal(what, holds, told))
    return all(holds for _, holds, _ in goals)


if __name__ == "__main__":
    sys.exit(scenario.run(main(scenario.sized("recovery"))))
