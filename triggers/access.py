"""Who calls, and what they may: Bearer tokens, roles, accounts. Denied unless allowed."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol

import azure.functions as func

from store.accounts import Account
from store.tokens import Role, Token
from triggers.envelope import ApiFailure, failure

RANK: Final = {Role.VIEWER: 0, Role.OPERATOR: 1, Role.ADMIN: 2}
TOKEN_CHARACTERS: Final = 4_096
"""No token of ours is near this; more is not worth hashing."""


class TokenBook(Protocol):
    """Finds tokens by their secret."""

    async def find(self, secret: str) -> Token | None:
        """Return the token, or None."""
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
    account_id: str


async def admit(
    request: func.HttpRequest, role: Role, tokens: TokenBook, accounts: AccountBook
) -> Caller:
    """Return the caller. Raises `ApiFailure` 401 without a valid token, 403 beyond its rights."""
    token = await _token(request, tokens)
    if RANK[token.role] < RANK[role]:
        raise failure(
            HTTPStatus.FORBIDDEN, "FORBIDDEN", f"this needs role {role}; the token has {token.role}"
        )
    return Caller(token, await _account_id(request, token, accounts))


async def _token(request: func.HttpRequest, tokens: TokenBook) -> Token:
    scheme, _, secret = request.headers.get("Authorization", "").strip().partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret or len(secret) > TOKEN_CHARACTERS:
        raise _unauthorized("a Bearer token is required in the Authorization header")
    token = await tokens.find(secret)
    if token is None:
        raise _unauthorized("the token is unknown or was revoked")
    return token


async def _account_id(request: func.HttpRequest, token: Token, accounts: AccountBook) -> str:
    """Return the account asked for; without one, the token's default."""
    asked: str = request.params.get("accountId", "")
    if not asked:
        return await _default_account_id(token, accounts)
    if asked not in token.account_ids or await accounts.get(asked) is None:
        raise failure(
            HTTPStatus.FORBIDDEN, "FORBIDDEN", "the token does not reach this account", "accountId"
        )
    return asked


async def _default_account_id(token: Token, accounts: AccountBook) -> str:
    default = await accounts.default()
    if default is not None and default.id in token.account_ids:
        return default.id
    for account_id in token.account_ids:
        if await accounts.get(account_id) is not None:
            return account_id
    raise failure(HTTPStatus.FORBIDDEN, "FORBIDDEN", "the token reaches no account", "accountId")


def _unauthorized(message: str) -> ApiFailure:
    failed = failure(HTTPStatus.UNAUTHORIZED, "UNAUTHORIZED", message)
    failed.headers["WWW-Authenticate"] = "Bearer"
    return failed
