"""From what is heard of a node's VM to what is done about it.

Hearing is cheap and safe to repeat: write the notice, weigh all that is known, and start a
replacement if the verdict is an eviction. Whoever loses a race leaves a due item behind, so that
nothing heard is forgotten. A verdict that a running VM would belie is acted on only after Azure was
asked: notices can be hours late, lists can lag, and people start VMs by hand.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from azure.core.exceptions import AzureError

from services.operations import Operations, OperationStarter
from shared.model.ids import NodeKey
from shared.model.run import (
    DueItem,
    DueKind,
    LogEntry,
    Notice,
    OperationKind,
    Status,
    Vm,
)
from shared.names import same_id
from shared.policy.usage import running_of
from shared.policy.verdict import (
    Evicted,
    Hold,
    Nothing,
    Restarted,
    UserStop,
    Verdict,
    seen_running,
    verdict,
    would_overturn,
)
from store.node_rows import NodeRecord
from store.stores import Stores

WEIGHED: Final = frozenset({Status.ACTIVE, Status.STOPPED})
"""Statuses in which a VM's end matters; in all others an operation or a wait deals with it."""
UP: Final = frozenset({"running", "starting"})
"""Power states of a VM that nobody has to bring back."""
AGAIN_S: Final = 60
"""When a running operation holds the node, or Azure does not answer, the verdict is asked for again
after this: at the next tick but one."""

Ask = Callable[[NodeKey, Vm], Awaitable[str]]
"""Azure's word on a VM's power now; empty if that VM is no more. Raises AzureError."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Evictions:
    """The use-cases of eviction notices."""

    stores: Stores
    operations: Operations
    ask: Ask | None = None
    """None: Azure cannot be asked from here, and what was heard decides alone."""

    async def hear(self, notice: Notice, starter: OperationStarter) -> bool:
        """Write a notice and act on it; False: the VM is no node's body, or not any more."""
        found = await self.stores.vms.find(notice.vm_resource_id)
        if found is None:
            return False
        key, generation = found
        record = await self.stores.nodes.get(key)
        if record is None:  # the node was deleted, and its earlier bodies' rows were left behind
            await self.stores.vms.remove(notice.vm_resource_id, generation)
            return False
        vm = record.run.vm
        if vm and generation < record.run.generation and not same_id(vm.id, notice.vm_resource_id):
            return False
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
        case = _Case(record, heard, self.operations.clock.now())
        try:
            found = await self._looked(case)
        except AzureError as error:
            _log.warning("verdict.put_off", extra={"node": key.node_id, "why": str(error)})
            await self._ask_again(key, case.now + timedelta(seconds=AGAIN_S))
            return
        await self._act(record, found, starter)

    async def _looked(self, case: "_Case") -> Verdict:
        """Return the verdict; first look at the VM, if that could change it."""
        found, vm, key = case.verdict(), case.record.run.vm, case.record.key
        if self.ask and vm and case.would_end_rest(found) and await self.ask(key, vm) not in UP:
            return Nothing("the VM is down, whatever a list that lags has shown")
        if self.ask is None or vm is None or not case.acts_on(found) or not case.is_doubtful():
            return found
        if await self.ask(key, vm) not in UP:
            return found
        seen = seen_running(vm, case.now)
        await self.stores.notices.add(key, seen)
        return replace(case, heard=[*case.heard, seen]).verdict()

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
        await self.stores.usage.mark(record.key, None, self.operations.clock.now())

    async def _note(self, record: NodeRecord, status: Status, message: str) -> None:
        """Show what somebody else did to the VM: a moment's operation that changes only our row."""
        now = self.operations.clock.now()
        operation = self.operations.make(record.key, OperationKind.OBSERVE)
        await self.operations.watch(record.key, operation)
        if not await self.stores.nodes.lock(record, operation):
            await self._ask_again(record.key, now + timedelta(seconds=AGAIN_S))
            return
        changes = {"status": status, "rests_since": None, "updated_at": now}
        run = record.run.model_copy(update=changes)
        await self._say(record.key, message, "INFO")
        await self.stores.usage.mark(record.key, running_of(run), now)
        await self.stores.nodes.finish(record.key, operation.id, run, now)

    async def _ask_again(self, key: NodeKey, at: datetime) -> None:
        # Ticks come at full minutes: all that wait for one of them share a row.
        minute = at.replace(second=0, microsecond=0)
        due_at = minute if minute == at else minute + timedelta(minutes=1)
        item = DueItem(
            account_id=key.account_id, node_id=key.node_id, kind=DueKind.VERDICT, due_at=due_at
        )
        await self.stores.due.add(item)

    async def _say(self, key: NodeKey, message: str, severity: str) -> None:
        now = self.operations.clock.now()
        await self.stores.log.write(key, [LogEntry(at=now, message=message, severity=severity)])


@dataclass(frozen=True)
class _Case:
    """A node, and what was heard of its VM."""

    record: NodeRecord
    heard: list[Notice]
    now: datetime

    def verdict(self) -> Verdict:
        """Fuse what was heard."""
        return verdict(self.record.run, self.heard, self.now, self._vm_admins())

    def acts_on(self, found: Verdict) -> bool:
        """Tell whether the node changes by this verdict for good."""
        active = self.record.run.status is Status.ACTIVE
        return isinstance(found, Evicted) or (isinstance(found, UserStop) and active)

    def would_end_rest(self, found: Verdict) -> bool:
        """Tell whether a node that rests by its owner's wish would rest no more."""
        return isinstance(found, Restarted) and self.record.run.rests_since is not None

    def is_doubtful(self) -> bool:
        """Tell whether a look at the VM could change the verdict."""
        return would_overturn(self.record.run, self.heard, self.now, self._vm_admins())

    def _vm_admins(self) -> list[str] | None:
        return (self.record.document.get("strategy") or {}).get("vmAdmins")
