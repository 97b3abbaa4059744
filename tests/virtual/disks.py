"""What stories about disks do and look at."""

from typing import Any

from local.worlds.ground import GROUP
from local.worlds.inprocess import NODES, Answer, InProcess
from shared.model.run import RunState
from tests.fuzz.records import nodes
from tests.virtual.support import BOUND_S, reach

COMPUTE = f"{GROUP}/providers/Microsoft.Compute"
GROUP_NAME = GROUP.rsplit("/", 1)[-1]
KINDS = ("virtualmachines", "disks", "snapshots", "networkinterfaces", "publicipaddresses")
HOUR_S = 3_600.0


def run_of(world: InProcess, node_id: str) -> RunState:
    """Return the node's row."""
    found = nodes(world.tables.rows())
    return next(record.run for key, record in found.items() if key.node_id == node_id)


async def idle(world: InProcess, node_id: str) -> None:
    """Wait until nobody works on the node, or it is gone."""

    def is_idle() -> bool:
        for key, record in nodes(world.tables.rows()).items():
            if key.node_id == node_id:
                return record.operation is not None and bool(record.operation.finished_at)
        return True

    await world.run_until(is_idle, BOUND_S)


def there(world: InProcess, *kinds: str) -> dict[str, Any]:
    """Return what there is in Azure of the kinds that cost money, by name."""
    wanted = kinds or KINDS
    return {
        one.body["name"]: one
        for one in world.arm.resources.values()
        if one.type.split("/")[-1].lower() in wanted
    }


def is_marked(resource: Any) -> bool:
    return "mooring-node" in (resource.body.get("tags") or {})


async def put(world: InProcess, node_id: str, path: str, sent: Any) -> Answer:
    answer = await world.api("PUT", f"{NODES}/{node_id}/{path}", sent)
    assert answer.status == 200, answer.body
    await idle(world, node_id)
    return answer


async def turned(world: InProcess, node_id: str, state: str, wanted: str) -> None:
    answer = await world.api("PUT", f"{NODES}/{node_id}/state", {"state": state})
    assert answer.status == 200, answer.body
    await reach(world, node_id, wanted)


def attach(name: str = "extra", **more: Any) -> dict[str, Any]:
    asked = {
        "dataDiskName": name,
        "dataDiskResourceGroupName": GROUP_NAME,
        "sizeGB": 10,
        "storageAccountType": "Premium_LRS",
        "zone": "1",
    }
    return asked | more


def detach(name: str, **more: Any) -> dict[str, Any]:
    asked = {"dataDiskName": name, "dataDiskResourceGroupName": GROUP_NAME}
    return asked | {"shouldDeallocate": True} | more


def deletion(*, terminate: bool = True, more: Any = None, **hours: int) -> dict[str, Any]:
    kinds = {
        f"{kind}DeallocationConfig": {"shouldDeallocate": True, "ttlInHours": ttl_h}
        for kind, ttl_h in hours.items()
    }
    return {"deallocationConfig": {"shouldTerminateVm": terminate, **kinds, **(more or {})}}


async def deleted(world: InProcess, node_id: str, chosen: Any) -> None:
    answer = await world.api("DELETE", f"{NODES}/{node_id}", chosen)
    assert answer.status == 200, answer.body
    await idle(world, node_id)


def luns(world: InProcess) -> dict[int, str]:
    """Return the disks of the one VM by LUN."""
    (vm,) = there(world, "virtualmachines").values()
    return {int(one["lun"]): one["name"] for one in vm.properties["storageProfile"]["dataDisks"]}


async def person_copies(world: InProcess, source: str, name: str, **more: Any) -> None:
    """Have a person make a disk out of another one, by a snapshot."""
    snapshot = f"{COMPUTE}/snapshots/{name}-source"
    creation = {"createOption": "Copy", "sourceResourceId": source}
    body: dict[str, Any] = {"location": "eastus", "properties": {"creationData": creation}}
    await world.azure.ask("PUT", snapshot, body)
    await world.sleep(60)
    creation = {"createOption": "Copy", "sourceResourceId": snapshot}
    disk = {"location": "eastus", "zones": ["1"], "sku": {"name": "Premium_LRS"}}
    properties = {"creationData": creation, **more}
    await world.azure.ask("PUT", f"{COMPUTE}/disks/{name}", disk | {"properties": properties})
    await world.sleep(60)


def swap(name: str = "restored", **more: Any) -> dict[str, Any]:
    return {"osDiskName": name, "osDiskResourceGroupName": GROUP_NAME} | more


def os_disk_in_azure(world: InProcess) -> str:
    (vm,) = there(world, "virtualmachines").values()
    return str(vm.properties["storageProfile"]["osDisk"]["name"])
