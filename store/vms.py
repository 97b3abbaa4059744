"""Which node a VM belongs to: events name a VM and find its node in one read."""

from dataclasses import dataclass
from typing import Final

from shared.model.ids import NodeKey, node_key
from store.errors import Conflict, Gone
from store.keys import arm_key, encode
from store.rows import RACES_MAX, Mode, Stored, Table, Values, Write, in_partition

_SUBSCRIPTION_PART: Final = 2
"""Where the id is in `/subscriptions/<id>/…`, split at slashes."""


@dataclass(frozen=True)
class IndexedVm:
    """One VM that is a node's body, or was until somebody removes the row."""

    vm_resource_id: str
    key: NodeKey
    generation: int


class VmIndex:
    """VM resource ids and their nodes, in whatever case Azure writes the ids."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def put(
        self, subscription_id: str, vm_resource_id: str, key: NodeKey, generation: int
    ) -> None:
        """Say that a VM is a node's body of that generation.

        A VM keeps its name over generations, so a late repeat for an earlier generation of the
        same node changes nothing. ValueError if the id is not of that subscription.
        """
        partition, row = _place(vm_resource_id)
        if partition != subscription_id.lower():
            raise ValueError(f"{vm_resource_id} is not in subscription {subscription_id}")
        values: Values = {
            "vm": vm_resource_id,
            "account": key.account_id,
            "node": key.node_id,
            "generation": generation,
        }
        for _ in range(RACES_MAX):
            if await self._put(Write(Mode.INSERT, partition, row, values), key, generation):
                return
        raise Conflict(f"the row of {vm_resource_id} would not hold still")

    async def _put(self, write: Write, key: NodeKey, generation: int) -> bool:
        stored = await self._table.get(write.partition, write.row)
        if stored:
            there = _indexed(stored.values)
            if there.key == key and there.generation >= generation:
                return True
            write = Write(Mode.REPLACE, write.partition, write.row, write.values, stored.etag)
        try:
            await self._table.write(write)
        except (Conflict, Gone):
            return False
        return True

    async def find(self, vm_resource_id: str) -> tuple[NodeKey, int] | None:
        """Return the node whose body the VM is, and the generation."""
        stored = await self._stored(vm_resource_id)
        if stored is None:
            return None
        vm = _indexed(stored.values)
        return vm.key, vm.generation

    async def remove(self, vm_resource_id: str, generation: int | None = None) -> None:
        """Forget a VM; an absent one is forgotten already.

        With `generation`, a VM of a later one stays: a late repeat removes nothing new.
        """
        for _ in range(RACES_MAX):
            stored = await self._stored(vm_resource_id)
            if stored is None:
                return
            if generation is not None and _indexed(stored.values).generation > generation:
                return
            delete = Write(Mode.DELETE, stored.partition, stored.row, {}, stored.etag)
            try:
                await self._table.write(delete)
            except Conflict:  # it became a later generation's meanwhile
                continue
            return
        raise Conflict(f"the row of {vm_resource_id} would not hold still")

    async def list(self, subscription_id: str) -> tuple[IndexedVm, ...]:
        """Return all VMs of a subscription, in key order."""
        span = in_partition(encode(subscription_id.lower()))
        return tuple([_indexed(stored.values) async for stored in self._table.query(span)])

    async def _stored(self, vm_resource_id: str) -> Stored | None:
        try:
            return await self._table.get(*_place(vm_resource_id))
        except ValueError:
            return None


def _place(vm_resource_id: str) -> tuple[str, str]:
    parts = vm_resource_id.lower().split("/")
    if len(parts) <= _SUBSCRIPTION_PART or parts[:2] != ["", "subscriptions"]:
        raise ValueError(f"not an ARM id: {vm_resource_id}")
    return encode(parts[_SUBSCRIPTION_PART]), arm_key(vm_resource_id)


def _indexed(values: Values) -> IndexedVm:
    key = node_key(str(values["account"]), str(values["node"]))
    return IndexedVm(str(values["vm"]), key, int(values["generation"]))
