"""Accounts: connected Azure subscriptions."""

from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict

from shared.clock import Clock
from shared.model.ids import AccountId
from store.codec import model_of, model_values
from store.keys import encode
from store.rows import TRANSACTION_MAX, Mode, Table, Write, in_partition

_PARTITION: Final = "account"


class Account(BaseModel):
    """One connected subscription."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: AccountId
    name: str
    subscription_id: str
    is_default: bool = False
    created_at: datetime | None = None
    """Set by the store when the account is first put."""


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
