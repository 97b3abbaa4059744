"""From what is heard of a node's VM to what is done about it.

Hearing is cheap and safe to repeat: write the notice, weigh all that is known, and start a
replacement if the verdict is an eviction. Whoever loses a race leaves a due item behind, so that
nothing heard is forgotten.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from services.operations import Operations, OperationStarter
from shared.model.ids import NodeKey
from shared.model.run import DueItem, DueKind, LogEntry, Notice, OperationKind, Status
from shared.policy.verdict import (
    Evicted,
    Hold,
    Nothing,
    Restarted,
    UserStop,
    Verdict,
    verdict,
)
from store.node_rows import NodeRecord
from store.stores import Stores

WEIGHED: Final = frozenset({Status.ACTIVE, Status.STOPPED})
"""Statuses in which a VM's end matters; in all others an operation or a wait deals with it."""
AGAIN_S: Final = 60
"""When a running operation holds the node, the verdict is asked for again after this."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Evictions:
    """The use-cases of eviction notices."""

    stores: Stores
    operations: Operations

    async def hear(self, notice: Notice, starter: OperationStarter) -> bool:
        """Write a notice and act on it; False: the VM is nobody's."""
        found = await self.stores.vms.find(notice.vm_resource_id)
        if found is None:
            return False
        key, _generation = found
        await self.stores.notices.add(key, notice)
        await self.weigh(key, starter)
        return True

    async def weigh(self, key: NodeKey, starter: OperationStarter) -> None:
        """Judge all that was heard of the node's present VM, and act. Safe to repeat."""
        record = await self.stores.nodes.get(key)
        if record is None or record.run.vm is None:
            return
        if record.operation and not record.operation.finished_at:
            await self._ask_again(key, self.operations.clock.now() + timedelta(seconds=AGAIN_S))
            return
        if record.run.status not in WEIGHED:
            return
        heard = await self.stores.notices.since(key, record.run.notices_read)
        admins = record.document.get("strategy", {}).get("vmAdmins")
        found = verdict(record.run, heard, self.operations.clock.now(), admins)
        await self._act(record, found, starter)

    async def _act(self, record: NodeRecord, found: Verdict, starter: OperationStarter) -> None:
        match found:
            case Evicted():
                await self._replace(record, found, starter)
            case Hold():
                await self._ask_again(record.key, found.until)
            case UserStop() if record.run.status is Status.ACTIVE:
                actor = found.actor or "somebody who may"
                await self._note(record, Status.STOPPED, f"stopped by {actor}; it stays down")
            case Restarted() if record.run.status is Status.STOPPED:
                await self._note(record, Status.ACTIVE, "the VM runs again")
            case UserStop() | Restarted() | Nothing():
                pass

    async def _replace(self, record: NodeRecord, found: Evicted, starter: OperationStarter) -> None:
        more: dict[str, Any] = {"why": f"{found.cause}: {'; '.join(found.evidence)}"}
        if found.deadline:
            more["deadline"] = found.deadline.isoformat()
        operation = self.operations.make(record.key, OperationKind.REPLACE, **more)
        await self.operations.watch(record.key, operation)
        if not await self.stores.nodes.lock(record, operation):
            soon = self.operations.clock.now() + timedelta(seconds=AGAIN_S)
            await self._ask_again(record.key, soon)
            return
        await self._say(record.key, f"replacing the VM: {more['why']}", "WARN")
        await self.operations.start(record.key, operation, starter)

    async def _note(self, record: NodeRecord, status: Status, message: str) -> None:
        """Show what somebody else did to the VM: a moment's operation that changes only our row."""
        now = self.operations.clock.now()
        operation = self.operations.make(record.key, OperationKind.OBSERVE)
        await self.operations.watch(record.key, operation)
        if not await self.stores.nodes.lock(record, operation):
            await self._ask_again(record.key, now + timedelta(seconds=AGAIN_S))
            return
        run = record.run.model_copy(update={"status": status, "updated_at": now})
        await self._say(record.key, message, "INFO")
        await self.stores.nodes.finish(record.key, operation.id, run, now)

    async def _ask_again(self, key: NodeKey, at: datetime) -> None:
        await self.stores.due.add(
            DueItem(account_id=key.account_id, node_id=key.node_id, kind=DueKind.VERDICT, due_at=at)
        )

    async def _say(self, key: NodeKey, message: str, severity: str) -> None:
        now = self.operations.clock.now()
        await self.stores.log.write(key, [LogEntry(at=now, message=message, severity=severity)])
