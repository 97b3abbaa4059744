"""The tick: what is due, done; one item's failure is its own.

Nodes are dealt with side by side, the items of one node in their order. What is due may be acted on
twice, by a tick that was killed and by the next: every act looks at the node first.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final, Protocol

from services.at_once import at_once
from services.evictions import Evictions
from services.operations import Operations, OperationStarter
from shared.model.ids import node_key
from shared.model.run import DueItem, DueKind, LogEntry, Operation, OperationKind, Status
from shared.policy.broken_off import broken_off
from store.due import StoredDueItem
from store.node_rows import NodeRecord
from store.stores import Stores

LATER: Final = timedelta(minutes=1)
"""When a watch looks again at an operation that runs, and when a failed item is tried again."""
WAITS: Final = frozenset({Status.PENDING, Status.RESUMING})
"""Statuses of a node that waits for capacity; in any other its wait is over."""
LOST_AFTER: Final = timedelta(minutes=15)
"""An operation is given up for lost if its orchestration is gone this long after the claim, and
started anew if it has not even claimed the node this long after the lock: longer than the durable
backend needs to hand a crashed worker's messages to another (5 min)."""

_log = logging.getLogger(__name__)


class Starter(OperationStarter, Protocol):
    """Starts orchestrations and says whether one lives."""

    async def is_over(self, operation_id: str) -> bool:
        """Tell whether the orchestration ended, in whatever way, or was never there."""
        ...


Act = Callable[[DueItem, Starter], Awaitable[bool]]
"""Deals with what is due. False: not over, look again in a minute."""


@dataclass(frozen=True)
class Tick:
    """One pass over the due index."""

    stores: Stores
    operations: Operations
    evictions: Evictions
    acts: Mapping[str, Act] = field(default_factory=dict)
    """By the kind of what is due: what other use-cases do about it."""

    async def run(self, starter: Starter) -> int:
        """Do all that is due by now; return how many items were done."""
        now = self.operations.clock.now()
        items = await self.stores.due.read_due(now)
        await at_once([partial(self._in_order, one, starter) for one in _by_node(items)])
        await self.stores.due.advance(now)
        return len(items)

    async def _in_order(self, items: Sequence[StoredDueItem], starter: Starter) -> None:
        for item in items:
            try:
                await self._do(item, starter)
            except Exception:  # noqa: BLE001 - one's failure is its own
                _log.exception("due.failed", extra={"node": item.node_id, "kind": item.kind})
                await self.stores.due.moved(item, self.operations.clock.now() + LATER)

    async def _do(self, item: DueItem, starter: Starter) -> None:
        work: dict[str, Act] = {
            DueKind.OP_WATCH: self._watch,
            DueKind.CAPACITY_RETRY: self._retry,
            DueKind.VERDICT: self._verdict,
            **self.acts,
        }
        act = work.get(item.kind, _for_a_newer_release)
        if await act(item, starter):
            await self.stores.due.done(item)
        else:
            await self.stores.due.moved(item, self.operations.clock.now() + LATER)

    async def _verdict(self, item: DueItem, starter: Starter) -> bool:
        await self.evictions.weigh(node_key(item.account_id, item.node_id), starter)
        return True

    async def _watch(self, item: DueItem, starter: Starter) -> bool:
        """See that a locked operation is started, and that a started one ends."""
        record = await self.stores.nodes.get(node_key(item.account_id, item.node_id))
        operation = record.operation if record else None
        if record is None or operation is None or operation.id != item.item_id:
            return True
        if operation.finished_at:
            return True
        if operation.kind is OperationKind.OBSERVE:  # whoever noted something was killed over it
            now = self.operations.clock.now()
            await self.stores.nodes.finish(record.key, operation.id, record.run, now)
            await self.evictions.weigh(record.key, starter)
            return True
        if operation.claimed_at is None:
            await self._begin(record, operation, starter)
            return False
        return await self._lost(record, starter)

    async def _begin(self, record: NodeRecord, operation: Operation, starter: Starter) -> None:
        """Start what was locked and never started; leave alone what only waits for its turn.

        A start replaces what waits, at the queue's end: so that is done rarely.
        """
        waited = self.operations.clock.now() - operation.locked_at
        is_stuck = waited >= LOST_AFTER and waited % LOST_AFTER < LATER
        if is_stuck or await starter.is_over(operation.id):
            await self.operations.start(record.key, operation, starter)

    async def _lost(self, record: NodeRecord, starter: Starter) -> bool:
        """Release a node whose orchestration is no more though it never settled."""
        operation, now = record.operation, self.operations.clock.now()
        if operation is None or operation.claimed_at is None:
            return True
        if now - operation.claimed_at < LOST_AFTER or not await starter.is_over(operation.id):
            return False
        reason = f"operation {operation.id} ended without settling"
        changes = {"status": Status.ERROR, "error_reason": reason, "updated_at": now}
        intents = await self.stores.journal.of_operation(record.key, operation.id)
        run = broken_off(record.run, intents).model_copy(update=changes)
        entry = LogEntry(at=now, message=reason, severity="ERROR")
        await self.stores.log.write(record.key, [entry])
        await self.stores.nodes.finish(record.key, operation.id, run, now)
        return True

    async def _retry(self, item: DueItem, starter: Starter) -> bool:
        """Try again to place a node that waits for capacity; a stale item is dropped.

        One that meets another operation waits for its end: what that leaves behind decides.
        """
        record = await self.stores.nodes.get(node_key(item.account_id, item.node_id))
        if record is None or record.run.waiting is None or record.run.status not in WAITS:
            return True
        if record.operation and not record.operation.finished_at:
            return False
        if record.run.waiting.until > self.operations.clock.now():
            return True
        first = record.run.generation == 0
        kind = OperationKind.CREATE if first else OperationKind.REPLACE
        operation = self.operations.make(record.key, kind)
        await self.operations.watch(record.key, operation)
        if not await self.stores.nodes.lock(record, operation):
            return False
        await self.operations.start(record.key, operation, starter)
        return True


async def _for_a_newer_release(item: DueItem, _starter: Starter) -> bool:
    _log.warning("due.unknown_kind", extra={"node": item.node_id, "kind": item.kind})
    return False


def _by_node(items: Sequence[StoredDueItem]) -> list[list[StoredDueItem]]:
    """Return the items of each node together, in the order in which they came."""
    nodes: dict[tuple[str, str], list[StoredDueItem]] = {}
    for item in items:
        nodes.setdefault((item.account_id, item.node_id), []).append(item)
    return list(nodes.values())
