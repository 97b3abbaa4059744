"""Who speaks to a subscription: the managed identity, or an account's service principal."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Self

from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import ClientAuthenticationError
from pydantic import SecretStr

from shared.clock import Clock
from shared.model.ids import AccountId
from store.accounts import Account, Accounts, ServicePrincipal
from store.secrets import SecretStore

LOOK_S: Final = 60.0
"""Seconds for which what was read of an account is believed: a new secret is used by every worker
within a minute, at one small read a minute."""
WARN_BEFORE: Final = timedelta(days=30)
WARN_EACH: Final = timedelta(days=1)
REFUSED: Final = {
    "AADSTS7000222": "clientSecret",  # the secret has expired
    "AADSTS7000215": "clientSecret",  # not a secret of this application
    "AADSTS700016": "clientId",  # no such application in the tenant
    "AADSTS7000112": "clientId",  # the application is disabled
    "AADSTS90002": "tenantId",  # no such tenant
    "AADSTS900023": "tenantId",  # neither a tenant's id nor a domain
}
"""Sign-in errors that no repeat mends, and the field that each is about. Source: Entra docs,
identity-platform/reference-error-codes."""
UNAUTHORIZED: Final = 401
READS: Final = 2

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Login:
    """A service principal and its secret."""

    client_id: str
    tenant_id: str
    secret: SecretStr
    name: str = ""
    """Tells one secret from another, and shows nothing of it."""
    account_id: str = ""
    expires_at: datetime | None = None


@dataclass
class AccountLogins:
    """Finds the login of an account, or of a subscription's first account."""

    accounts: Accounts
    secrets: SecretStore
    clock: Clock
    _seen: dict[tuple[str, str], tuple[datetime, Login | None]] = field(default_factory=dict)
    _warned: dict[str, datetime] = field(default_factory=dict)

    async def of(self, subscription_id: str, account_id: str = "") -> Login | None:
        """Return who speaks; None: the managed identity. Raises StoreError."""
        key, now = (subscription_id, account_id), self.clock.now()
        seen = self._seen.get(key)
        if seen is not None and (now - seen[0]).total_seconds() < LOOK_S:
            return seen[1]
        login = await self._find(subscription_id, account_id)
        self._seen[key] = now, login
        if login is not None:
            self._warn(login, now)
        return login

    async def read(self, account_id: AccountId, held: ServicePrincipal) -> Login | None:
        """Return a principal with its secret; None if the secret store has none of that name."""
        secret = await self.secrets.get(held.secret_ref)
        if secret is None:
            return None
        return Login(
            held.client_id, held.tenant_id, secret, held.secret_ref, account_id, held.expires_at
        )

    async def _find(self, subscription_id: str, account_id: str) -> Login | None:
        """Return who speaks as of now.

        Raises ClientAuthenticationError if the secret is lost: no repeat mends that.
        """
        for _ in range(READS):  # a secret may be replaced between the reads of its name and of it
            account = await self._account(subscription_id, account_id)
            if account is None or account.credential is None:
                return None
            login = await self.read(account.id, account.credential)
            if login is not None:
                return login
        text = f"the client secret of account {account_id} is not in the secret store any more"
        raise refusal(f"{text}; set the account's credentials anew")

    async def _account(self, subscription_id: str, account_id: str) -> Account | None:
        if account_id:
            return await self.accounts.get(account_id)
        wanted = subscription_id.lower()
        every = await self.accounts.list()
        return next((one for one in every if one.subscription_id.lower() == wanted), None)

    def _warn(self, login: Login, now: datetime) -> None:
        """Say once a day that a secret is about to lapse, or has."""
        ends, warned = login.expires_at, self._warned.get(login.account_id)
        if ends is None or ends - now > WARN_BEFORE or (warned and now - warned < WARN_EACH):
            return
        self._warned[login.account_id] = now
        more = {"account": login.account_id, "client_id": login.client_id, "ends": ends.isoformat()}
        _log.warning("account.secret_lapses", extra=more)


class Principal:
    """An async credential that says in plain words why it cannot sign in."""

    def __init__(self, login: Login, inner: AsyncTokenCredential) -> None:
        self._login = login
        self._inner = inner

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """Return a token. Raises ClientAuthenticationError, 401 if no repeat can help."""
        try:
            return await self._inner.get_token(*scopes, **options)
        except ClientAuthenticationError as error:
            raise self._told(error) from error

    async def close(self) -> None:
        """Close the connections."""
        await self._inner.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_raised: object) -> None:
        await self.close()

    def _told(self, error: ClientAuthenticationError) -> ClientAuthenticationError:
        told = error.message.replace(self._login.secret.get_secret_value(), "***")
        if blamed(told) is None:
            return error
        login = self._login
        ends = f" (it was to end on {login.expires_at:%Y-%m-%d})" if login.expires_at else ""
        of = f" of account {login.account_id}" if login.account_id else ""
        return refusal(
            f"Microsoft Entra ID refuses the client secret of application {login.client_id}{of}"
            f"{ends}; set the account's credentials anew. It said: {told}"
        )


def blamed(message: str) -> str | None:
    """Return the field that a sign-in error is about; None if a repeat may help."""
    return next((name for code, name in REFUSED.items() if code in message), None)


def refusal(message: str) -> ClientAuthenticationError:
    """Return an error of signing in that no repeat mends."""
    error = ClientAuthenticationError(message=message)
    error.status_code = UNAUTHORIZED
    return error
