"""API tokens: kept hashed, so that who reads the table cannot speak for anyone."""

import base64
import hashlib
import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from shared.clock import Clock
from shared.model.ids import AccountId
from store.codec import json_values, model_of
from store.errors import Conflict, Gone, StoreError
from store.rows import RACES_MAX, Mode, Stored, Table, Write, in_partition, with_prefix

SECRET_BYTES: Final = 32
"""Random bytes in a token: 256 bits, so a plain hash needs neither salt nor stretching."""
ID_DIGITS: Final = 16
ID_PREFIX: Final = "tok-"

_PARTITION: Final = "token"
_PREFIX: Final = "mrg_"
_USED: Final = "used_at"
_log = logging.getLogger(__name__)


class Role(StrEnum):
    """What a token may do: look; run nodes; change tokens and accounts too."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def allows(self, wanted: "Role") -> bool:
        """Tell whether who has this role may do what needs that one."""
        return _RANK[self] >= _RANK[wanted]


_RANK: Final = {Role.VIEWER: 0, Role.OPERATOR: 1, Role.ADMIN: 2}


class Token(BaseModel):
    """What is known of a token: all but the token."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    name: str
    roles: Mapping[AccountId, Role]
    """By account: what is not named is closed."""
    created_at: datetime
    owner: str = ""
    """Who it was made for; all tokens of one owner can be ended at once."""
    expires_at: datetime | None = None
    """None: it ends when it is revoked."""
    last_used_at: datetime | None = Field(default=None, exclude=True)
    """To the hour; None: never. Kept beside the rest, so that using a token changes nothing."""

    @model_validator(mode="before")
    @classmethod
    def _of_an_earlier_release(cls, values: Any) -> Any:
        """Read a row in which one role stood for all accounts."""
        if isinstance(values, dict) and "roles" not in values:
            role = values.get("role", Role.VIEWER)
            return values | {"roles": dict.fromkeys(values.get("account_ids", ()), role)}
        return values

    def is_over(self, now: datetime) -> bool:
        """Tell whether the token has expired."""
        return self.expires_at is not None and self.expires_at <= now


TokenList = list[Token]


class Minted(NamedTuple):
    """A new token, and its secret: this once, for only its hash is kept."""

    token: Token
    secret: SecretStr


class Tokens:
    """All API tokens."""

    def __init__(self, table: Table, clock: Clock, random_bytes: Callable[[int], bytes]) -> None:
        self._table = table
        self._clock = clock
        self._random_bytes = random_bytes

    async def mint(
        self,
        roles: Mapping[str, Role],
        name: str,
        *,
        owner: str = "",
        expires_at: datetime | None = None,
    ) -> Minted:
        """Make a token with a role for each account that it opens."""
        random = base64.urlsafe_b64encode(self._random_bytes(SECRET_BYTES)).decode().rstrip("=")
        secret = f"{_PREFIX}{random}"
        row = _hash(secret)
        token = Token(
            id=f"{ID_PREFIX}{row[:ID_DIGITS]}",
            name=name,
            roles={AccountId(account_id): role for account_id, role in roles.items()},
            created_at=self._clock.now(),
            owner=owner,
            expires_at=expires_at,
        )
        await self._table.write(Write(Mode.UPSERT, _PARTITION, row, _values(token)))
        return Minted(token, SecretStr(secret))

    async def find(self, secret: str) -> Token | None:
        """Return the token of that secret; None if there is none, or it has expired.

        Notes the hour of its use, if it can: a store that does not take the note stops nobody.
        """
        stored = await self._table.get(_PARTITION, _hash(secret))
        token = _token(stored) if stored else None
        if stored is None or token is None or token.is_over(self._clock.now()):
            return None
        await self._note_use(stored)
        return token

    async def list(self) -> TokenList:
        """Return all tokens, expired ones too, oldest first."""
        rows = self._table.query(in_partition(_PARTITION))
        tokens = [_token(row) async for row in rows]
        return sorted(tokens, key=lambda token: (token.created_at, token.id))

    async def revoke(self, token_id: str, account_ids: Collection[str] | None = None) -> bool:
        """Take a token's roles in these accounts; with none left, or None given, it is gone.

        False if there is no such token. A repeat finds the roles taken already.
        """
        digits = token_id.removeprefix(ID_PREFIX)
        if not token_id.startswith(ID_PREFIX) or len(digits) != ID_DIGITS:
            return False
        for _ in range(RACES_MAX):
            rows = [row async for row in self._table.query(with_prefix(_PARTITION, digits))]
            try:
                for row in rows:
                    await self._table.write(_without(row, account_ids))
            except Conflict:  # its use was noted meanwhile, or another took a role
                continue
            except Gone:
                return False
            return bool(rows)
        raise Conflict(f"{token_id} changes all the time")

    async def _note_use(self, stored: Stored) -> None:
        hour = self._clock.now().replace(minute=0, second=0, microsecond=0).isoformat()
        if stored.values.get(_USED) == hour:
            return
        try:
            await self._table.write(Write(Mode.MERGE, _PARTITION, stored.row, {_USED: hour}))
        except StoreError as error:
            _log.debug("token.use_not_noted", extra={"why": str(error)})


def _token(stored: Stored) -> Token:
    used = stored.values.get(_USED)
    last_used_at = datetime.fromisoformat(str(used)) if used else None
    token = model_of(stored.values, "token", Token)
    return token.model_copy(update={"last_used_at": last_used_at})


def _values(token: Token) -> dict[str, str]:
    """Return the properties of a token's row.

    An earlier release, which may still run while a deploy rolls, reads `role` and `account_ids`:
    they tell it the least that the token may do anywhere.
    """
    least = min(token.roles.values(), key=_RANK.__getitem__, default=Role.VIEWER)
    earlier = {"role": least, "account_ids": list(token.roles)}
    return json_values("token", earlier | token.model_dump(mode="json"))


def _without(row: Stored, account_ids: Collection[str] | None) -> Write:
    token = _token(row)
    left = {
        account_id: role
        for account_id, role in token.roles.items()
        if account_ids is not None and account_id not in account_ids
    }
    if not left:
        return Write(Mode.DELETE, _PARTITION, row.row)
    values = _values(token.model_copy(update={"roles": left}))
    return Write(Mode.MERGE, _PARTITION, row.row, values, row.etag)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
