"""Build the SDK clients: one set for each subscription and who speaks to it, kept in the process.

When an account's secret changes, its clients are made anew; the old ones are closed when nothing
that began with them can still run.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import AsyncHTTPPolicy
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.mgmt.compute.aio import ComputeManagementClient
from azure.mgmt.network.aio import NetworkManagementClient

from activities.azure.identity import Identity
from activities.azure.logins import AccountLogins, Login, Principal
from shared.settings import Settings

SCOPE: Final = "https://management.azure.com/.default"
RETIRED_FOR: Final = timedelta(minutes=15)
"""How long clients outlive their secret: an activity follows Azure for a few minutes at most."""


class PlainBearer(AsyncHTTPPolicy[Any, Any]):
    """Sends a bearer token over http: the SDK's own policy refuses to, rightly, off loopback."""

    def __init__(self, credential: AsyncTokenCredential) -> None:
        super().__init__()
        self._credential = credential

    async def send(self, request: PipelineRequest[Any]) -> Any:
        """Add the header; the credential keeps its token as long as it is good."""
        token = await self._credential.get_token(SCOPE)
        request.http_request.headers["Authorization"] = f"Bearer {token.token}"
        return await self.next.send(request)


@dataclass(frozen=True)
class Azure:
    """The clients of one subscription."""

    compute: ComputeManagementClient
    network: NetworkManagementClient


@dataclass(frozen=True)
class _Made:
    """Clients, who they speak for, and what ends with them."""

    azure: Azure
    speaker: str
    credential: AsyncTokenCredential | None
    """Of these clients alone; None: the one that all share."""
    is_shared: bool
    """The connections are others' as well: a transport that settings name."""

    async def close(self) -> None:
        if self.is_shared:
            return
        await self.azure.compute.close()
        await self.azure.network.close()
        if self.credential is not None:
            await self.credential.close()


_SHARED: Final = "*"
"""In place of an account: no account has this id."""


class AzureClients:
    """Hands out `Azure` by subscription and account."""

    def __init__(
        self,
        settings: Settings,
        transport: AsyncHttpTransport[Any, Any] | None = None,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._logins: AccountLogins | None = None
        self._identity = Identity(settings)
        self._made: dict[tuple[str, str], _Made] = {}
        self._retired: list[tuple[datetime, _Made]] = []

    def sign_in_by(self, logins: AccountLogins) -> None:
        """Let accounts speak by their own logins from now on; without, the identity speaks."""
        self._logins = logins

    async def of(self, subscription_id: str, account_id: str = "") -> Azure:
        """Return the clients of a subscription, made on first use.

        `account_id` tells whose login speaks; empty: the subscription's first account's.
        """
        login = await self._logins.of(subscription_id, account_id) if self._logins else None
        if login is None:  # all accounts of a subscription share the managed identity's clients
            await self._retire(self._made.pop((subscription_id, account_id), None))
        key = subscription_id, account_id if login else _SHARED
        made = self._made.get(key)
        if made is None or made.speaker != _name(login):
            await self._retire(made)
            made = self._made[key] = self._make(subscription_id, login)
        return made.azure

    @asynccontextmanager
    async def trying(self, subscription_id: str, login: Login | None) -> AsyncIterator[Azure]:
        """Lend clients for a login that is being tried, and keep nothing of it."""
        made = self._make(subscription_id, login)
        try:
            yield made.azure
        finally:
            await made.close()

    async def close(self) -> None:
        """Close the connections of all clients; what is asked for later is made anew."""
        made = [*self._made.values(), *(one for _, one in self._retired)]
        self._made, self._retired = {}, []
        for one in made:
            await one.close()
        if self._transport is not None:
            await self._transport.close()
        await self._identity.close()

    def credential(self) -> AsyncTokenCredential:
        """Return the credential that settings name, made on first use."""
        return self._identity.credential()

    def _make(self, subscription_id: str, login: Login | None) -> _Made:
        own = self._principal(login) if login else None
        credential = own or self.credential()
        options = self._options(credential)
        azure = Azure(
            ComputeManagementClient(credential, subscription_id, **options),
            NetworkManagementClient(credential, subscription_id, **options),
        )
        is_shared = self._transport is not None
        return _Made(azure, _name(login), own, is_shared)

    async def _retire(self, made: _Made | None) -> None:
        """Put clients of an old secret aside, and close those that are idle for long."""
        if self._logins is None or made is None:
            return
        now = self._logins.clock.now()
        over = [one for since, one in self._retired if now - since >= RETIRED_FOR]
        self._retired = [pair for pair in self._retired if now - pair[0] < RETIRED_FOR]
        self._retired.append((now, made))
        for one in over:
            await one.close()

    def _principal(self, login: Login) -> AsyncTokenCredential:
        from azure.identity.aio import ClientSecretCredential  # noqa: PLC0415 - slow import

        options: dict[str, Any] = {"retry_total": 0} | self._carried()
        authority = self._settings.authority
        if urlsplit(authority).scheme == "http":  # the SDK takes https alone, rightly, off loopback
            options["raw_request_hook"] = _without_tls
            authority = authority.replace("http://", "https://", 1)
        secret = login.secret.get_secret_value()
        inner = ClientSecretCredential(
            login.tenant_id, login.client_id, secret, authority=authority, **options
        )
        return Principal(login, inner)

    def _options(self, credential: AsyncTokenCredential) -> dict[str, Any]:
        # No retries inside the SDK: they hide throttling and repeat writes unseen. The seam waits,
        # the durable policy repeats.
        options: dict[str, Any] = {"base_url": self._settings.arm_endpoint, "retry_total": 0}
        if urlsplit(self._settings.arm_endpoint).scheme == "http":
            options["authentication_policy"] = PlainBearer(credential)
        return options | self._carried()

    def _carried(self) -> dict[str, Any]:
        return {"transport": self._transport} if self._transport is not None else {}


def _name(login: Login | None) -> str:
    return login.name if login else ""


def _without_tls(request: PipelineRequest[Any]) -> None:
    """Send a request for a token in the clear."""
    request.http_request.url = request.http_request.url.replace("https://", "http://", 1)
