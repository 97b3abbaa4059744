"""Stories about the disks of a node, and about a node that goes a part at a time."""

from typing import Any, Final

from local.clock import wall_clock
from local.stack import arm as azure
from local.stack import seeding
from shared.model.ids import node_key
from shared.names import stem
from tests.worlds.stack import LOOK_S, NODES, World, document

GROUP_NAME: Final = azure.GROUP.rsplit("/", 1)[-1]
COMPUTE: Final = f"{azure.GROUP}/providers/Microsoft.Compute"
LOOKS_MAX: Final = 2_000


async def _created(world: World) -> str:
    node_id = await world.create(document())
    await world.active(node_id)
    return node_id


def _disk_of(node_id: str, role: str) -> str:
    """Return the name of a disk of the node's first VM."""
    return f"{stem(node_key(seeding.ACCOUNT, node_id))}-{role}-g1"


async def _put(world: World, node_id: str, path: str, sent: Any) -> None:
    response = await world.call("PUT", f"{NODES}/{node_id}/{path}", sent)
    assert response["http"] == 200, response


async def attached(world: World) -> str:
    """A new data disk comes to a node whose VM runs."""
    node_id = await _created(world)
    asked = {"dataDiskName": "extra", "dataDiskResourceGroupName": GROUP_NAME, "zone": "1"}
    kind = {"sizeGB": 10, "storageAccountType": "Premium_LRS"}
    await _put(world, node_id, "dataDisk/attach", asked | kind)
    return node_id


async def detached(world: World) -> str:
    """A data disk leaves, and is deleted at once."""
    return await _detach(world, ttl_h=0)


async def _detach(world: World, ttl_h: int) -> str:
    node_id = await _created(world)
    name = _disk_of(node_id, "data0")
    asked = {"dataDiskName": name, "dataDiskResourceGroupName": GROUP_NAME}
    await _put(
        world, node_id, "dataDisk/detach", asked | {"shouldDeallocate": True, "ttlInHours": ttl_h}
    )
    return node_id


async def deallocated(world: World) -> str:
    """A data disk leaves, is kept for an hour, and then goes."""
    node_id = await _detach(world, ttl_h=1)
    name = _disk_of(node_id, "data0")
    for _ in range(LOOKS_MAX):
        if name not in [one["name"] for one in await world.everything("Microsoft.Compute/disks")]:
            return node_id
        await wall_clock().sleep(LOOK_S)
    raise TimeoutError(f"{name} is still there")


async def swapped(world: World) -> str:
    """Another disk takes the place of a stopped node's OS disk, which stays in Azure."""
    node_id = await _created(world)
    await _put(world, node_id, "state", {"state": "stop"})
    await world.until(node_id, "STOPPED")
    snapshot, copy = f"{COMPUTE}/snapshots/mine", f"{COMPUTE}/disks/mine"
    zonal = {"zones": ["1"], "sku": {"name": "Premium_LRS"}}
    await _copied(world, f"{COMPUTE}/disks/{_disk_of(node_id, 'os')}", snapshot, {})
    await _copied(world, snapshot, copy, zonal)
    asked = {"osDiskName": "mine", "osDiskResourceGroupName": GROUP_NAME, "shouldTerminate": False}
    await _put(world, node_id, "osDisk/swap", asked)
    return node_id


async def _copied(world: World, source: str, made: str, more: dict[str, Any]) -> None:
    """Have a person copy a disk or a snapshot, and wait until it is there."""
    creation = {"createOption": "Copy", "sourceResourceId": source}
    body = {"location": "eastus", "properties": {"creationData": creation}, **more}
    await world.arm.want("PUT", azure.versioned(made), body)
    for _ in range(LOOKS_MAX):
        seen = await world.arm.want("GET", azure.versioned(made))
        if seen["properties"]["provisioningState"] == "Succeeded":
            return
        await wall_clock().sleep(LOOK_S)
    raise TimeoutError(f"{made} is not made")


async def left_on_demand(world: World) -> str:
    """A node goes; its VM stays, moved to on-demand, and is its user's alone."""
    node_id = await _created(world)
    chosen = {"shouldTerminateVm": False, "shouldRevertToOd": True}
    response = await world.call("DELETE", f"{NODES}/{node_id}", {"deallocationConfig": chosen})
    assert response["http"] == 200, response
    return node_id


async def kept_for_a_time(world: World) -> str:
    """A node goes; its disks stay for some hours, the rest of it is let go."""
    node_id = await _created(world)
    disks = {"shouldDeallocate": True, "ttlInHours": 96}
    chosen = {"shouldTerminateVm": True, "diskDeallocationConfig": disks}
    response = await world.call("DELETE", f"{NODES}/{node_id}", {"deallocationConfig": chosen})
    assert response["http"] == 200, response
    return node_id
