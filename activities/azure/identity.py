"""Who we run as, and the way to Azure that the settings name: without any of Azure's clients."""

import importlib
from collections.abc import Callable
from typing import Any

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.pipeline.transport import AsyncHttpTransport

from shared.settings import Settings


def load(name: str) -> Any:
    """Call `module:factory` and return what it makes."""
    module, _, factory = name.partition(":")
    maker: Callable[[], Any] = getattr(importlib.import_module(module), factory)
    return maker()


def transport_of(settings: Settings) -> AsyncHttpTransport[Any, Any] | None:
    """Return the transport that settings name; None: each client makes the SDK's own."""
    return load(settings.transport) if settings.transport else None


class Identity:
    """The credential that settings name: the managed identity of a deployment."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._credential: AsyncTokenCredential | None = None

    def credential(self) -> AsyncTokenCredential:
        """Return it, made on first use."""
        if self._credential is None:
            if self._settings.credential == "default":
                from azure.identity.aio import DefaultAzureCredential  # noqa: PLC0415 - slow import

                self._credential = DefaultAzureCredential()
            else:
                self._credential = load(self._settings.credential)
        return self._credential

    async def close(self) -> None:
        """Close its connections; asked for later, it is made anew."""
        held, self._credential = self._credential, None
        if held is not None:
            await held.close()
