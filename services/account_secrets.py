"""The client secrets of accounts: kept under names of their own, and none left behind.

A secret's name is noted in the account's row before the secret is put, and stays noted after the
secret was replaced until it is deleted: a crash in between leaves a note, not a secret that nobody
knows of.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Final

from pydantic import SecretStr

from shared.clock import Clock
from shared.model.ids import AccountId
from store.accounts import Account, Accounts, ServicePrincipal
from store.secrets import SecretStore

FORGET_AFTER: Final = timedelta(hours=1)
"""Age at which a secret that nothing names was left behind by a crash, not by a call that runs."""


class Held(StrEnum):
    """Which of an account's two logins; the name of its field."""

    SUBSCRIPTION = "credential"
    TENANT = "tenant_credential"

    def of(self, account: Account) -> ServicePrincipal | None:
        """Return that login of an account."""
        held: ServicePrincipal | None = getattr(account, self.value)
        return held


@dataclass(frozen=True)
class AccountSecrets:
    """Keeps an account's logins. Each call may be repeated."""

    accounts: Accounts
    secrets: SecretStore
    clock: Clock
    new_id: Callable[[], str]

    async def keep(
        self, account_id: AccountId, which: Held, principal: ServicePrincipal, secret: SecretStr
    ) -> None:
        """Put a secret, let the account name it, delete the one it named before."""
        now = self.clock.now()
        await self.accounts.change(account_id, partial(_noted, name=principal.secret_ref, now=now))
        await self.secrets.put(principal.secret_ref, secret)
        await self._name(account_id, which, principal)

    async def drop(self, account_id: AccountId, which: Held) -> None:
        """Let the account have no such login, and delete its secret."""
        await self._name(account_id, which, None)

    def name_for(self, account_id: AccountId) -> str:
        """Return a name that no secret has had."""
        return f"{account_id}-client-{self.new_id()}"

    async def _name(
        self, account_id: AccountId, which: Held, principal: ServicePrincipal | None
    ) -> None:
        now = self.clock.now()
        change = partial(_named, which=which, principal=principal, now=now)
        account = await self.accounts.change(account_id, change)
        over = [name for name, since in account.unnamed.items() if _is_over(since, now)]
        for name in over:
            await self.secrets.delete(name)
        if over:
            await self.accounts.change(account_id, partial(_forgotten, names=over))


def _noted(account: Account, *, name: str, now: datetime) -> Account:
    return account.model_copy(update={"unnamed": {**account.unnamed, name: now}})


def _named(
    account: Account, *, which: Held, principal: ServicePrincipal | None, now: datetime
) -> Account:
    unnamed = dict(account.unnamed)
    before = which.of(account)
    if before is not None:
        unnamed[before.secret_ref] = now - FORGET_AFTER  # to be deleted now, not in an hour
    if principal is not None:
        unnamed.pop(principal.secret_ref, None)
    return account.model_copy(update={which.value: principal, "unnamed": unnamed})


def _forgotten(account: Account, *, names: list[str]) -> Account:
    left = {name: since for name, since in account.unnamed.items() if name not in names}
    return account.model_copy(update={"unnamed": left})


def _is_over(since: datetime, now: datetime) -> bool:
    return now - since >= FORGET_AFTER
