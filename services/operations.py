"""Operations: how a use-case hands work to a workflow so that nothing can lose it.

Order of writes: the op_watch due row, then the lock, then the start. A crash between any two
leaves a lock that the watch finds and starts, or a due row that names nobody and is dropped.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol

from services.refusals import StartLost
from shared.clock import Clock
from shared.contracts.base import OperationInput
from shared.model.ids import NodeKey, OperationId
from shared.model.run import DueItem, DueKind, Operation, OperationKind

OP_WATCH_S: Final = 60
"""Seconds after which an operation that was locked but not started is started by the tick: the
next bucket of the due index, so a lost start costs a minute."""

_log = logging.getLogger(__name__)


class OperationStarter(Protocol):
    """Starts the orchestration of an operation."""

    async def start(self, key: NodeKey, operation: Operation) -> None:
        """Start it under the operation's id; a repeat changes nothing. Raises `StartLost`."""
        ...


class Due(Protocol):
    """The part of the due index that is needed here."""

    async def add(self, item: DueItem) -> object:
        """Write an item."""
        ...


@dataclass(frozen=True)
class Operations:
    """Makes operations and starts them."""

    due: Due
    clock: Clock
    new_id: Callable[[], str]
    """Eight hex digits, never twice the same; seeded in tests."""

    def make(self, key: NodeKey, kind: OperationKind, **more: Any) -> Operation:
        """Return a new operation; `more` goes into the orchestration's input."""
        operation_id = OperationId(f"{key.node_id}-{kind}-{self.new_id()}")
        request = OperationInput(key=key, operation_id=operation_id).model_dump(mode="json")
        return Operation(
            id=operation_id,
            kind=kind,
            orchestrator=kind.value,
            input=json.dumps(request | more),
            locked_at=self.clock.now(),
        )

    async def watch(self, key: NodeKey, operation: Operation) -> None:
        """Write the due row that finds this operation if its start is lost."""
        await self.due.add(
            DueItem(
                account_id=key.account_id,
                node_id=key.node_id,
                kind=DueKind.OP_WATCH,
                item_id=operation.id,
                due_at=self.clock.now() + timedelta(seconds=OP_WATCH_S),
            )
        )

    async def start(self, key: NodeKey, operation: Operation, starter: OperationStarter) -> None:
        """Start a locked operation, or leave it to the watch."""
        try:
            await starter.start(key, operation)
        except StartLost as lost:
            _log.warning(
                "operation.start_lost", extra={"operation": operation.id, "why": str(lost)}
            )
