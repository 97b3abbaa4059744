"""Build the SDK clients: one set a subscription, kept for the life of the process."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.mgmt.compute.aio import ComputeManagementClient
from azure.mgmt.network.aio import NetworkManagementClient

from shared.settings import Settings


class PlainBearer(SansIOHTTPPolicy[Any, Any]):
    """Sends a bearer token over http: the SDK's own policy refuses to, rightly, off loopback."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token

    def on_request(self, request: PipelineRequest[Any]) -> None:
        """Add the header."""
        request.http_request.headers["Authorization"] = f"Bearer {self._token}"


@dataclass(frozen=True)
class Azure:
    """The clients of one subscription."""

    compute: ComputeManagementClient
    network: NetworkManagementClient


def load(name: str) -> Any:
    """Call `module:factory` and return what it makes."""
    module, _, factory = name.partition(":")
    maker: Callable[[], Any] = getattr(importlib.import_module(module), factory)
    return maker()


def transport_of(settings: Settings) -> AsyncHttpTransport[Any, Any] | None:
    """Return the transport that settings name; None: each client makes the SDK's own."""
    return load(settings.transport) if settings.transport else None


class AzureClients:
    """Hands out `Azure` by subscription id."""

    def __init__(
        self, settings: Settings, transport: AsyncHttpTransport[Any, Any] | None = None
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._credential: AsyncTokenCredential | None = None
        self._made: dict[str, Azure] = {}

    async def of(self, subscription_id: str) -> Azure:
        """Return the clients of a subscription, made on first use."""
        if subscription_id not in self._made:
            options = await self._options()
            credential = self.credential()
            self._made[subscription_id] = Azure(
                ComputeManagementClient(credential, subscription_id, **options),
                NetworkManagementClient(credential, subscription_id, **options),
            )
        return self._made[subscription_id]

    async def close(self) -> None:
        """Close the connections of all clients; what is asked for later is made anew."""
        made, self._made = [*self._made.values()], {}
        for azure in made:
            await azure.compute.close()
            await azure.network.close()
        if self._credential is not None:
            await self._credential.close()
            self._credential = None

    def credential(self) -> AsyncTokenCredential:
        """Return the credential that settings name, made on first use."""
        if self._credential is None:
            if self._settings.credential == "default":
                from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415 - slow import

                self._credential = DefaultAzureCredential()
            else:
                self._credential = load(self._settings.credential)
        return self._credential

    async def _options(self) -> dict[str, Any]:
        # No retries inside the SDK: they hide throttling and repeat writes unseen. The seam waits,
        # the durable policy repeats.
        options: dict[str, Any] = {"base_url": self._settings.arm_endpoint, "retry_total": 0}
        if urlsplit(self._settings.arm_endpoint).scheme == "http":
            token = await self.credential().get_token("https://management.azure.com/.default")
            options["authentication_policy"] = PlainBearer(token.token)
        if self._transport is not None:
            options["transport"] = self._transport
        return options
