"""Secrets in an Azure Key Vault, for deployments.

A vault keeps what is deleted for a time (soft delete) and holds its name until then. Names here
are made for one secret and are not given again, so a delete is not waited for; where a name comes
back all the same, the secret is recovered and gets its new value.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError, HttpResponseError
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest import HttpRequest
from azure.keyvault.secrets.aio import SecretClient
from pydantic import SecretStr

from shared.clock import Clock
from store.errors import Conflict, StoreError, TooLarge, Unavailable
from store.rows import RETRIES

VALUE_BYTES: Final = 25_000
"""Largest secret. Source: Azure docs, key-vault/secrets/about-secrets (25k bytes)."""
BACKOFF_S: Final = 0.2
RECOVERY_PAUSES_S: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""A recovery takes some seconds. Source: Azure docs, key-vault/general/key-vault-recovery."""
_PLAIN: Final = re.compile(r"(?!x-)[0-9a-z-]{1,127}")
"""Names that a vault takes as they are: it knows no others and does not tell A from a."""


def vault_at(
    url: str,
    credential: AsyncTokenCredential,
    clock: Clock,
    transport: AsyncHttpTransport[Any, Any] | None = None,
) -> "KeyVaultSecrets":
    """Return the secret store of a vault, `https://NAME.vault.azure.net`."""
    options: dict[str, Any] = {"retry_total": RETRIES, "retry_backoff_factor": BACKOFF_S}
    if transport is not None:
        options["transport"] = transport
    return KeyVaultSecrets(SecretClient(url, credential, **options), clock)


class KeyVaultSecrets:
    """Secrets of a vault. Needs the rights to get, set, delete and recover them.

    All errors are `store.errors`; none of them holds a value.
    """

    def __init__(self, client: SecretClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    def __repr__(self) -> str:
        return f"KeyVaultSecrets({self._client.vault_url!r})"

    async def put(self, name: str, value: SecretStr) -> None:
        """Keep a secret, replacing one of that name, deleted ones too."""
        if len(value.get_secret_value().encode()) > VALUE_BYTES:
            raise TooLarge(f"secret {name} has more than {VALUE_BYTES} bytes")
        try:
            await self._set(name, value)
        except Conflict:
            await self._recover(name, value)

    async def get(self, name: str) -> SecretStr | None:
        """Return a secret."""
        try:
            with _translated(name):
                found = await self._client.get_secret(_name(name))
        except _Missing:
            return None
        return SecretStr(found.value or "")

    async def delete(self, name: str) -> None:
        """Forget a secret; an absent one, and one that is being deleted, are forgotten already.

        The client's own call waits, without an end, until the vault shows it among the deleted:
        a request would wait with it, and nothing here depends on that.
        """
        try:
            with _translated(name):
                request = HttpRequest("DELETE", f"/secrets/{_name(name)}")
                answer = await self._client.send_request(request)
                answer.raise_for_status()
        except (_Missing, Conflict):
            return

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _set(self, name: str, value: SecretStr) -> None:
        with _translated(name):
            await self._client.set_secret(_name(name), value.get_secret_value())

    async def _recover(self, name: str, value: SecretStr) -> None:
        """Bring a deleted secret back, then give it its value."""
        for pause_s in RECOVERY_PAUSES_S:
            try:
                with _translated(name):
                    request = HttpRequest("POST", f"/deletedsecrets/{_name(name)}/recover")
                    answer = await self._client.send_request(request)
                    answer.raise_for_status()
            except (_Missing, Conflict):  # still being deleted, or already on its way back
                pass
            await self._clock.sleep(pause_s)
            try:
                return await self._set(name, value)
            except Conflict:
                continue
        raise Unavailable(f"the vault does not give the name {name} back")


class _Missing(StoreError):  # noqa: N818 - the fact itself
    """There is no such secret."""


_KINDS: Final[dict[int, type[StoreError]]] = {
    404: _Missing,
    409: Conflict,
    413: TooLarge,
    429: Unavailable,
}


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """Turn the client's exceptions into the store's; never with what a request held."""
    try:
        yield
    except HttpResponseError as error:
        raise _kind(error.status_code or 0)(_told(name, error)) from error
    except AzureError as error:
        raise Unavailable(f"the vault did not answer for {name}") from error


def _kind(status: int) -> type[StoreError]:
    return _KINDS.get(status, Unavailable if status >= 500 or not status else StoreError)  # noqa: PLR2004


def _told(name: str, error: HttpResponseError) -> str:
    if error.status_code is None:  # nothing was asked of the vault: nobody could sign in
        return f"nobody could sign in to the vault for {name}: {error.message}"
    said = getattr(error.error, "code", None) or error.reason or ""
    if error.status_code == 403:  # noqa: PLR2004 - HTTP
        said = f"{said}: the app's identity needs the role Key Vault Secrets Officer there"
    return f"the vault refuses secret {name} with {error.status_code} {said}"


def _name(name: str) -> str:
    """Return a name that a vault takes: as it is, or as a digest."""
    if _PLAIN.fullmatch(name):
        return name
    return f"x-{hashlib.sha256(name.encode()).hexdigest()}"
