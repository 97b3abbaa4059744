"""Accounts as their administrators see them: whose login speaks to Azure, and whether it works."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from azure.core.exceptions import AzureError
from pydantic import Field, SecretStr

from activities.azure.clients import AzureClients
from activities.azure.commitments import Commitment, read_commitments
from activities.azure.logins import Login
from activities.azure.probe import Verdict, try_subscription, try_tenant, verdict_of
from services.account_secrets import AccountSecrets, Held
from services.node_views import rfc3339
from services.tokens import Moment
from shared.model.fields import Guid, Part
from shared.model.ids import AccountId
from shared.model.part import parse_part
from shared.model.problems import Code, FieldError, Rejected
from store.accounts import Account, ServicePrincipal
from store.tokens import Token

SHOWN: Final = 3
"""Characters of a secret that its mask shows. Source: the published API."""
SHOWN_OF: Final = 12
"""Characters that a secret must have for its mask to show any; Entra ID makes them of 40."""
SECRET_MAX: Final = 1_000
LOST: Final = "SECRET_LOST"
Views = list[dict[str, Any]]
NO_TENANT: Final = "TENANT_CREDENTIALS_MISSING"


class TenantCredentials(Part):
    """A service principal of a tenant."""

    client_id: Guid
    client_secret: Annotated[SecretStr, Field(min_length=1, max_length=SECRET_MAX)]
    tenant_id: Guid
    expiration_date: Moment | None = None
    """When the secret lapses."""


class Credentials(TenantCredentials):
    """A service principal that may act on a subscription."""

    subscription_id: Guid


@dataclass(frozen=True)
class AccountCommands:
    """The use-cases of accounts. Who asks is an admin of the account, save for the list."""

    kept: AccountSecrets
    azure: AzureClients

    async def list(self, asker: Token, subscription_id: str | None) -> list[dict[str, Any]]:
        """Return the accounts that a token opens; of one subscription if it is given."""
        every = [one for one in await self.kept.accounts.list() if one.id in asker.roles]
        default, wanted = await self.kept.accounts.default(), (subscription_id or "").lower()
        return [
            self._view(one) | {"isDefault": one == default, "role": asker.roles[one.id].value}
            for one in every
            if wanted in ("", one.subscription_id.lower())
        ]

    async def credentials(self, account_id: AccountId) -> dict[str, Any]:
        """Return who speaks for an account, the secret masked; null: the managed identity."""
        account = await self._account(account_id)
        held = account.credential
        secret = await self.kept.secrets.get(held.secret_ref) if held else None
        return {
            "clientId": held.client_id if held else None,
            "clientSecret": mask(secret) if secret else None,
            "tenantId": held.tenant_id if held else None,
            "subscriptionId": account.subscription_id,
            "expirationDate": rfc3339(held.expires_at) if held else None,
            "isLapsed": self._is_lapsed(held),
        }

    async def set_credentials(self, account_id: AccountId, body: object) -> None:
        """Let a service principal speak for an account from now on. Raises `Rejected`.

        Each worker uses it within a minute. A repeat replaces the secret by the same one.
        """
        wanted = parse_part(Credentials, body)
        account = await self._account(account_id)
        if wanted.subscription_id.lower() != account.subscription_id.lower():
            text = "is not the account's: its nodes are in the one that it was connected to"
            raise Rejected([FieldError(Code.IMMUTABLE, text, "subscriptionId")])
        await self._keep(account, wanted, Held.SUBSCRIPTION)

    async def drop_credentials(self, account_id: AccountId) -> None:
        """Let the managed identity speak for an account again. Safe to repeat."""
        await self._account(account_id)
        await self.kept.drop(account_id, Held.SUBSCRIPTION)

    async def validate(self, account_id: AccountId, body: object | None) -> None:
        """Try credentials, or without a body those that are in force, against Azure.

        Raises `Rejected` with what Azure says of them. Keeps nothing.
        """
        account = await self._account(account_id)
        subscription_id, login = account.subscription_id, None
        if body is not None:
            wanted = parse_part(Credentials, body)
            subscription_id = wanted.subscription_id
            login = await self._candidate(account, wanted, Held.SUBSCRIPTION)
        elif account.credential is not None:
            secret = await self._secret_of(account.credential)
            login = Login(account.credential.client_id, account.credential.tenant_id, secret)
        _raise_unless_good(await try_subscription(self.azure, subscription_id, login))

    async def set_tenant_credentials(self, account_id: AccountId, body: object) -> None:
        """Keep who may read what the account's tenant has bought ahead. Raises `Rejected`."""
        wanted = parse_part(TenantCredentials, body)
        await self._keep(await self._account(account_id), wanted, Held.TENANT)

    async def validate_tenant(self, account_id: AccountId, body: object) -> None:
        """Try tenant credentials against Azure. Raises `Rejected`. Keeps nothing."""
        wanted = parse_part(TenantCredentials, body)
        login = await self._candidate(await self._account(account_id), wanted, Held.TENANT)
        _raise_unless_good(await try_tenant(self.azure, login))

    async def commitments(self, account_id: AccountId) -> Views:
        """Return what the tenant has bought ahead, as its own service principal sees it.

        Raises `Rejected` without tenant credentials, and with what Azure says of them.
        """
        held = (await self._account(account_id)).tenant_credential
        if held is None:
            text = "has no tenant credentials: set them first"
            raise Rejected([FieldError(NO_TENANT, text, "accountId")])
        login = Login(held.client_id, held.tenant_id, await self._secret_of(held))
        try:
            found = await read_commitments(self.azure, login)
        except (AzureError, ValueError) as error:
            verdict = verdict_of(error, login)
            raise Rejected([FieldError(verdict.code, verdict.message, "")]) from None
        return [_shown(one) for one in found]

    async def _account(self, account_id: AccountId) -> Account:
        account = await self.kept.accounts.get(account_id)
        if account is None:
            raise Rejected([FieldError(Code.VALUE, "is not a connected account", "accountId")])
        return account

    async def _keep(self, account: Account, wanted: TenantCredentials, which: Held) -> None:
        secret = await self._secret(account, wanted, which)
        principal = ServicePrincipal(
            client_id=wanted.client_id,
            tenant_id=wanted.tenant_id,
            secret_ref=self.kept.name_for(account.id),
            expires_at=wanted.expiration_date,
            set_at=self.kept.clock.now(),
        )
        await self.kept.keep(account.id, which, principal, secret)

    async def _candidate(self, account: Account, wanted: TenantCredentials, which: Held) -> Login:
        secret = await self._secret(account, wanted, which)
        return Login(wanted.client_id, wanted.tenant_id, secret)

    async def _secret(self, account: Account, wanted: TenantCredentials, which: Held) -> SecretStr:
        """Return the secret that is meant: who sends the mask back means the one that is kept."""
        held = which.of(account)
        if held is not None and wanted.client_id.lower() == held.client_id.lower():
            kept = await self.kept.secrets.get(held.secret_ref)
            if kept is not None and wanted.client_secret.get_secret_value() == mask(kept):
                return kept
        return wanted.client_secret

    async def _secret_of(self, held: ServicePrincipal) -> SecretStr:
        secret = await self.kept.secrets.get(held.secret_ref)
        if secret is None:
            text = "is not in the secret store any more; set the credentials anew"
            raise Rejected([FieldError(LOST, text, "clientSecret")])
        return secret

    def _is_lapsed(self, held: ServicePrincipal | None) -> bool:
        now: datetime = self.kept.clock.now()
        return held is not None and held.is_lapsed(now)

    def _view(self, account: Account) -> dict[str, Any]:
        held = account.credential
        return {
            "accountId": account.id,
            "id": account.id,
            "name": account.name,
            "organizationId": None,
            "cloudProvider": "AZURE",
            "providerExternalId": account.subscription_id,
            "createdAt": rfc3339(account.created_at),
            "login": "servicePrincipal" if held else "managedIdentity",
            "loginExpiresAt": rfc3339(held.expires_at) if held else None,
            "isLoginLapsed": self._is_lapsed(held),
        }


def _shown(one: Commitment) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "id": one.id,
        "name": one.name,
        "vmSize": one.vm_size or None,
        "region": one.region or None,
        "quantity": one.quantity,
        "perHour": one.per_hour,
        "currency": one.currency or None,
        "usedPercent": one.used_percent,
        "expiresAt": one.expires_at or None,
    }


def mask(secret: SecretStr) -> str:
    """Return a secret as answers show it: `abc****`."""
    value = secret.get_secret_value()
    return f"{value[:SHOWN] if len(value) >= SHOWN_OF else ''}****"


def _raise_unless_good(verdict: Verdict) -> None:
    if not verdict.is_good:
        raise Rejected([FieldError(verdict.code, verdict.message, verdict.field)])
