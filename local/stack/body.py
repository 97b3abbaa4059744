"""The VM of a node at one moment, as Azure tells it."""

from collections.abc import Mapping
from dataclasses import dataclass

from local.stack import arm as azure
from local.stack.http import Json, Web

NODE_TAG = "mooring-node"


@dataclass(frozen=True)
class Thing:
    """A resource that may outlive a VM: a namesake made later has another birth mark."""

    name: str
    birth_mark: str
    copy_of: str = ""
    """Name of the snapshot or disk that it was made from."""


@dataclass(frozen=True)
class Body:
    """The VM of a node at one moment."""

    name: str
    vm_id: str
    size: str
    zone: str
    lifecycle: str
    power: str
    os_disk: Thing
    data_disks: tuple[Thing, ...]
    nics: tuple[Thing, ...]
    private_addresses: tuple[str, ...]
    public_addresses: tuple[str, ...]
    owned_since: str
    """When the OS disk last changed hands: while deallocated, the moment of that."""


async def look(arm: Web, vm_path: str) -> Body | None:
    """Return the VM as Azure has it, or None while there is none."""
    vm = await azure.try_read(arm, vm_path, "$expand=instanceView")
    if vm is None:
        return None
    properties = vm["properties"]
    storage = properties["storageProfile"]
    data = sorted(storage.get("dataDisks", []), key=lambda disk: int(disk["lun"]))
    disks = [
        await azure.read(arm, disk["managedDisk"]["id"]) for disk in (storage["osDisk"], *data)
    ]
    interfaces = properties["networkProfile"]["networkInterfaces"]
    nics = [await azure.read(arm, nic["id"]) for nic in interfaces]
    configurations = [
        one["properties"] for nic in nics for one in nic["properties"]["ipConfigurations"]
    ]
    return Body(
        name=vm["name"],
        vm_id=properties["vmId"],
        size=properties["hardwareProfile"]["vmSize"],
        zone=(vm.get("zones") or ["regional"])[0],
        lifecycle="SPOT" if properties.get("priority") == "Spot" else "OD",
        power=_power(properties),
        os_disk=_disk(disks[0]),
        data_disks=tuple(_disk(disk) for disk in disks[1:]),
        nics=tuple(Thing(nic["name"], nic["properties"].get("resourceGuid", "")) for nic in nics),
        private_addresses=tuple(one.get("privateIPAddress", "none") for one in configurations),
        public_addresses=await _public_addresses(arm, configurations),
        owned_since=disks[0]["properties"].get("lastOwnershipUpdateTime", ""),
    )


async def power_of(arm: Web, vm_path: str) -> str:
    """Return the VM's power state without its prefix; `gone` if there is no VM.

    It is asked of the world, not of Azure: Azure grants few reads of one VM, and these are the
    product's.
    """
    told = await arm.want("GET", "/_world/vms")
    mine = (vm for vm in told["vms"] if vm["id"].lower() == vm_path.lower())
    return next((vm["power"] or "unknown" for vm in mine), "gone")


async def count_vms(arm: Web, group: str, node_id: str) -> int:
    """Return how many VMs of the resource group carry the node's tag."""
    told = await azure.read(arm, f"{group}/providers/Microsoft.Compute/virtualMachines")
    tags: list[Mapping[str, str]] = [vm.get("tags") or {} for vm in told["value"]]
    return sum(1 for tag in tags if tag.get(NODE_TAG) == node_id)


def _power(properties: Json) -> str:
    statuses = properties.get("instanceView", {}).get("statuses", [])
    codes = [status["code"] for status in statuses if status["code"].startswith("PowerState/")]
    return codes[0].removeprefix("PowerState/") if codes else "unknown"


def _disk(disk: Json) -> Thing:
    properties = disk["properties"]
    source = properties.get("creationData", {}).get("sourceResourceId") or ""
    return Thing(disk["name"], properties.get("uniqueId", ""), source.rsplit("/", 1)[-1])


async def _public_addresses(arm: Web, configurations: list[Json]) -> tuple[str, ...]:
    ids = [one["publicIPAddress"]["id"] for one in configurations if one.get("publicIPAddress")]
    read = [await azure.read(arm, one) for one in ids]
    return tuple(one["properties"].get("ipAddress", "none") for one in read)
