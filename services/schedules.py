"""The node's own schedule: pause, resume and recycle at cron times.

A due row says which moment is to be looked at. What is due then, the document of today says: so a
row of an older document, or one that comes twice or late, does nothing of its own; and each row
that is dealt with leaves the row of the next moment behind.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from services.actions import ASKED, Asked, NodeActions, actions_of, is_busy, refusal
from services.node_views import GOING
from services.operations import Due as DueRows
from services.operations import OperationStarter
from services.tick import Act
from shared.model.ids import NodeKey, node_key
from shared.model.problems import Rejected
from shared.model.run import DueItem, DueKind, LogEntry
from shared.policy.schedule import Due, chosen, due_by, next_moment, tasks_of
from store.node_rows import NodeRecord

BUSY_MAX: Final = timedelta(minutes=30)
"""How long a task waits for an operation that holds the node: longer than a recovery, short enough
that the task's hour is still the one that was chosen."""
_STAMP: Final = "%Y%m%d%H%M"


async def plan(
    rows: DueRows, node: tuple[NodeKey, int], document: Mapping[str, Any], after: datetime
) -> None:
    """Write the due row of the next moment of a document's schedule; nothing without one.

    `node` is the key and the document's version. To be called before the document is stored: a row
    too many does nothing, a row too few would forget a task. A repeat is the same row.
    """
    key, version = node
    moment = next_moment(tasks_of(dict(document)), after)
    if moment:
        await rows.add(
            DueItem(
                account_id=key.account_id,
                node_id=key.node_id,
                kind=DueKind.SCHEDULE,
                item_id=moment.strftime(_STAMP),
                due_at=moment,
                schedule_version=version,
            )
        )


@dataclass(frozen=True)
class Schedules:
    """The use-case of tasks that are due."""

    actions: NodeActions

    @property
    def acts(self) -> Mapping[str, Act]:
        """What is done about what is due, by its kind."""
        return {DueKind.SCHEDULE: self.act}

    async def act(self, item: DueItem, starter: OperationStarter) -> bool:
        """Do what the schedule asks for at a moment; False: the node is held, look again."""
        record = await self.actions.stores.nodes.get(node_key(item.account_id, item.node_id))
        if record is None or record.run.status in GOING:
            return True
        now = self.actions.operations.clock.now()
        since = datetime.strptime(item.item_id, _STAMP).replace(tzinfo=UTC)
        await plan(self.actions.stores.due, (record.key, record.version), record.document, now)
        due = due_by(tasks_of(record.document), since, now)
        task = chosen(due, now)
        is_over = task is None or await self._do(record, task, starter)
        for other in due if is_over else ():
            if task is not other:
                await self._skip(record, other, "something later is due, or it is too late")
        return is_over

    async def _do(self, record: NodeRecord, due: Due, starter: OperationStarter) -> bool:
        asked, now = ASKED[due.task.type], self.actions.operations.clock.now()
        if _is_done(record, asked, due):
            return True
        if is_busy(record) and now - due.at < BUSY_MAX:
            return False
        if is_busy(record) or asked.action not in actions_of(record):
            why = refusal(asked.action, record)
            await self._skip(record, due, why)
            return True
        try:
            await self.actions.look_up(record, asked)
        except Rejected as refused:
            await self._skip(record, due, str(refused))
            return True
        told = f"scheduled {due.task.type} ({due.task.cron_expression})"
        return await self.actions.begin(record, asked, starter, told)

    async def _skip(self, record: NodeRecord, due: Due, why: str) -> None:
        line = f"scheduled {due.task.type} at {due.at:%Y-%m-%d %H:%M} UTC skipped: {why}"
        now = self.actions.operations.clock.now()
        await self.actions.stores.log.write(record.key, [LogEntry(at=now, message=line)])


def _is_done(record: NodeRecord, asked: Asked, due: Due) -> bool:
    """Tell whether this very task was begun already: a tick may be killed after that."""
    operation = record.operation
    return operation is not None and operation.kind is asked.kind and operation.locked_at >= due.at
