"""A node's whole life through the published Python SDK, call by call, against a loopback host.

`METHODS` is the table of every call that the SDK has for stateful nodes, for who speaks to Azure,
and for accounts, with the endpoint that each one speaks to. `Life` makes them all.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import spotinst_sdk2.models.setup.azure as setup_models
import spotinst_sdk2.models.stateful_node as models
from spotinst_sdk2 import SpotinstSession
from spotinst_sdk2.client import SpotinstClientException

from local.clock import wall_clock
from local.stack import arm as azure
from local.stack import seeding
from tests.worlds.stack import PATIENCE_S, World

METHODS: Final = {
    "create_stateful_node": 1,
    "get_all_stateful_nodes": 2,
    "get_stateful_node": 3,
    "update_stateful_node": 4,
    "delete_stateful_node": 5,
    "get_stateful_node_resources": 6,
    "get_stateful_node_status": 7,
    "get_all_stateful_node_statuses": 8,
    "update_stateful_node_state": 9,
    "get_stateful_node_from_azure_vm": 10,
    "import_vm_to_stateful_node": 11,
    "get_stateful_node_import_status": 12,
    "swap_os_disk_to_stateful_node": 13,
    "attach_data_disk_to_stateful_node": 14,
    "detach_data_disk_from_stateful_node": 15,
    "get_stateful_node_logs": 16,
    "get_all_stateful_node_costs": 17,
    "get_all_stateful_node_aggregated_daily_costs": 18,
    "get_stateful_node_size_usage": 19,
}
"""What the SDK calls, and the number of its endpoint in the published API."""
SETUP_METHODS: Final = {"set_credentials": 21, "validate_credentials": 21}
ADMIN_METHODS: Final = {"get_accounts": 23}
WITHOUT_A_METHOD: Final = {20: "/azure/compute/vm/signal", 22: "/azure/setup/tenant/credentials"}
"""Endpoints for which the SDK has no method: asked through its own `send_post`."""
CLIENT_ID: Final = "c11e0000-0000-4000-8000-000000000001"
TENANT: Final = "7e4a4000-0000-4000-8000-000000000000"
SECRET: Final = "of-a-service-principal-of-the-simulator"  # noqa: S105 - opens the simulator alone
GROUP_NAME: Final = azure.GROUP.rpartition("/")[2]
KEY: Final = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN7rHgfepE0hOZED+DUu0NWHDKxahAEdiacGIbzU5Hxs sdk"
DATES: Final = ("2020-01-01", "2040-01-01")
LOOK_S: Final = 0.1
SIGNAL_S: Final = 86_400
"""Seconds for which a launch waits for its VM's word: here it never comes to that."""
Json = dict[str, Any]


@dataclass
class Life:
    """The SDK's clients, and what they have called."""

    world: World
    nodes: Any
    setup: Any
    admin: Any
    called: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, world: World) -> "Life":
        session = SpotinstSession(
            base_url=world.plan.url, auth_token=world.host.token, account_id=seeding.ACCOUNT
        )
        client = partial(session.client, print_output=False, timeout=PATIENCE_S)
        return cls(world, client("stateful_node_azure"), client("setup_azure"), client("admin"))

    async def call(self, method: str, /, *words: Any, **named: Any) -> Any:
        """Call one method of the SDK, in a thread: it knows nothing of event loops."""
        self.called[method] += 1
        of = next(one for one in (self.nodes, self.setup, self.admin) if hasattr(one, method))
        return await asyncio.to_thread(partial(getattr(of, method), *words, **named))

    async def post(self, path: str, sent: Json) -> Json:
        """Send what the SDK has no method for."""
        self.called[path] += 1
        body = json.dumps(sent)
        send = partial(self.nodes.send_post, url=path, entity_name="mooring", body=body)
        answer: Json = await asyncio.to_thread(send)
        return answer

    async def refused(self, name: str, *words: Any) -> str:
        """Call one method that must be refused; return what the SDK tells of it."""
        return await _told(self.call(name, *words))

    async def refused_post(self, path: str, sent: Json) -> str:
        """Send what must be refused; return what the SDK tells of it."""
        return await _told(self.post(path, sent))

    async def until(self, node_id: str, wanted: str) -> Json:
        """Wait for a status."""

        async def there() -> Json | None:
            seen: Json = await self.call("get_stateful_node_status", node_id)
            assert seen["status"] != "ERROR", seen
            return seen if seen["status"] == wanted else None

        seen: Json = await self.wait(there)
        return seen

    async def taken(self, *words: Any) -> bool:
        """Make a call; False if the node is held and it has to be made again."""
        try:
            await self.call(*words)
        except SpotinstClientException as refusal:
            if "ACTION_NOT_ALLOWED" not in str(refusal.message):
                raise
            return False
        return True

    async def wait(self, look: Callable[[], Any]) -> Any:
        """Look until there is something to see."""
        async with asyncio.timeout(PATIENCE_S):
            while not (seen := await look()):
                await wall_clock().sleep(LOOK_S)
        return seen

    async def state(self, node_id: str, wanted: str, status: str) -> Json:
        told = await self.call("update_stateful_node_state", node_id, wanted)
        assert told == {"code": 200, "message": "OK"}
        if wanted == "recycle":  # ACTIVE before it begins as well
            await self.wait(partial(self._left_active, node_id))
        return await self.until(node_id, status)

    async def _left_active(self, node_id: str) -> bool:
        seen = await self.call("get_stateful_node_status", node_id)
        return bool(seen["status"] != "ACTIVE")

    async def gone(self, node_id: str) -> bool:
        """Tell whether the node is known no more, as the SDK finds out."""
        try:
            await self.call("get_stateful_node_status", node_id)
        except SpotinstClientException as refusal:
            return "STATEFUL_NODE_DOES_NOT_EXIST" in str(refusal.message)
        return False

    async def running_vm(self) -> str:
        """Wait for the one VM that runs; return its name."""

        async def there() -> str:
            for one in await self.world.everything("Microsoft.Compute/virtualMachines"):
                seen = await self.world.vm(one["name"])
                told = seen["properties"].get("instanceView", {}).get("statuses", [])
                if "PowerState/running" in [status["code"] for status in told]:
                    return str(one["name"])
            return ""

        name: str = await self.wait(there)
        return name

    async def make_vm(self, name: str) -> None:
        """Make a VM in Azure that no node knows."""
        arm, network = self.world.arm, seeding.NETWORK
        subnet = f"{network}/virtualNetworks/mooring-vnet/subnets/default"
        nic = f"{network}/networkInterfaces/{name}-nic"
        configuration = {"name": "c", "properties": {"subnet": {"id": subnet}, "primary": True}}
        spread = {"location": seeding.REGION}
        await azure.put(arm, nic, spread | {"properties": {"ipConfigurations": [configuration]}})
        await azure.put(
            arm, self.world.vm_path(name), spread | {"properties": _vm(name, nic), "zones": ["1"]}
        )

    async def copy_disk(self, source: str, name: str) -> None:
        """Make a disk in Azure out of another."""
        creation = {"createOption": "Copy", "sourceResourceId": source}
        body = {
            "location": seeding.REGION,
            "zones": ["1"],
            "sku": {"name": "Premium_LRS"},
            "properties": {"creationData": creation},
        }
        await azure.put(
            self.world.arm, f"{azure.GROUP}/providers/Microsoft.Compute/disks/{name}", body
        )


