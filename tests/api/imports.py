"""What tests of imports start from: the API over a simulated Azure in which VMs are somebody's."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from activities.azure.clients import AzureClients
from local.arm.app import Simulator
from local.arm.persistence import NoJournal
from local.arm.world import World
from local.worlds.ground import Azure
from local.worlds.transport import Answer as Reply
from local.worlds.transport import InProcessTransport, Sent
from shared.model.ids import AccountId
from shared.settings import Settings
from store.accounts import Account
from store.memory import Database
from store.stores import Stores
from store.tokens import Role
from tests.api.harness import ACCOUNT, PATH, Answer, Api, open_api
from tests.simulator import SUBSCRIPTION
from tests.store.worlds import NOON, HandClock
from tests.unit.model.documents import put

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
COMPUTE = f"{GROUP}/providers/Microsoft.Compute"
NETWORK = f"{GROUP}/providers/Microsoft.Network"
SUBNET = f"{NETWORK}/virtualNetworks/v/subnets/s"
VM = f"{COMPUTE}/virtualMachines/legacy"
LS = "statefulNodeImport.node.compute.launchSpecification"
WATCH: dict[str, Any] = {
    "publisher": "Microsoft.Azure.Monitor",
    "type": "AzureMonitorLinuxAgent",
    "typeHandlerVersion": "1.0",
    "autoUpgradeMinorVersion": True,
    "settings": {"workspaceId": "w", "proxy": {"mode": "none"}},
}
Json = dict[str, Any]


@dataclass
class Bench:
    """The API, and the Azure behind it."""

    api: Api
    azure: Azure
    world: World
    clock: HandClock

    async def lay(self, path: str, properties: Json, **more: Any) -> None:
        """Make a resource as its user."""
        body = {"location": "eastus", "properties": properties, **more}
        await self.azure.ask("PUT", path, body)
        await self.clock.sleep(600)

    async def vm(self, name: str = "legacy", **changes: Any) -> str:
        """Make a VM with a NIC and a data disk, changed as a document is; return its id."""
        vm_id, nic = f"{COMPUTE}/virtualMachines/{name}", f"{NETWORK}/networkInterfaces/{name}"
        configuration = {"name": "c", "properties": {"subnet": {"id": SUBNET}, "primary": True}}
        await self.lay(nic, {"ipConfigurations": [configuration]})
        body = vm_body(nic)
        for path, value in changes.items():
            put(body, path.replace("__", "."), value)
        await self.lay(vm_id, **body)
        return vm_id

    async def act(self, action: str, vm_id: str = VM) -> None:
        await self.azure.ask("POST", f"{vm_id}/{action}")
        await self.clock.sleep(600)

    async def configuration(self, name: str = "legacy") -> Answer:
        return await self.api.call(
            "GET", f"{PATH}/resourceGroup/rg/virtualMachine/{name}/importConfiguration"
        )

    async def imported(self, node: Json | None = None, **head: Any) -> Answer:
        return await self.api.call("POST", f"{PATH}/import", call(node, **head))

    async def state(self, import_id: str) -> Answer:
        return await self.api.call("GET", f"{PATH}/import/{import_id}/status")


def vm_body(nic: str) -> Json:
    image = {"publisher": "Canonical", "offer": "0001-com-ubuntu-server-jammy"}
    return {
        "zones": ["1"],
        "tags": {"team": "core"},
        "properties": {
            "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
            "storageProfile": {
                "imageReference": image | {"sku": "22_04-lts-gen2", "version": "latest"},
                "osDisk": {"createOption": "FromImage"},
                "dataDisks": [{"lun": 2, "createOption": "Empty", "diskSizeGB": 2_048}],
            },
            "osProfile": {
                "computerName": "legacy",
                "adminUsername": "azureuser",
                "adminPassword": "Correct-Horse-7",
            },
            "networkProfile": {"networkInterfaces": [{"id": nic}]},
        },
    }


def call(node: Json | None = None, **head: Any) -> Json:
    sent = {"originalVmName": "legacy", "resourceGroupName": "rg", **head}
    return {"statefulNodeImport": sent | ({} if node is None else {"node": node})}


def codes_and_fields(answer: Answer) -> list[tuple[str, str]]:
    assert answer.status == 400
    return list(zip(answer.codes, answer.fields, strict=True))


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    kept, clock = Database(), HandClock(NOON)
    world = World(clock, 1, NoJournal())
    world.facts["settings"] = {"throttle": False, "latency": "median"}
    simulator = Simulator(world)

    async def send(sent: Sent) -> Reply:
        return await simulator.handle(sent.method, sent.url, sent.headers, sent.body)

    settings = Settings(tables="memory:none", credential="local.credential:factory")
    clients = AzureClients(settings, InProcessTransport(send))
    stores = Stores(kept.table, clock, kept.secrets)
    api = await open_api(stores, clock, Role.OPERATOR, clients)
    account = Account(id=AccountId(ACCOUNT), name="a", subscription_id=SUBSCRIPTION)
    await stores.accounts.put(account)
    made = Bench(api, Azure(simulator), world, clock)
    await made.azure.ask("PUT", GROUP, {"location": "eastus"})
    subnet = {"name": "s", "properties": {"addressPrefix": "10.0.0.0/24"}}
    space = {"addressPrefixes": ["10.0.0.0/16"]}
    await made.lay(f"{NETWORK}/virtualNetworks/v", {"addressSpace": space, "subnets": [subnet]})
    yield made
    assert not world.calls.unknown
    await clients.close()
