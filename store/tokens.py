"""API tokens: kept hashed, so that who reads the table cannot speak for anyone."""

import base64
import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, SecretStr

from shared.clock import Clock
from shared.model.ids import AccountId
from store.codec import model_of, model_values
from store.rows import Mode, Table, Write, in_partition, with_prefix

SECRET_BYTES: Final = 32
"""Random bytes in a token: 256 bits, so a plain hash needs neither salt nor stretching."""

_PARTITION: Final = "token"
_PREFIX: Final = "mrg_"
_ID_PREFIX: Final = "tok-"
_ID_DIGITS: Final = 16


class Role(StrEnum):
    """What a token may do: look; run nodes; change tokens and accounts too."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


class Token(BaseModel):
    """What is known of a token: all but the token."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    name: str
    role: Role
    account_ids: tuple[AccountId, ...]
    created_at: datetime


TokenList = list[Token]


class Tokens:
    """All API tokens."""

    def __init__(self, table: Table, clock: Clock, random_bytes: Callable[[int], bytes]) -> None:
        self._table = table
        self._clock = clock
        self._random_bytes = random_bytes

    async def mint(self, account_ids: Iterable[str], role: Role, name: str) -> SecretStr:
        """Make a token and return its secret: this once, for only its hash is kept."""
        random = base64.urlsafe_b64encode(self._random_bytes(SECRET_BYTES)).decode().rstrip("=")
        secret = f"{_PREFIX}{random}"
        row = _hash(secret)
        token = Token(
            id=f"{_ID_PREFIX}{row[:_ID_DIGITS]}",
            name=name,
            role=role,
            account_ids=tuple(AccountId(account_id) for account_id in account_ids),
            created_at=self._clock.now(),
        )
        await self._table.write(Write(Mode.UPSERT, _PARTITION, row, model_values("token", token)))
        return SecretStr(secret)

    async def find(self, secret: str) -> Token | None:
        """Return the token of that secret; None if there is none, or it was revoked."""
        stored = await self._table.get(_PARTITION, _hash(secret))
        return model_of(stored.values, "token", Token) if stored else None

    async def list(self) -> TokenList:
        """Return all tokens, oldest first."""
        rows = self._table.query(in_partition(_PARTITION))
        tokens = [model_of(row.values, "token", Token) async for row in rows]
        return sorted(tokens, key=lambda token: (token.created_at, token.id))

    async def revoke(self, token_id: str) -> bool:
        """End a token by its id; False if there is none."""
        digits = token_id.removeprefix(_ID_PREFIX)
        if not token_id.startswith(_ID_PREFIX) or len(digits) != _ID_DIGITS:
            return False
        rows = [row async for row in self._table.query(with_prefix(_PARTITION, digits))]
        for row in rows:
            await self._table.write(Write(Mode.DELETE, _PARTITION, row.row))
        return bool(rows)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
