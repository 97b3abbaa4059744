"""The API for an admin, and an Azure with one application that may sign in."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from activities.azure.clients import AzureClients
from activities.azure.logins import AccountLogins
from shared.model.ids import AccountId
from shared.settings import Settings
from store.accounts import Account
from store.memory import Database
from store.stores import Stores
from store.tokens import Role
from tests.api.harness import ACCOUNT, Api, open_api
from tests.simulator import SUBSCRIPTION, Azure, start
from tests.store.worlds import NOON, HandClock

CREDENTIALS = "/azure/setup/credentials"
VALIDATION = f"{CREDENTIALS}/validation"
TENANT = "/azure/setup/tenant/credentials"
CLIENT = "c11e0000-0000-4000-8000-000000000001"
DIRECTORY = "7e4a4000-0000-4000-8000-000000000000"
SECRET = "abc-first-secret-of-forty-characters-0001"  # noqa: S105 - opens the simulator alone
SECOND = "abd-second-secret-of-forty-characters-002"
ENDS = "2027-06-30T00:00:00.000Z"
GOOD = {
    "clientId": CLIENT,
    "clientSecret": SECRET,
    "tenantId": DIRECTORY,
    "subscriptionId": SUBSCRIPTION,
    "expirationDate": ENDS,
}


@dataclass
class Office:
    """The API for an admin, an Azure with one application, and the clients over both."""

    api: Api
    azure: Azure
    clients: AzureClients
    kept: Database
    clock: HandClock

    async def application(self, **changes: Any) -> None:
        known = {"tenant": DIRECTORY, "secrets": {SECRET: None}, "subscriptions": [SUBSCRIPTION]}
        path = f"/_world/applications/{CLIENT}"
        status, told, _ = await self.azure.send("PUT", path, known | changes)
        assert status == 200, told

    async def account(self) -> Account:
        account = await self.api.stores.accounts.get(ACCOUNT)
        assert account is not None
        return account

    async def caller_seen(self) -> str:
        """Return the application id by which Azure knows whoever our clients speak as."""
        clients = await self.clients.of(SUBSCRIPTION, ACCOUNT)
        [one async for one in clients.compute.disks.list()]
        return self.speaker or "managed identity"

    @property
    def speaker(self) -> str:
        made = self.clients._made.get((SUBSCRIPTION, ACCOUNT))
        return made.speaker if made else ""


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    kept, clock = Database(), HandClock(NOON)
    async with start() as azure:
        settings = Settings(
            tables="memory:none",
            arm_endpoint=azure.url,
            authority=azure.url,
            credential="local.credential:factory",
        )
        clients = AzureClients(settings)
        stores = Stores(kept.table, clock, kept.secrets)
        clients.sign_in_by(AccountLogins(stores.accounts, stores.secrets, clock))
        api = await open_api(stores, clock, Role.ADMIN, clients)
        account = Account(
            id=AccountId(ACCOUNT), name="first", subscription_id=SUBSCRIPTION, is_default=True
        )
        await stores.accounts.put(account)
        made = Office(api, azure, clients, kept, clock)
        await made.application()
        yield made
        await clients.close()
