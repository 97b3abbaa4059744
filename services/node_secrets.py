"""The secrets of nodes: kept under names of their own, and none left behind.

Before a secret is put, and before a document stops to name one, its name is noted: a request that
is refused or cut short then leaves a note, and retention finds what no document names.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from services.operations import Operations
from shared.model.ids import NodeKey
from shared.model.node import NodeDocument
from shared.model.problems import Code, FieldError, Rejected
from shared.model.rules.facts import value_at
from shared.model.secrets import references, split_secrets
from shared.model.wire import to_stored
from shared.policy.login_life import needs_password, password_name
from store import spent
from store.stores import Stores

PASSWORD = "statefulNode.compute.launchSpecification.login.password"  # noqa: S105 - a field's name


@dataclass(frozen=True)
class Kept:
    """A document whose secrets are kept."""

    stored: dict[str, Any]
    """The document for the row: secrets by name."""
    added: frozenset[str] = frozenset()
    """Names of secrets that were put for it."""
    replaced: frozenset[str] = frozenset()
    """Names that the document before had and this one has not."""


@dataclass(frozen=True)
class NodeSecrets:
    """What use-cases of nodes do with secrets."""

    stores: Stores
    operations: Operations

    async def keep(
        self, key: NodeKey, document: NodeDocument, before: NodeDocument | None = None
    ) -> Kept:
        """Put a document's new secrets where they belong; nothing names them yet."""
        prefix = f"{key.node_id}-{self.operations.new_id()}"
        plain, secrets = split_secrets(document, prefix)
        replaced = references(before) - references(plain) if before else frozenset[str]()
        kept = Kept(to_stored(plain), frozenset(secrets), replaced)
        names = tuple(sorted(kept.added | kept.replaced))
        if names:
            await self.stores.upkeep.note_secrets(key, names, self.operations.clock.now())
        for name, value in secrets.items():
            await self.stores.secrets.put(name, SecretStr(value))
        return kept

    async def drop(self, names: Iterable[str]) -> None:
        """Delete secrets that no document names; a repeat is done already."""
        for name in sorted(names):
            await spent.forget(self.stores.secrets, name)

    async def in_force(self, document: NodeDocument, body: object) -> Mapping[str, str]:
        """Return the password in force by its name, if the body sends just that one: no change."""
        name, sent = password_name(document), value_at(body, PASSWORD)
        if not name or not isinstance(sent, str):
            return {}
        return {name: sent} if await spent.in_force(self.stores.secrets, name, sent) else {}

    async def lacks_password(self, changed: NodeDocument) -> bool:
        """Tell whether the next VM needs a password that was deleted after the first launch."""
        name = password_name(changed)
        if not name or not needs_password(changed):
            return False
        return await self.stores.secrets.get(name) is None


def password_wanted() -> Rejected:
    """Return the refusal of a change that needs a password which is not kept any more."""
    text = "is needed again: it was deleted after the first launch; send it with this change"
    return Rejected([FieldError(Code.REQUIRED, text, PASSWORD)])
