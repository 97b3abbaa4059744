"""API tokens as their administrators see them: made, listed, ended."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from services.node_views import rfc3339
from services.refusals import BeyondRights
from shared.clock import Clock
from shared.model.fields import Part, Word
from shared.model.ids import AccountId
from shared.model.part import parse_part
from shared.model.problems import Code, FieldError, Rejected
from store.accounts import Accounts
from store.tokens import Role, Token, Tokens

ROOT: Final = "token"
ACCOUNTS_MAX: Final = 100
"""Accounts that one token may open: a row holds them all."""
ACCOUNT_ID: Final = r"^act-[0-9a-f]{8}$"
UNKNOWN_TOKEN: Final = "TOKEN_DOES_NOT_EXIST"  # noqa: S105 - an error's code


def moment(value: object) -> datetime:
    """Read a date or a moment in ISO 8601; without a zone it is UTC. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("must be an ISO 8601 date such as 2027-01-31T00:00:00Z")  # noqa: TRY004
    try:
        read = datetime.fromisoformat(value)
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ValueError("must be an ISO 8601 date such as 2027-01-31T00:00:00Z") from None


def _account_id(value: str) -> str:
    if re.fullmatch(ACCOUNT_ID, value) is None:
        raise ValueError("must be act- and 8 hex digits")
    return value


Moment = Annotated[datetime, BeforeValidator(moment)]
Grant = Annotated[
    str, AfterValidator(_account_id), WithJsonSchema({"type": "string", "pattern": ACCOUNT_ID})
]


class NewToken(Part):
    """A token that is asked for."""

    name: Annotated[Word, Field(max_length=100)]
    roles: Annotated[dict[Grant, Role], Field(min_length=1, max_length=ACCOUNTS_MAX)]
    """What it may do, by account: viewer, operator or admin."""
    owner: Annotated[Word, Field(max_length=100)] | None = None
    """Who it is for; tokens of one owner can be ended together."""
    expires_at: Moment | None = None
    """When it ends; without it, when it is revoked."""


@dataclass(frozen=True)
class TokenCommands:
    """The use-cases of tokens. Who asks is an admin of at least one account."""

    tokens: Tokens
    accounts: Accounts
    clock: Clock

    async def create(self, asker: Token, body: object) -> dict[str, Any]:
        """Make a token; return it with its secret, which nobody can read again.

        Raises `Rejected`, and `BeyondRights` for an account of which the asker is no admin. A
        repeat makes another token.
        """
        wanted = parse_part(NewToken, body, ROOT)
        if wanted.expires_at is not None and wanted.expires_at <= self.clock.now():
            raise _wrong(Code.VALUE, "must be in the future", f"{ROOT}.expiresAt")
        for account_id in wanted.roles:
            where = f"{ROOT}.roles.{account_id}"
            if account_id not in administered(asker):
                raise BeyondRights("needs an admin of that account", where)
            if await self.accounts.get(account_id) is None:
                raise _wrong(Code.VALUE, "is not a connected account", where)
        made = await self.tokens.mint(
            wanted.roles, wanted.name, owner=wanted.owner or "", expires_at=wanted.expires_at
        )
        shown = self._view(made.token, made.token.roles)
        return shown | {"token": made.secret.get_secret_value()}

    async def list(self, asker: Token) -> list[dict[str, Any]]:
        """Return the tokens that open an account of which the asker is an admin, oldest first."""
        mine = administered(asker)
        tokens = await self.tokens.list()
        return [self._view(one, mine) for one in tokens if mine & one.roles.keys()]

    async def revoke(self, asker: Token, token_id: str) -> None:
        """Take a token's roles in every account of which the asker is an admin.

        With no role left it is gone. Raises `Rejected` if there is no such token there.
        """
        if not await self._revoke(asker, [token_id]):
            raise _wrong(UNKNOWN_TOKEN, "there is no such token", "tokenId")

    async def revoke_all_of(self, asker: Token, owner: str) -> int:
        """Revoke every token that was made for one owner; return how many. Safe to repeat."""
        if not owner:
            raise _wrong(Code.REQUIRED, "is required: whose tokens end", "owner")
        theirs = [one.id for one in await self.tokens.list() if one.owner == owner]
        return await self._revoke(asker, theirs)

    def caller(self, token: Token) -> dict[str, Any]:
        """Return what a token may know of itself."""
        return self._view(token, token.roles)

    async def _revoke(self, asker: Token, token_ids: Iterable[str]) -> int:
        mine, revoked = administered(asker), 0
        wanted = set(token_ids)
        for one in await self.tokens.list():
            if one.id in wanted and mine & one.roles.keys():
                revoked += await self.tokens.revoke(one.id, mine)
        return revoked

    def _view(self, token: Token, accounts: Iterable[AccountId]) -> dict[str, Any]:
        """Return a token as clients read it, as far as these accounts are concerned."""
        shown = set(accounts)
        return {
            "id": token.id,
            "name": token.name,
            "owner": token.owner or None,
            "roles": {one: role.value for one, role in token.roles.items() if one in shown},
            "createdAt": rfc3339(token.created_at),
            "expiresAt": rfc3339(token.expires_at),
            "isExpired": token.is_over(self.clock.now()),
            "lastUsedAt": rfc3339(token.last_used_at),
        }


def administered(token: Token) -> frozenset[AccountId]:
    """Return the accounts of which a token is an admin."""
    return frozenset(one for one, role in token.roles.items() if role is Role.ADMIN)


def _wrong(code: str, message: str, field: str) -> Rejected:
    return Rejected([FieldError(code, message, field)])