async def _told(call: Awaitable[Any]) -> str:
    try:
        await call
    except SpotinstClientException as refusal:
        return str(refusal.message)
    raise AssertionError("was not refused")


def credentials() -> Any:
    return setup_models.AzureCredentials(CLIENT_ID, SECRET, TENANT, azure.SUBSCRIPTION)


def node(name: str) -> Any:
    """Return a node in the SDK's own objects."""
    nic = models.NetworkInterface(is_primary=True, subnet_name="default")
    image = models.Marketplace(
        publisher="Canonical",
        offer="0001-com-ubuntu-server-jammy",
        sku="22_04-lts-gen2",
        version="latest",
    )
    launch = models.LaunchSpecification(
        image=models.Image(marketplace=image),
        login=models.Login(user_name="mooring", ssh_public_key=KEY),
        network=models.Network(
            resource_group_name=GROUP_NAME,
            virtual_network_name="mooring-vnet",
            network_interfaces=[nic],
        ),
        tags=[models.Tag(tag_key="made_by", tag_value="sdk")],
    )
    compute = models.Compute(
        os="Linux",
        zones=["1"],
        vm_sizes=models.VmSizes(
            od_sizes=["standard_d2s_v5"], spot_sizes=["standard_d2s_v5", "standard_d4s_v5"]
        ),
        launch_specification=launch,
    )
    return models.StatefulNode(
        name=name,
        region=seeding.REGION,
        resource_group_name=GROUP_NAME,
        strategy=models.Strategy(
            fallback_to_od=True,
            draining_timeout=30,
            signals=[models.Signal(type="vmReady", timeout=SIGNAL_S)],
        ),
        persistence=models.Persistence(
            should_persist_os_disk=True,
            os_disk_persistence_mode="reattach",
            should_persist_data_disks=True,
            data_disks_persistence_mode="reattach",
            should_persist_network=True,
        ),
        compute=compute,
    )


def everything_goes() -> Any:
    """Return a choice by which nothing of the node stays."""
    now = models.Deallocate(should_deallocate=True, ttl_in_hours=0)
    return models.DeallocationConfig(
        should_terminate_vm=True,
        disk_deallocation_config=now,
        network_deallocation_config=now,
        public_ip_deallocation_config=now,
        snapshot_deallocation_config=now,
    )


def _vm(name: str, nic: str) -> Json:
    image = {
        "publisher": "Canonical",
        "offer": "0001-com-ubuntu-server-jammy",
        "sku": "22_04-lts-gen2",
        "version": "latest",
    }
    return {
        "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
        "storageProfile": {"imageReference": image, "osDisk": {"createOption": "FromImage"}},
        "osProfile": {
            "computerName": name,
            "adminUsername": "azureuser",
            "adminPassword": "Correct-Horse-7",
        },
        "networkProfile": {"networkInterfaces": [{"id": nic}]},
    }
