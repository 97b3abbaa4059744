"""Virtual machines of somebody's own, to be imported."""

from typing import Any

from local.worlds.ground import GROUP, NETWORK, REGION
from local.worlds.inprocess import NODES, Answer, InProcess

COMPUTE = f"{GROUP}/providers/Microsoft.Compute"
VM = f"{COMPUTE}/virtualMachines/legacy"
NIC = f"{NETWORK}/networkInterfaces/legacy-nic"
ADDRESS = f"{NETWORK}/publicIPAddresses/legacy-ip"
IMPORT = f"{NODES}/import"
BLOB = "https://legacy.blob.core.windows.net/vhds"

Json = dict[str, Any]


async def lay(world: InProcess, path: str, body: Json) -> Json:
    """Make a resource as its user, and wait until it is there."""
    await world.azure.ask("PUT", path, {"location": REGION, **body})

    async def settled() -> bool:
        shown = await world.azure.ask("GET", path)
        return bool(shown["properties"]["provisioningState"] == "Succeeded")

    await world.run_until(settled, 600)
    return dict(await world.azure.ask("GET", path))


def nic_body(address: str | None = ADDRESS) -> Json:
    """A NIC in the world's network, with a public address that would go with its VM."""
    configuration: Json = {
        "primary": True,
        "subnet": {"id": f"{NETWORK}/virtualNetworks/mooring-vnet/subnets/default"},
    }
    if address:
        option = {"deleteOption": "Delete"}
        configuration["publicIPAddress"] = {"id": address, "properties": option}
    named = {"name": "primary", "properties": configuration}
    return {"properties": {"ipConfigurations": [named]}}


def vm_body(nic: str = NIC, **more: Any) -> Json:
    """A running Linux VM with a data disk; everything of it would go with it."""
    properties: Json = {
        "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
        "storageProfile": {
            "imageReference": {
                "publisher": "Canonical",
                "offer": "0001-com-ubuntu-server-jammy",
                "sku": "22_04-lts-gen2",
                "version": "latest",
            },
            "osDisk": {"createOption": "FromImage", "name": "legacy-os", "deleteOption": "Delete"},
            "dataDisks": [
                {
                    "lun": 3,
                    "name": "legacy-data",
                    "createOption": "Empty",
                    "diskSizeGB": 64,
                    "caching": "ReadOnly",
                    "deleteOption": "Delete",
                }
            ],
        },
        "osProfile": {
            "computerName": "legacy",
            "adminUsername": "azureuser",
            "adminPassword": "Correct-Horse-7",
        },
        "networkProfile": {
            "networkInterfaces": [{"id": nic, "properties": {"deleteOption": "Delete"}}]
        },
        **more,
    }
    return {"zones": ["1"], "tags": {"team": "core"}, "properties": properties}


async def source(world: InProcess, **more: Any) -> Json:
    """Make a VM with all that belongs to it; return it as Azure shows it."""
    address = {
        "sku": {"name": "Standard"},
        "properties": {"publicIPAllocationMethod": "Static"},
    }
    await lay(world, ADDRESS, address)
    await lay(world, NIC, nic_body())
    return await lay(world, VM, vm_body(**more))


async def unmanaged(world: InProcess) -> Json:
    """Make a VM whose disks are blobs of its user's; such a VM is in no zone."""
    body = vm_body()
    storage = body["properties"]["storageProfile"]
    storage["osDisk"] = {"createOption": "FromImage", "name": "legacy-os"}
    storage["osDisk"]["vhd"] = {"uri": f"{BLOB}/os.vhd"}
    data = {"lun": 3, "name": "legacy-data", "createOption": "Empty", "diskSizeGB": 64}
    storage["dataDisks"] = [data | {"vhd": {"uri": f"{BLOB}/data.vhd"}}]
    del body["zones"]
    await lay(world, NIC, nic_body(address=None))
    return await lay(world, VM, body)


async def act(world: InProcess, action: str, vm: str = VM) -> None:
    """Do something to the VM as its user, and wait until it is done."""
    await world.azure.ask("POST", f"{vm}/{action}")
    await world.sleep(300)


async def power(world: InProcess, vm: str = VM) -> str:
    """Return the VM's power state."""
    view = await world.azure.ask("GET", f"{vm}/instanceView")
    codes = [one["code"] for one in view["statuses"]]
    return next((one.split("/")[1] for one in codes if one.startswith("PowerState/")), "")


def call(node: Json | None = None, **more: Any) -> Json:
    """The body of an import."""
    head: Json = {"originalVmName": "legacy", "resourceGroupName": GROUP.rsplit("/", 1)[-1]}
    return {"statefulNodeImport": {**head, **more, "node": node or {}}}


async def imported(world: InProcess, node: Json | None = None, **more: Any) -> str:
    """Begin an import; return the node's id."""
    answer: Answer = await world.api("POST", IMPORT, call(node, **more))
    assert answer.status == 200, answer
    return str(answer.items[0]["node"]["id"])


async def state(world: InProcess, node_id: str) -> str:
    """Return how far an import is."""
    shown = await world.api("GET", f"{IMPORT}/{node_id.replace('ssn', 'sin')}/status")
    return str(shown.items[0]["state"]) if shown.items else ""


def there(world: InProcess, path: str) -> Any:
    """Return a resource of the simulator, or None."""
    return world.arm.find(path)
