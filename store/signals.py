"""Signals: what a VM last said of itself, one row for each VM and word.

The rows lie beside the node's notices and go with them, but are no notices: what a VM says of
itself is no sign of an eviction, so no verdict reads it.
"""

from datetime import datetime

from shared.contracts.signal import Signal
from shared.model.ids import NodeKey
from shared.model.run import Row
from store.codec import model_of, model_values
from store.keys import join, partition_of
from store.rows import Mode, Table, Write, with_prefix

_SAID = "said"


class Said(Row):
    """One word of one VM, the latest time that it was heard."""

    signal: Signal
    vm_resource_id: str
    generation: int
    """Which of the node's VMs it was, as far as its name tells."""
    at: datetime
    """When it reached us, by our own clock."""


class Signals:
    """The signals of all nodes."""

    def __init__(self, table: Table) -> None:
        """`table` is that of the notices: whoever forgets a node's notices forgets these."""
        self._table = table

    async def put(self, key: NodeKey, said: Said) -> None:
        """Write what was said; a repeat moves its time on. The latest counts, in any order."""
        row = join(_SAID, said.signal, said.vm_resource_id.lower())
        write = Write(Mode.UPSERT, partition_of(key), row, model_values("said", said))
        await self._table.write(write)

    async def of(self, key: NodeKey, signal: Signal, since: datetime) -> list[Said]:
        """Return what the node's VMs have said at `since` or later, earliest first."""
        span = with_prefix(partition_of(key), f"{join(_SAID, signal)}!")
        found = [model_of(one.values, "said", Said) async for one in self._table.query(span)]
        return sorted((one for one in found if one.at >= since), key=lambda one: one.at)
