"""Imports: which VM becomes which node, and how far that is.

Two rows each. The claim is found by the VM, whoever's account it is in: of two imports of one VM
the second finds it. The record is found by the import's id.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict

from shared.contracts.source import ImportState
from shared.model.ids import NodeKey, node_key
from store.codec import model_of, model_values
from store.errors import Conflict, Gone
from store.keys import arm_key, encode
from store.rows import RACES_MAX, Mode, Table, Write

PREFIX: Final = "sin-"
NODE_PREFIX: Final = "ssn-"
_SUBSCRIPTION_PART: Final = 2


class Import(BaseModel):
    """One import."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    account_id: str
    node_id: str
    vm_resource_id: str
    vm_id: str
    """Azure's vmId: another VM of the same name may be imported."""
    began_at: datetime
    state: ImportState = ImportState.START
    """Final ones are written; what lies between, the node's operation tells."""

    @property
    def id(self) -> str:
        """Its id: the node's own digits."""
        return import_id(self.node_id)

    @property
    def key(self) -> NodeKey:
        """The node that comes of it."""
        return node_key(self.account_id, self.node_id)


@dataclass(frozen=True)
class Claim:
    """What holds a VM, as it was read."""

    of: Import
    etag: str


def import_id(node_id: str) -> str:
    """Return the id of the import that made a node; an import's own id as it is."""
    return PREFIX + node_id.removeprefix(NODE_PREFIX).removeprefix(PREFIX)


class Imports:
    """The imports of all accounts."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def holder(self, vm_resource_id: str) -> Claim | None:
        """Return what holds a VM; it may be over."""
        stored = await self._table.get(*_place(vm_resource_id))
        return Claim(model_of(stored.values, "import", Import), stored.etag) if stored else None

    async def claim(self, one: Import, instead_of: Claim | None) -> bool:
        """Let an import hold its VM, if that is held as it was read; False: somebody was quicker.

        A repeat of the same import is True.
        """
        partition, row = _place(one.vm_resource_id)
        mode, etag = (Mode.REPLACE, instead_of.etag) if instead_of else (Mode.INSERT, None)
        try:
            await self._table.write(Write(mode, partition, row, model_values("import", one), etag))
        except (Conflict, Gone):
            holder = await self.holder(one.vm_resource_id)
            return holder is not None and holder.of.node_id == one.node_id
        return True

    async def release(self, one: Import) -> None:
        """Let a VM go that an import holds; one that holds it no more is done already."""
        partition, row = _place(one.vm_resource_id)
        for _ in range(RACES_MAX):
            holder = await self.holder(one.vm_resource_id)
            if holder is None or holder.of.node_id != one.node_id:
                return
            try:
                await self._table.write(Write(Mode.DELETE, partition, row, {}, holder.etag))
            except (Conflict, Gone):
                continue
            return
        raise Conflict(f"the claim on {one.vm_resource_id} would not hold still")

    async def begin(self, one: Import) -> None:
        """Write the record of a new import. Raises Conflict if its id is another's already."""
        try:
            await self._put(Mode.INSERT, one)
        except Conflict:
            if await self.get(one.account_id, one.id) != one:
                raise

    async def _put(self, mode: Mode, one: Import) -> None:
        values = model_values("import", one)
        await self._table.write(Write(mode, encode(one.account_id), encode(one.id), values))

    async def get(self, account_id: str, asked_id: str) -> Import | None:
        """Return an import by its id, or by its node's."""
        stored = await self._table.get(encode(account_id), encode(import_id(asked_id)))
        return model_of(stored.values, "import", Import) if stored else None

    async def end(self, key: NodeKey, state: ImportState) -> None:
        """Write how an import ended; a VM whose import failed is free for another. Repeatable."""
        one = await self.get(key.account_id, key.node_id)
        if one is None:
            return
        await self._put(Mode.UPSERT, one.model_copy(update={"state": state}))
        if state is ImportState.FAILED:
            await self.release(one)

    async def forget(self, key: NodeKey) -> None:
        """Drop all that is known of a node's import; a node that was not imported has none."""
        one = await self.get(key.account_id, key.node_id)
        if one is None:
            return
        await self.release(one)
        await self._table.write(Write(Mode.DELETE, encode(one.account_id), encode(one.id)))


def _place(vm_resource_id: str) -> tuple[str, str]:
    subscription = vm_resource_id.lower().split("/")[_SUBSCRIPTION_PART]
    return f"vm!{encode(subscription)}", arm_key(vm_resource_id)
