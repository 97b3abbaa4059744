"""Moving secrets from the encrypted file of one machine into a Key Vault.

The file does not tell names, so they come from the rows: accounts, nodes, notes about secrets in
flight. A secret leaves the file when the vault has been read and shows it. Repeats go on where the
one before ended; the app may run meanwhile, on either place.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from pydantic import SecretStr

from shared.clock import Clock
from shared.model.secrets import references
from shared.model.wire import from_stored
from store.accounts import Account
from store.errors import StoreError, Unavailable
from store.secrets import SecretStore
from store.spent import spent_name
from store.stores import Stores

NODES_A_PAGE: Final = 100
NOTES_MAX: Final = 100_000
"""Notes about secrets that are read: each lives for an hour, one an edit."""


@dataclass
class Moved:
    """What came of it: names, never values."""

    copied: list[str] = field(default_factory=list)
    """Put into the vault by this call."""
    removed: list[str] = field(default_factory=list)
    """Taken out of the file: the vault shows them, or they are used up."""
    failed: dict[str, str] = field(default_factory=dict)
    """Left where they are, and why."""


@dataclass(frozen=True)
class SecretMove:
    """Moves what the rows name."""

    stores: Stores
    old: SecretStore
    new: SecretStore
    clock: Clock

    async def run(self, *, keep: bool = False) -> Moved:
        """Copy each secret, read it back, then remove it; `keep`: remove nothing.

        What a secret's own fault is (too large, unlike in both places) is told, and the others go
        on. Raises Unavailable if a store does not answer: a repeat goes on from there.
        """
        moved = Moved()
        async for name in self._names():
            try:
                await self._one(name, moved, keep=keep)
            except Unavailable:
                raise
            except StoreError as error:
                moved.failed[name] = str(error)
        return moved

    async def _one(self, name: str, moved: Moved, *, keep: bool) -> None:
        value = await self.old.get(name)
        if value is None:
            if await self.old.get(spent_name(name)) is not None:
                await self.new.delete(name)  # used up after an earlier call had copied it
            return
        if not await self._is_used_up(name):
            await self._copy(name, value, moved)
        if not keep:
            await self.old.delete(name)
            moved.removed.append(name)

    async def _is_used_up(self, name: str) -> bool:
        """Tell whether the app, on the vault already, replaced a password by its digest."""
        if await self.new.get(name) is not None:
            return False
        return await self.new.get(spent_name(name)) is not None

    async def _copy(self, name: str, value: SecretStr, moved: Moved) -> None:
        """Have the vault show a secret. Raises StoreError if it shows another one, or none."""
        if await self.new.get(name) is None:
            await self.new.put(name, value)
            moved.copied.append(name)
        if await self.new.get(name) != value:
            raise StoreError(f"the vault has another value for {name}: nothing is changed")

    async def _names(self) -> AsyncIterator[str]:
        """Return every name that a secret may have, once."""
        told = set[str]()
        async for names in self._named():
            for name in sorted({*names} - told):
                told.add(name)
                yield name
                yield spent_name(name)

    async def _named(self) -> AsyncIterator[Iterable[str]]:
        # Notes first: a name goes from the note into the document, never back.
        after = self.clock.now() + timedelta(days=1)
        for note in await self.stores.upkeep.secrets_noted(after, NOTES_MAX):
            yield note.names
        for account in await self.stores.accounts.list():
            yield _of_account(account)
        lap, more = "", True
        while more:
            keys, lap = await self.stores.nodes.after(lap, NODES_A_PAGE)
            more = bool(lap)
            for key in keys:
                record = await self.stores.nodes.get(key)
                if record is not None:
                    yield references(from_stored(record.document))


def _of_account(account: Account) -> Iterable[str]:
    held = (account.credential, account.tenant_credential)
    return {*account.unnamed, *(one.secret_ref for one in held if one is not None)}
