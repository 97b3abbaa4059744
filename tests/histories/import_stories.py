"""Stories about VMs of somebody's own that become nodes, or that do not."""

import json
from typing import Any, Final

from local.clock import wall_clock
from local.stack import arm as azure
from local.worlds import ground
from tests.virtual.sources import ADDRESS, NIC, VM, call, nic_body, vm_body
from tests.worlds.stack import LOOK_S, NODES, World

LOOKS_MAX: Final = 2_000
KEEP_NETWORK: Final = {"persistence": {"shouldPersistNetwork": True}}
SPOT_ALONE: Final = {"strategy": {"fallbackToOd": False}}
STANDARD: Final = {
    "sku": {"name": "Standard"},
    "properties": {"publicIPAllocationMethod": "Static"},
}


async def _lay(world: World, path: str, body: dict[str, Any]) -> None:
    """Make a resource as its user, in the stack's own subscription; wait until it is there."""
    path = _moved(path)
    body = json.loads(_moved(json.dumps(body)))
    await world.arm.want("PUT", azure.versioned(path), {"location": "eastus", **body})
    for _ in range(LOOKS_MAX):
        seen = await world.arm.want("GET", azure.versioned(path))
        if seen["properties"]["provisioningState"] == "Succeeded":
            return
        await wall_clock().sleep(LOOK_S)
    raise TimeoutError(f"{path} is not made")


def _moved(text: str) -> str:
    return text.replace(ground.GROUP, azure.GROUP)


async def _imported(world: World, node: dict[str, Any], end: str) -> str:
    """Import a VM; wait for the state that its import ends in."""
    sent = call(node)
    response = await world.call("POST", f"{NODES}/import", sent)
    assert response["http"] == 200, response
    node_id = str(response["items"][0]["node"]["id"])
    shown = f"{NODES}/import/{node_id.replace('ssn', 'sin')}/status"
    for _ in range(LOOKS_MAX):
        told = await world.call("GET", shown)
        if told["items"] and told["items"][0]["state"] == end:
            return node_id
        await wall_clock().sleep(LOOK_S)
    raise TimeoutError(f"the import of {node_id} did not end in {end}")


async def _source(world: World) -> None:
    await _lay(world, ADDRESS, STANDARD)
    await _lay(world, NIC, nic_body())
    await _lay(world, VM, vm_body())


async def taken_over(world: World) -> str:
    """A running VM becomes a node with its network; the VM itself goes."""
    await _source(world)
    return await _imported(world, KEEP_NETWORK, "ImportCompleted")


async def copied(world: World) -> str:
    """A running VM becomes a node on copies of its disks; the VM stays, stopped."""
    await _source(world)
    return await _imported(world, {}, "ImportCompleted")


async def given_back(world: World) -> str:
    """No VM comes up for the node: the source runs again with all that it had."""
    await _source(world)
    rule = {"lifecycle": "SPOT", "room": 0, "when": "completion"}
    await world.no_room(**rule)
    return await _imported(world, SPOT_ALONE | KEEP_NETWORK, "ImportFailed")
