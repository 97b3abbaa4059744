"""What was kept for a time goes when the time is over: an operation of its own, started when due.

A due row says only that it is worth looking: what is to go, the node's row says. So a row that
comes twice, late, or for what was chosen anew since does nothing of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.operations import Operations, OperationStarter
from services.tick import Act
from shared.model.ids import node_key
from shared.model.run import DueItem, DueKind, OperationKind
from shared.policy.retained import due_now
from store.node_rows import NodeRecord
from store.stores import Stores


@dataclass(frozen=True)
class Deallocations:
    """The use-case of resources whose time is over."""

    stores: Stores
    operations: Operations

    @property
    def acts(self) -> Mapping[str, Act]:
        """What is done about what is due, by its kind."""
        return {DueKind.DEALLOCATION: self.end}

    async def end(self, item: DueItem, starter: OperationStarter) -> bool:
        """Start the operation that deletes what is due of a node; True: nothing is due any more.

        False: look again. The item is not done with the start, but with the end of what it is
        about: whatever befalls the operation, the next look starts another. A node that is held is
        left alone meanwhile.
        """
        record = await self.stores.nodes.get(node_key(item.account_id, item.node_id))
        if record is None or not due_now(record.run, self.operations.clock.now()):
            return True
        if not _is_held(record):
            operation = self.operations.make(record.key, OperationKind.DEALLOCATE)
            await self.operations.watch(record.key, operation)
            if await self.stores.nodes.lock(record, operation):
                await self.operations.start(record.key, operation, starter)
        return False


def _is_held(record: NodeRecord) -> bool:
    return record.operation is not None and record.operation.finished_at is None
