"""Accounts: connected Azure subscriptions, and who speaks to them for us."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from shared.clock import Clock
from shared.model.ids import AccountId
from store.codec import model_of, model_values
from store.errors import Conflict, Gone
from store.keys import encode
from store.rows import RACES_MAX, TRANSACTION_MAX, Mode, Table, Write, in_partition

_PARTITION: Final = "account"


class ServicePrincipal(BaseModel):
    """An application of Microsoft Entra ID that signs in with a secret."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    client_id: str
    tenant_id: str
    secret_ref: str
    """Name of the client secret in the secret store; new with each secret."""
    expires_at: datetime | None = None
    """When the secret lapses, as we were told; Entra ID alone knows."""
    set_at: datetime

    def is_lapsed(self, now: datetime) -> bool:
        """Tell whether the secret is beyond the end that we were told of."""
        return self.expires_at is not None and self.expires_at <= now


class Account(BaseModel):
    """One connected subscription."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: AccountId
    name: str
    subscription_id: str
    is_default: bool = False
    created_at: datetime | None = None
    """Set by the store when the account is first put."""
    credential: ServicePrincipal | None = None
    """Who speaks to the subscription; None: the managed identity that we run as."""
    tenant_credential: ServicePrincipal | None = None
    """Who may read what the tenant has bought ahead: reservations, savings plans."""
    unnamed: Mapping[str, datetime] = Field(default_factory=dict)
    """Secrets that are in the secret store, or may be, and that no credential names: since when."""


AccountList = list[Account]


class Accounts:
    """All accounts: a handful."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    async def put(self, account: Account) -> Account:
        """Write an account, keeping its first `created_at`; a new default replaces the old."""
        others = {other.id: other for other in await self.list() if other.id != account.id}
        earlier = await self.get(account.id)
        created_at = earlier.created_at if earlier else self._clock.now()
        written = account.model_copy(update={"created_at": created_at})
        demoted = [
            other.model_copy(update={"is_default": False})
            for other in others.values()
            if other.is_default and account.is_default
        ]
        changed = [written, *demoted[: TRANSACTION_MAX - 1]]
        await self._table.write(*(_write(one) for one in changed))
        return written

    async def change(self, account_id: str, change: Callable[[Account], Account]) -> Account:
        """Change an account as it is now, whoever else changes it; return what is written.

        `change` may be called again. Raises Gone if there is no such account.
        """
        for _ in range(RACES_MAX):
            stored = await self._table.get(_PARTITION, encode(account_id))
            if stored is None:
                raise Gone(account_id)
            changed = change(model_of(stored.values, "account", Account))
            values = model_values("account", changed)
            try:
                await self._table.write(
                    Write(Mode.REPLACE, _PARTITION, stored.row, values, stored.etag)
                )
            except Conflict:
                continue
            return changed
        raise Conflict(f"{account_id} changes all the time")

    async def get(self, account_id: str) -> Account | None:
        """Read one account."""
        stored = await self._table.get(_PARTITION, encode(account_id))
        return model_of(stored.values, "account", Account) if stored else None

    async def default(self) -> Account | None:
        """Return the account that requests without one mean: the marked one, else the oldest."""
        accounts = await self.list()
        return next((account for account in accounts if account.is_default), None) or next(
            iter(accounts), None
        )

    async def list(self) -> AccountList:
        """Return all accounts, oldest first."""
        rows = self._table.query(in_partition(_PARTITION))
        accounts = [model_of(row.values, "account", Account) async for row in rows]
        return sorted(accounts, key=lambda one: (str(one.created_at), one.id))


def _write(account: Account) -> Write:
    return Write(Mode.UPSERT, _PARTITION, encode(account.id), model_values("account", account))
