"""Stories told in one process on virtual time."""

import copy
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from local.worlds.ground import GROUP
from local.worlds.inprocess import NODES, InProcess
from local.worlds.loop import in_virtual_time
from local.worlds.options import Options

EXAMPLE = Path("examples/linux-spot.json")
BOUND_S = 2_400.0
"""Within 40 minutes a node is where it should be, whatever befell one request."""

Story = Callable[[InProcess], Awaitable[Any]]


def document() -> dict[str, Any]:
    """Return the example's node, to be changed at will."""
    node: dict[str, Any] = copy.deepcopy(json.loads(EXAMPLE.read_text()))
    return node


def tell(story: Story, seed: int = 1, options: Options | None = None, **hooks: Any) -> Any:
    """Run a story in a world of its own; return what it returns."""

    async def main() -> Any:
        async with InProcess(seed, options, **hooks) as world:
            return await story(world)

    return in_virtual_time(main())


async def status(world: InProcess, node_id: str) -> str:
    """Return a node's status; `down` while nobody answers, empty once it is gone."""
    try:
        answer = await world.api("GET", f"{NODES}/{node_id}/status")
    except ConnectionError:
        return "down"
    return str(answer.items[0]["status"]) if answer.items else ""


async def reach(world: InProcess, node_id: str, wanted: str) -> float:
    """Wait until a node has a status; return the seconds it took."""

    async def there() -> bool:
        return await status(world, node_id) == wanted

    return await world.run_until(there, BOUND_S)


async def active_node(world: InProcess) -> str:
    """Create a node; return its id once it is ACTIVE."""
    answer = await world.api("POST", NODES, document())
    assert answer.status == 200, answer
    node_id = str(answer.items[0]["id"])
    await reach(world, node_id, "ACTIVE")
    return node_id


async def vm_path(world: InProcess, node_id: str) -> str:
    """Return the ARM id of a node's VM."""
    shown = (await world.api("GET", f"{NODES}/{node_id}/status")).items[0]
    return f"{GROUP}/providers/Microsoft.Compute/virtualMachines/{shown['vmName']}"


async def evict(world: InProcess, node_id: str) -> None:
    """Have Azure take the VM; return once the product has noticed."""
    await world.azure.ask("POST", f"{await vm_path(world, node_id)}/simulateEviction")

    async def noticed() -> bool:
        return await status(world, node_id) not in ("ACTIVE", "down")

    await world.run_until(noticed, BOUND_S)


async def short_life(world: InProcess) -> bytes:
    """Create a node, evict it, see it back; return the world's log."""
    node_id = await active_node(world)
    await evict(world, node_id)
    await reach(world, node_id, "ACTIVE")
    return bytes(world.log)
