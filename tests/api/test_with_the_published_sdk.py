"""The published Python SDK, unchanged, through a node's whole life on a loopback host."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import spotinst_sdk2.models.stateful_node as models
from spotinst_sdk2.client import Client
from spotinst_sdk2.clients.setup import SetupAzureClient
from spotinst_sdk2.clients.stateful_node import StatefulNodeAzureClient

from local.stack import arm as azure
from tests.api.sdk_life import (
    ADMIN_METHODS,
    CLIENT_ID,
    DATES,
    GROUP_NAME,
    METHODS,
    SECRET,
    SETUP_METHODS,
    TENANT,
    WITHOUT_A_METHOD,
    Life,
    credentials,
    everything_goes,
    node,
)
from tests.worlds.stack import running_world


def own_methods(client: type) -> set[str]:
    return {
        name
        for name, value in vars(client).items()
        if callable(value) and not name.startswith("_") and not hasattr(Client, name)
    }


def test_the_table_has_every_method_of_the_sdk() -> None:
    assert own_methods(StatefulNodeAzureClient) == set(METHODS)
    assert own_methods(SetupAzureClient) == set(SETUP_METHODS)
    numbers = {*METHODS.values(), *SETUP_METHODS.values(), *ADMIN_METHODS.values()}
    assert sorted(numbers | WITHOUT_A_METHOD.keys()) == list(range(1, 24))


@pytest.fixture
async def life(tmp_path: Path) -> AsyncIterator[Life]:
    async with running_world(tmp_path / "stack") as world:
        yield Life.of(world)
        assert await world.unknown_calls() == []


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_the_published_sdk_leads_a_node_through_its_whole_life(life: Life) -> None:
    """S11 to S33, S67 to S74, S95: every method of the SDK, none of them told of us."""
    await connects(life)
    node_id = await is_made_and_read(life)
    await has_its_disks_changed(life, node_id)
    await rests_and_comes_back(life, node_id)
    imported = await takes_in_a_vm(life)
    await is_billed_and_logged(life, node_id)
    for one in (node_id, imported):
        await ends(life, one)

    assert {*METHODS, *SETUP_METHODS, *ADMIN_METHODS, *WITHOUT_A_METHOD.values()} <= {*life.called}


async def connects(life: Life) -> None:
    known = {"tenant": TENANT, "secrets": {SECRET: None}, "subscriptions": [azure.SUBSCRIPTION]}
    await life.world.arm.want("PUT", f"/_world/applications/{CLIENT_ID}", known)
    (account,) = await life.call("get_accounts")
    assert account["provider_external_id"] == azure.SUBSCRIPTION
    ok = {"code": 200, "message": "OK"}
    assert await life.call("validate_credentials", credentials()) == ok
    assert await life.call("set_credentials", credentials()) == ok
    tenant = {"clientId": CLIENT_ID, "clientSecret": SECRET, "tenantId": TENANT}
    for path in (f"{WITHOUT_A_METHOD[22]}/validation", WITHOUT_A_METHOD[22]):
        assert (await life.post(path, tenant))["response"]["status"] == ok


async def is_made_and_read(life: Life) -> str:
    made = await life.call("create_stateful_node", node("sdk"))
    node_id = str(made["id"])
    await says_that_it_is_ready(life, node_id)
    await life.until(node_id, "ACTIVE")
    shown = await life.call("get_stateful_node", node_id)
    listed = await life.call("get_all_stateful_nodes", name="sdk", region="eastus")
    nobody = await life.call("get_all_stateful_nodes", name="nobody")
    statuses = await life.call("get_all_stateful_node_statuses")
    resources = await life.call("get_stateful_node_resources", node_id)
    change = models.StatefulNode(description="by the SDK", strategy=models.Strategy(signals=None))
    changed = await life.call("update_stateful_node", change, node_id)
    assert [one["id"] for one in listed] == [one["id"] for one in statuses] == [node_id]
    assert nobody == []
    assert shown["compute"]["launch_specification"]["tags"][0]["tag_key"] == "made_by"
    assert resources["storage"]["os_disk"]["name"]
    assert changed["description"] == "by the SDK"
    assert changed["strategy"].get("signals") is None
    unknown = await life.refused("get_stateful_node", "ssn-00000000")
    assert "GROUP_DOESNT_EXIST" in unknown
    return node_id


async def says_that_it_is_ready(life: Life, node_id: str) -> None:
    """Say what the VM would say: until then its launch waits, and afterwards nobody listens."""
    word = {"signalType": "vmReady", "resourceGroupName": GROUP_NAME}
    nobody = await life.refused_post(WITHOUT_A_METHOD[20], word | {"vmName": "nobody"})
    name = await life.running_vm()
    before = await life.call("get_stateful_node_status", node_id)

    told = await life.post(WITHOUT_A_METHOD[20], word | {"vmName": name})

    assert before["status"] == "PENDING"
    assert told["response"]["status"] == {"code": 200, "message": "OK"}
    await life.until(node_id, "ACTIVE")
    late = await life.refused_post(WITHOUT_A_METHOD[20], word | {"vmName": name})
    assert "VM_DOES_NOT_EXIST" in nobody
    assert "SIGNAL_NOT_AWAITED" in late


async def has_its_disks_changed(life: Life, node_id: str) -> None:
    wanted = models.AttachDataDiskConfiguration(
        data_disk_name="sdk-data",
        data_disk_resource_group_name=GROUP_NAME,
        lun=1,
        size_g_b=32,
        storage_account_type="Premium_LRS",
        zone="1",
    )
    await life.call("attach_data_disk_to_stateful_node", node_id, wanted)
    await life.wait(lambda: disk_names(life, node_id, "sdk-data", there=True))
    gone = models.DetachDataDiskConfiguration(
        data_disk_name="sdk-data",
        data_disk_resource_group_name=GROUP_NAME,
        should_deallocate=True,
        ttl_in_hours=0,
    )
    await life.wait(lambda: life.taken("detach_data_disk_from_stateful_node", node_id, gone))
    await life.wait(lambda: disk_names(life, node_id, "sdk-data", there=False))


async def disk_names(life: Life, node_id: str, name: str, *, there: bool) -> bool:
    resources = await life.call("get_stateful_node_resources", node_id)
    names = [one["name"] for one in resources["storage"]["data_disks"] or []]
    return (name in names) is there


async def rests_and_comes_back(life: Life, node_id: str) -> None:
    await life.wait(lambda: paused(life, node_id))
    await life.until(node_id, "PAUSED")
    disk = (await life.call("get_stateful_node_resources", node_id))["storage"]["os_disk"]["name"]
    source = f"{azure.GROUP}/providers/Microsoft.Compute/disks/{disk}"
    await life.copy_disk(source, "sdk-os-2")
    swap = models.SwapOsDiskConfiguration(
        os_disk_name="sdk-os-2",
        os_disk_resource_group_name=GROUP_NAME,
        retention_time=0,
        should_terminate=True,
    )
    await life.call("swap_os_disk_to_stateful_node", node_id, swap)
    await life.wait(lambda: life.taken("update_stateful_node_state", node_id, "resume"))
    await life.until(node_id, "ACTIVE")
    resources = await life.call("get_stateful_node_resources", node_id)
    assert resources["storage"]["os_disk"]["name"] == "sdk-os-2"
    await life.state(node_id, "recycle", "ACTIVE")


async def paused(life: Life, node_id: str) -> bool:
    return await life.taken("update_stateful_node_state", node_id, "pause")


async def takes_in_a_vm(life: Life) -> str:
    await life.make_vm("legacy")
    shown = await life.call("get_stateful_node_from_azure_vm", GROUP_NAME, "legacy")
    assert shown["name"] == "legacy"
    wanted = models.ImportVmConfiguration(
        original_vm_name="legacy",
        resource_group_name=GROUP_NAME,
        draining_timeout=0,
        resource_retention_time=0,
        node=models.StatefulNode(name="taken-in"),
    )
    begun = await life.call("import_vm_to_stateful_node", wanted)

    async def over() -> bool:
        told = await life.call("get_stateful_node_import_status", begun["stateful_import_id"])
        assert told["items"][0]["state"] != "ImportFailed", told
        return bool(told["items"][0]["state"] == "ImportCompleted")

    await life.wait(over)
    node_id = str(begun["node"]["id"])
    await life.until(node_id, "ACTIVE")
    return node_id


async def is_billed_and_logged(life: Life, node_id: str) -> None:
    lines = await life.call("get_stateful_node_logs", node_id, *DATES, severity="ALL", limit="100")
    costs = await life.call("get_all_stateful_node_costs", "2026-01-01", "2026-12-31", node_id)
    daily = await life.call(
        "get_all_stateful_node_aggregated_daily_costs", "2026-01-01", "2026-12-31"
    )
    sizes = await life.call("get_stateful_node_size_usage", "2026-01-01", "2026-12-31")
    assert {"message", "severity", "created_at"} <= lines[0].keys()
    assert costs[0]["usage"].keys() == {"spot", "od"}
    assert isinstance(daily, list)
    assert isinstance(sizes, list)


async def ends(life: Life, node_id: str) -> None:
    async def accepted() -> bool:
        return await life.taken("delete_stateful_node", node_id, everything_goes())

    await life.wait(accepted)
    await life.wait(lambda: life.gone(node_id))
