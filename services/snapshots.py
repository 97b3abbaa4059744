"""Snapshots of disks in use: which nodes are due for a round, and its start.

A look at the fleet finds those that are due in the list of nodes; a due row starts the round, when
nobody else is at the node.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from services.at_once import at_once
from services.fleet import Sight
from services.operations import Operations, OperationStarter
from services.turns import in_turn
from shared.model.ids import NodeKey, node_key
from shared.model.run import DueItem, DueKind, OperationKind, Status
from shared.policy.snapshots import AFTER_TROUBLE, is_due, present, round_of, wanted
from store.node_rows import NodeRecord
from store.stores import Stores
from store.summary import NodeSummary

ROUNDS_A_MINUTE: Final = 60
"""Rounds begun in one account each minute: with two disks each a fifth of the writes that Azure
grants one principal in one subscription (10 a second); 21,600 nodes in six hours. Source: Azure
docs, request-limits-and-throttling."""


@dataclass(frozen=True)
class Snapshots:
    """The use-cases of snapshots of disks in use."""

    stores: Stores
    operations: Operations
    every: timedelta
    """From one round of a node to the next; zero: none is taken."""

    async def watch(self, sight: Sight, _starter: OperationStarter) -> None:
        """Plan the rounds that are due, as many as a minute bears. Safe to repeat."""
        now = sight.began
        due = [one for one in sight.nodes if self._is_due(one, now)]
        minute = now.replace(second=0, microsecond=0)
        now_due = in_turn(due, minute, ROUNDS_A_MINUTE)
        await at_once([partial(self._plan, one.key, minute) for one in now_due])

    async def act(self, item: DueItem, starter: OperationStarter) -> bool:
        """Start a node's round. Always over: a round that cannot begin now is planned again."""
        record = await self.stores.nodes.get(node_key(item.account_id, item.node_id))
        if record is None or not self._may_begin(record):
            return True
        operation = self.operations.make(record.key, OperationKind.SNAPSHOT)
        await self.operations.watch(record.key, operation)
        if await self.stores.nodes.lock(record, operation):
            await self.operations.start(record.key, operation, starter)
        return True

    def _is_due(self, node: NodeSummary, now: datetime) -> bool:
        if node.status is not Status.ACTIVE:
            return False
        if node.wants_snapshots:
            return is_due(node.snapshot_round, node.launched_at, self.every, now)
        # Its document wants none any more: those that there are go.
        return node.has_snapshots and is_due(
            node.snapshot_round, node.launched_at, AFTER_TROUBLE, now
        )

    def _may_begin(self, record: NodeRecord) -> bool:
        """Tell whether the round is due still, and nobody is at the node."""
        run, now = record.run, self.operations.clock.now()
        if run.status is not Status.ACTIVE or run.vm is None:
            return False
        if record.operation and not record.operation.finished_at:
            return False
        wants = wanted(record.document)
        every = self.every if wants else AFTER_TROUBLE
        has_reason = wants or bool(present(run))
        return has_reason and is_due(round_of(run), run.vm.launched_at, every, now)

    async def _plan(self, key: NodeKey, minute: datetime) -> None:
        item = DueItem(
            account_id=key.account_id, node_id=key.node_id, kind=DueKind.SNAPSHOT, due_at=minute
        )
        await self.stores.due.add(item)
