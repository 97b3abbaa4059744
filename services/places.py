"""Where rows and secrets are kept: what the settings name, opened alike by app and shell."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from azure.core.credentials_async import AsyncTokenCredential

from activities.azure.identity import transport_of
from shared.clock import Clock
from shared.settings import Settings
from store.key_vault import KeyVaultSecrets, vault_at
from store.secrets import SecretStore, secrets_at
from store.stores import Stores
from store.tables import Endpoint

ENDPOINT: Final = ("https://", "http://")
"""How an address begins; a connection string does not."""


@dataclass(frozen=True)
class Places:
    """Opens what the settings name. `credential` lends the identity that we run as."""

    settings: Settings
    credential: Callable[[], AsyncTokenCredential]
    clock: Clock

    @asynccontextmanager
    async def stores(self, secrets: SecretStore | None = None) -> AsyncIterator[Stores]:
        """Open the tables. Raises BadConnection and what else `Stores.open` does."""
        async with Stores.open(self._tables(), self.clock, secrets) as stores:
            yield stores

    @asynccontextmanager
    async def secrets(self) -> AsyncIterator[SecretStore]:
        """Open where secrets go: the Key Vault, if the deployment has one, else the folder."""
        if not self.settings.key_vault:
            yield self.folder()
            return
        async with self.vault() as vault:
            yield vault

    def folder(self) -> SecretStore:
        """Return the secret store of one machine."""
        return secrets_at(self.settings.secrets_dir)

    @asynccontextmanager
    async def vault(self) -> AsyncIterator[KeyVaultSecrets]:
        """Open the Key Vault that the settings name."""
        settings = self.settings
        transport = transport_of(settings)
        vault = vault_at(settings.key_vault, self.credential(), self.clock, transport)
        try:
            yield vault
        finally:
            await vault.close()

    def _tables(self) -> str | Endpoint:
        """Return the connection string, or the endpoint and who signs in there."""
        named = self.settings.tables.strip()
        if not named.lower().startswith(ENDPOINT):
            return named
        return Endpoint(named, self.credential(), transport_of(self.settings))
