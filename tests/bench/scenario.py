"""What both benchmarks do to the stack: make nodes, evict some of them within a minute, wait."""

import argparse
import asyncio
import resource
import signal
import tempfile
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from local.clock import wall_clock
from local.stack import arm as azure
from local.stack.http import Json, Web
from tests.bench.recorder import Recorder, recording
from tests.worlds.stack import NODES, World, document, running_world

EXTENSION = {
    "name": "setup",
    "type": "CustomScript",
    "publisher": "Microsoft.Azure.Extensions",
    "apiVersion": "2.1",
    "minorVersionAutoUpgrade": True,
    "publicSettings": {"commandToExecute": "true"},
}
"""One extension: who starts the VM in place keeps it, who makes a new one installs it again."""
WITHIN_S = 60.0
"""All evictions come within this time."""
AT_ONCE = 8
"""Nodes that are being created at the same time: more only queue on a small machine."""
QUICKLY = 0.02
"""What part of its time Azure takes while nodes are made: that is not what is measured."""
REST_S = 15.0
LOOK_S = 1.0
PAGE = 1_000
PATIENCE_S = 900.0
"""Wall seconds after which a run is given up."""


@dataclass(frozen=True)
class Size:
    """How large the run is."""

    evicted: int
    nodes: int
    speed: float


@dataclass(frozen=True)
class Node:
    """One node, ACTIVE before anything happens to it."""

    id: str
    vm_id: str
    """Its VM's ARM id."""


@dataclass(frozen=True)
class Bench:
    """The running stack with its nodes."""

    world: World
    recorder: Recorder
    nodes: tuple[Node, ...]

    def now(self) -> datetime:
        """Return the simulated present."""
        return self.world.plan.clock.now()


def sized(program: str) -> Size:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.bench.{program}")
    parser.add_argument("--nodes", type=int, default=1, help="how many are evicted (default 1)")
    parser.add_argument("--of", type=int, default=0, help="of how many (default: of those)")
    parser.add_argument(
        "--speed", type=float, default=1.0, help="simulated seconds a second (default 1)"
    )
    told = parser.parse_args()
    return Size(told.nodes, max(told.of, told.nodes), told.speed)


def run(program: Coroutine[Any, Any, bool]) -> int:
    """Run a benchmark; return its exit status. SIGTERM ends it with all that it started."""

    async def until_told() -> bool:
        task = asyncio.ensure_future(program)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await task

    return 0 if asyncio.run(until_told()) else 1


@asynccontextmanager
async def bench(size: Size) -> AsyncIterator[Bench]:
    """Start a stack, make the nodes, listen to Azure."""
    with tempfile.TemporaryDirectory(prefix="mooring-bench-", ignore_cleanup_errors=True) as folder:
        async with running_world(Path(folder), size.speed) as world:
            limits = [
                {"location": "eastus", "name": name, "limit": 100_000}
                for name in ("lowPriorityCores", "cores")
            ]
            await world.arm.want("PUT", "/_world/quota", {"limits": limits})
            await setting(world, latency_scale=QUICKLY)
            made = await _make(world, size.nodes)
            await setting(world, latency_scale=1.0)
            # Let what the making took from Azure's call budgets flow back.
            await world.plan.clock.sleep(REST_S)
            async with recording(world.arm) as recorder:
                yield Bench(world, recorder, made)


async def setting(world: World, **settings: Any) -> None:
    """Change how the simulated Azure works."""
    await world.arm.want("PATCH", "/_world/settings", settings)


async def _make(world: World, count: int) -> tuple[Node, ...]:
    room = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> str:
        async with room:
            node = document(
                name=f"bench-{number:03}", compute__launchSpecification__extensions=[EXTENSION]
            )
            node_id = await world.create(node)
            await one_active(world, node_id)
            return node_id

    ids = await asyncio.gather(*map(one, range(count)))
    status = await statuses(world)
    return tuple(Node(id_, world.vm_path(status[id_]["vmName"])) for id_ in ids)


async def one_active(world: World, node_id: str) -> None:
    """Wait until one node is ACTIVE."""
    async with asyncio.timeout(PATIENCE_S):
        while (await world.status(node_id)).get("status") != "ACTIVE":
            await wall_clock().sleep(LOOK_S / 2)


async def statuses(world: World) -> dict[str, Json]:
    """Return the status of all nodes by id."""
    response = await world.call("GET", f"{NODES}/status")
    return {item["id"]: item for item in response["items"]}


async def evict(running: Bench, nodes: tuple[Node, ...]) -> datetime:
    """Evict nodes one after the other, evenly within the minute; return when it began."""
    began = running.now()
    for node in nodes:
        await running.world.arm.want("POST", "/_world/evictions", {"vm": node.vm_id})
        if len(nodes) > 1:
            await running.world.plan.clock.sleep(WITHIN_S / len(nodes))
    return began


async def all_active(running: Bench, nodes: tuple[Node, ...], since: datetime) -> list[str]:
    """Wait until all nodes went down and are ACTIVE; return their statuses if that never comes."""
    wanted = {node.id for node in nodes}
    waited_s = 0.0
    while waited_s < PATIENCE_S:
        await wall_clock().sleep(LOOK_S)
        waited_s += LOOK_S
        fell = [node for node in nodes if _fell(running.recorder, node, since)]
        if len(fell) < len(nodes):
            continue
        told = await statuses(running.world)
        if all(told[node_id].get("status") == "ACTIVE" for node_id in wanted):
            return []
    told = await statuses(running.world)
    return [f"{one}: {told[one].get('status')}" for one in sorted(wanted)]


def _fell(recorder: Recorder, node: Node, since: datetime) -> bool:
    return any(at >= since for at in recorder.down.get(node.vm_id.lower(), []))


async def settled(running: Bench) -> None:
    """Wait until the events of the last seconds have been delivered."""
    await running.world.plan.clock.sleep(5.0)


async def calls_since(arm: Web, serial: int) -> tuple[list[Json], int]:
    """Return Azure's log of calls after `serial`, and the last serial."""
    calls: list[Json] = []
    while True:
        told = await arm.want("GET", f"/_world/calls?since={serial}&limit={PAGE}")
        calls += told["calls"]
        if not told["calls"]:
            return calls, int(told["last"])
        serial = int(told["calls"][-1]["serial"])


async def last_call(arm: Web) -> int:
    """Return the serial of the latest call."""
    return int((await arm.want("GET", "/_world/calls?since=0&limit=0"))["last"])


def cpu_s(world: World) -> dict[str, float]:
    """Return the CPU seconds that each child has used so far (Linux), and the bench itself."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    used = {"bench": own.ru_utime + own.ru_stime}
    for running, process in world.children._running:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        used[running.name] = (int(fields[11]) + int(fields[12])) / 100
    return used


def vm_name(vm_id: str) -> str:
    """Return the name at the end of an ARM id of the demo's group."""
    assert vm_id.startswith(azure.GROUP)
    return vm_id.rsplit("/", 1)[-1]
