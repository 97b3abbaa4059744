import asyncio

from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.resources.aio import ResourceManagementClient as AioResources

from tests.simulator import SUBSCRIPTION, AioNoCredential, Azure, NoCredential

GROUPS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"


async def test_the_aio_client_creates_reads_lists_and_deletes_a_group(azure: Azure) -> None:
    async with AioResources(AioNoCredential(), SUBSCRIPTION, **azure.client_options) as client:
        made = await client.resource_groups.create_or_update(
            "g2", {"location": "East US", "tags": {"a": "b"}}
        )
        by_tag = [
            g.name
            async for g in client.resource_groups.list(filter="tagname eq 'a' and tagvalue eq 'b'")
        ]
        there = await client.resource_groups.check_existence("G2")
        poller = await client.resource_groups.begin_delete("g2")
        await poller.result()
        gone = await client.resource_groups.check_existence("g2")

    assert (made.location, by_tag, there, gone) == ("eastus", ["g2"], True, False)


async def test_the_sync_client_creates_and_deletes_a_group(azure: Azure) -> None:
    def drive() -> str:
        with ResourceManagementClient(
            NoCredential(), SUBSCRIPTION, **azure.client_options
        ) as client:
            client.resource_groups.create_or_update("g3", {"location": "eastus"})
            client.resource_groups.begin_delete("g3").result()
            return ",".join(str(g.name) for g in client.resource_groups.list())

    assert await asyncio.to_thread(drive) == "rg"


async def test_a_missing_group_is_told_in_arms_words(azure: Azure) -> None:
    status, body, _ = await azure.arm("GET", f"{GROUPS}/none")

    assert (status, body["error"]["code"]) == (404, "ResourceGroupNotFound")
    assert body["error"]["message"] == "Resource group 'none' could not be found."


async def test_a_group_does_not_move(azure: Azure) -> None:
    status, body, _ = await azure.arm("PUT", f"{GROUPS}/rg", {"location": "westeurope"})

    assert (status, body["error"]["code"]) == (409, "InvalidResourceGroupLocation")
