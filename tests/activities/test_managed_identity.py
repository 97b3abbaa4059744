"""Without any setting the app signs in as the managed identity that Functions gives it."""

from collections.abc import AsyncIterator

import pytest
from azure.core.exceptions import HttpResponseError

from activities.azure.clients import AzureClients
from shared.settings import Settings
from tests.identity_endpoint import Endpoint, identity_endpoint
from tests.simulator import SUBSCRIPTION, Azure, start

CLIENT = "c11e0000-0000-4000-8000-000000000001"
TOKEN = "token-of-the-managed-identity"  # noqa: S105 - opens nothing but the simulator


@pytest.fixture
async def azure() -> AsyncIterator[Azure]:
    async with start() as running:
        await running.send("PUT", f"/_world/callers/{TOKEN}", {"appid": CLIENT})
        yield running


@pytest.fixture
async def clients(azure: Azure, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AzureClients]:
    with identity_endpoint(lambda _resource: TOKEN) as endpoint:
        for name, value in endpoint.environment.items():
            monkeypatch.setenv(name, value)
        made = AzureClients(Settings(tables="memory:none", arm_endpoint=azure.url))
        ENDPOINTS.append(endpoint)
        yield made
        ENDPOINTS.pop()
        await made.close()


ENDPOINTS: list[Endpoint] = []


async def list_disks(clients: AzureClients) -> int:
    azure = await clients.of(SUBSCRIPTION)
    return len([one async for one in azure.compute.disks.list()])


async def test_calls_to_azure_carry_the_token_of_the_managed_identity(
    azure: Azure, clients: AzureClients
) -> None:
    """S95: what the identity may, the app may; asked for once, for Azure Resource Manager."""
    rights = {"subscriptions": [SUBSCRIPTION]}
    await azure.send("PUT", f"/_world/applications/{CLIENT}", rights)

    assert await list_disks(clients) == 0
    assert await list_disks(clients) == 0

    assert ENDPOINTS[-1].asked == ["https://management.azure.com"]


async def test_what_the_identity_may_not_the_app_may_not(
    azure: Azure, clients: AzureClients
) -> None:
    await azure.send("PUT", f"/_world/applications/{CLIENT}", {"subscriptions": []})

    with pytest.raises(HttpResponseError, match=f"The client '{CLIENT}'"):
        await list_disks(clients)
