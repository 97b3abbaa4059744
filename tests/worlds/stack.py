"""The whole local stack for one test: Azurite, simulator, host; and what a test does with it."""

import asyncio
import copy
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from local.clock import scaled_clock, wall_clock
from local.stack import arm as azure
from local.stack import commands, seeding
from local.stack.children import Children
from local.stack.commands import Plan
from local.stack.http import Web
from local.stack.options import Options

SPEED = 60.0
"""Simulated seconds a second: an eviction's 65 s pass in one."""
LOOK_S = 0.05
PATIENCE_S = 60.0
"""Wall seconds that any one thing may take here; a recovery takes one or two."""
NODES = "/azure/compute/statefulNode"
EXAMPLE = Path("examples/linux-spot.json")


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def document(**changes: Any) -> dict[str, Any]:
    """Return the example's node, changed: `strategy__fallbackToOd=False` reaches inside."""
    node: dict[str, Any] = copy.deepcopy(json.loads(EXAMPLE.read_text())["statefulNode"])
    for path, value in changes.items():
        here = node
        *parents, last = path.split("__")
        for parent in parents:
            here = here.setdefault(parent, {})
        if value is None:
            here.pop(last, None)
        else:
            here[last] = value
    return node


class World:
    """A running stack, its user's client, and the power over its Azure."""

    def __init__(self, plan: Plan, children: Children, session: aiohttp.ClientSession) -> None:
        self.plan = plan
        self.children = children
        self.arm = Web(session, plan.arm_url)
        self.host = Web(session, plan.url)

    # -- the user's client --------------------------------------------------------------------

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call the API; return the envelope's `response`."""
        mark = "&" if "?" in path else "?"
        answer = await self.host.call(method, f"{path}{mark}accountId={seeding.ACCOUNT}", body)
        return answer.body["response"] | {"http": answer.status}

    async def create(self, node: dict[str, Any]) -> str:
        """Create a node; return its id."""
        response = await self.call("POST", NODES, {"statefulNode": node})
        assert response["http"] == 200, response
        return str(response["items"][0]["id"])

    async def status(self, node_id: str) -> dict[str, Any]:
        """Return the node's status document."""
        response = await self.call("GET", f"{NODES}/{node_id}/status")
        items = response.get("items") or [{}]
        return dict(items[0])

    async def until(
        self, node_id: str, wanted: Callable[[dict[str, Any]], bool] | str
    ) -> dict[str, Any]:
        """Wait until the status is as wanted; return it. ERROR ends the wait at once."""
        seen: dict[str, Any] = {}
        async with asyncio.timeout(PATIENCE_S):
            while True:
                seen = await self.status(node_id)
                done = seen.get("status") == wanted if isinstance(wanted, str) else wanted(seen)
                if done:
                    return seen
                assert seen.get("status") != "ERROR" or wanted == "ERROR", seen
                await wall_clock().sleep(LOOK_S)

    async def active(self, node_id: str) -> dict[str, Any]:
        """Wait until the node is ACTIVE."""
        return await self.until(node_id, "ACTIVE")

    async def comes_back(self, node_id: str) -> dict[str, Any]:
        """Wait until the node has left ACTIVE, then until it is back."""
        await self.until(node_id, lambda seen: seen.get("status") != "ACTIVE")
        return await self.active(node_id)

    # -- Azure --------------------------------------------------------------------------------

    def vm_path(self, name: str) -> str:
        """Return the ARM id of a VM of the demo's group."""
        return f"{azure.GROUP}/providers/Microsoft.Compute/virtualMachines/{name}"

    async def vm(self, name: str) -> dict[str, Any]:
        """Return a VM with its instance view."""
        return await azure.read(self.arm, self.vm_path(name), "$expand=instanceView")

    async def disks(self, name: str) -> list[str]:
        """Return the ids of a VM's disks, lower-case: OS disk first."""
        profile = (await self.vm(name))["properties"]["storageProfile"]
        parts = [profile["osDisk"], *profile.get("dataDisks", [])]
        return [part["managedDisk"]["id"].lower() for part in parts]

    async def evict(self, name: str) -> None:
        """Have Azure take a VM back, with its notice of 30 s."""
        version = azure.VERSIONS["microsoft.compute/virtualmachines"]
        path = f"{self.vm_path(name)}/simulateEviction?api-version={version}"
        await self.arm.want("POST", path)

    async def everything(self, kind: str) -> list[dict[str, Any]]:
        """Return all resources of a kind, `Microsoft.Compute/disks`, in the demo's group."""
        path = f"{azure.GROUP}/providers/{kind}"
        return list((await self.arm.want("GET", azure.versioned(path)))["value"])

    async def no_room(self, **where: Any) -> None:
        """Take all room from the markets that `where` names: location, size, zone, lifecycle."""
        await self.arm.want("PUT", "/_world/capacity", {"rules": [{**where, "room": 0}]})

    async def room_again(self) -> None:
        """Give all room back."""
        await self.arm.want("DELETE", "/_world/capacity")

    async def unknown_calls(self) -> list[Any]:
        """Return calls that the simulator has no route for."""
        return list((await self.arm.want("GET", "/_world"))["unknown"])

    # -- the host -----------------------------------------------------------------------------

    async def kill_host(self) -> None:
        """SIGKILL: no chance to say anything."""
        await self.children.kill("host")

    async def start_host(self) -> None:
        """Start the host (again) on the same state."""
        await self.children.start(commands.host(self.plan))
        await self.host.until_up("/", PATIENCE_S)


@asynccontextmanager
async def running_world(
    directory: Path, speed: float = SPEED, seed: int = 1
) -> AsyncIterator[World]:
    """Start a stack in a folder of its own, with network, account and token; end it after."""
    port, arm_port, table, blob, queue = free_ports(5)
    options = Options(
        once=True,
        speed=speed,
        example=EXAMPLE,
        port=port,
        arm_port=arm_port,
        directory=directory,
        seed=seed,
    )
    (directory / "log").mkdir(parents=True)
    ports = {"table": table, "blob": blob, "queue": queue}
    plan = Plan(options, scaled_clock(speed), ports)
    children = Children(directory / "pids.json", directory / "log")
    async with aiohttp.ClientSession() as session:
        world = World(plan, children, session)
        try:
            await children.start(commands.azurite(plan))
            await children.start(commands.simulator(plan))
            storage = Web(session, f"http://127.0.0.1:{table}")
            await asyncio.gather(
                storage.until_up("/", PATIENCE_S),
                world.arm.until_up("/_world/healthz", PATIENCE_S),
            )
            await asyncio.gather(seeding.connect_account(plan), seeding.make_network(world.arm))
            await world.start_host()
            world.host = await seeding.sign_in(plan, world.host)
            await seeding.subscribe_to_events(plan, world.arm)
            yield world
        finally:
            await children.stop()
