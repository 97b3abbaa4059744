"""Who calls, and what they may: Bearer tokens, roles, accounts. Denied unless allowed."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol

import azure.functions as func

from shared.model.ids import AccountId
from store.accounts import Account
from store.tokens import Role, Token
from triggers.envelope import ApiFailure, failure

TOKEN_CHARACTERS: Final = 4_096
"""No token of ours is near this; more is not worth hashing."""


class TokenBook(Protocol):
    """Finds tokens by their secret."""

    async def find(self, secret: str) -> Token | None:
        """Return the token; None if there is none, or it has expired."""
        ...


class AccountBook(Protocol):
    """Knows the accounts."""

    async def get(self, account_id: str) -> Account | None:
        """Return an account, or None."""
        ...

    async def default(self) -> Account | None:
        """Return the organisation's default account."""
        ...


@dataclass(frozen=True)
class Caller:
    """Whoever calls, and for which account."""

    token: Token
    account_id: AccountId


async def identify(request: func.HttpRequest, tokens: TokenBook) -> Token:
    """Return the token that a request carries. Raises `ApiFailure` 401 without a valid one."""
    scheme, _, secret = request.headers.get("Authorization", "").strip().partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret or len(secret) > TOKEN_CHARACTERS:
        raise _unauthorized("a Bearer token is required in the Authorization header")
    token = await tokens.find(secret)
    if token is None:
        raise _unauthorized("the token is unknown, was revoked or has expired")
    return token


async def admit(
    request: func.HttpRequest, token: Token, role: Role, accounts: AccountBook
) -> Caller:
    """Return the caller and the account meant. Raises `ApiFailure` 403 beyond the token's rights.

    The account is the one asked for; without one the token's default.
    """
    account_id = await _account_id(request, token, accounts)
    has = token.roles[account_id]
    if not has.allows(role):
        text = f"this needs role {role} in {account_id}; the token has {has} there"
        raise failure(HTTPStatus.FORBIDDEN, "FORBIDDEN", text)
    return Caller(token, account_id)


async def _account_id(request: func.HttpRequest, token: Token, accounts: AccountBook) -> AccountId:
    asked = AccountId(request.params.get("accountId", ""))
    if not asked:
        return await _default_account_id(token, accounts)
    if asked not in token.roles or await accounts.get(asked) is None:
        raise failure(
            HTTPStatus.FORBIDDEN, "FORBIDDEN", "the token does not reach this account", "accountId"
        )
    return asked


async def _default_account_id(token: Token, accounts: AccountBook) -> AccountId:
    default = await accounts.default()
    if default is not None and default.id in token.roles:
        return default.id
    for account_id in token.roles:
        if await accounts.get(account_id) is not None:
            return account_id
    raise failure(HTTPStatus.FORBIDDEN, "FORBIDDEN", "the token reaches no account", "accountId")


def _unauthorized(message: str) -> ApiFailure:
    failed = failure(HTTPStatus.UNAUTHORIZED, "UNAUTHORIZED", message)
    failed.headers["WWW-Authenticate"] = "Bearer"
    return failed
