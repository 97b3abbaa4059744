"""Health: who looks at which VM and when, and what is done about one that is not well.

The state of each VM is in the fleet list that is had each minute anyway. Checks that need a read of
each VM are due rows, spread over minutes so that Azure is asked for a fifth of what it grants. Only
what has changed is written, by a moment's operation; a VM that is to be replaced is recycled.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from azure.core.exceptions import AzureError

from services.at_once import at_once
from services.fleet import Sight
from services.operations import Operations, OperationStarter
from services.turns import in_turn
from shared.model.ids import NodeKey, node_key
from shared.model.run import DueItem, DueKind, LogEntry, OperationKind, Status, Vm
from shared.model.seen import HealthSeen, VmHealth
from shared.policy.health import (
    VM_STATE,
    HealthRules,
    after,
    in_grace,
    must_heal,
    overall,
    rules_of,
    vm_state,
    why,
)
from store.node_rows import NodeRecord
from store.stores import Stores
from store.summary import NodeSummary

LOOKS_A_MINUTE: Final = 300
"""VMs of one account read each minute for their health: a fifth of the reads that Azure grants one
principal in one subscription (25 a second). Source: Azure docs, request-limits-and-throttling."""
CALM_MIN: Final = 3
"""Minutes between two reads of a VM that is well; one that is not is read each minute."""
UP: Final = frozenset({"running", "starting"})

Ask = Callable[[NodeKey, Vm], Awaitable[str]]
"""Azure's word on a VM's power now; empty if that VM is no more. Raises AzureError."""
Check = Callable[[NodeRecord, HealthRules], Awaitable[Mapping[str, VmHealth]]]
"""What the checks that need reads say of the node's VM. Raises AzureError."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Health:
    """The use-cases of health."""

    stores: Stores
    operations: Operations
    ask: Ask
    check: Check

    async def watch(self, sight: Sight, starter: OperationStarter) -> None:
        """Take in what a look at the fleet says, and plan the reads of this minute."""
        judged = [one for one in sight.nodes if _is_judged(one, sight.began)]
        reads = [one for one in judged if one.health_rules and one.health_rules.needs_reads]
        minute = sight.began.replace(second=0, microsecond=0)
        works = [partial(self._told, one, sight, starter) for one in judged]
        works += [partial(self._reset, one) for one in sight.nodes if _is_stale(one)]
        works += [partial(self._plan, one, minute) for one in chosen(reads, minute)]
        await at_once(works)

    async def act(self, item: DueItem, starter: OperationStarter) -> bool:
        """Read a VM whose look is due. Always over: the next look is planned by the next minute."""
        record = await self.stores.nodes.get(node_key(item.account_id, item.node_id))
        rules = rules_of(record.document) if record else None
        if record is None or rules is None or not _may_look(record, rules, self._now()):
            return True
        began = self._now()
        looks = await self._read(record, rules)
        if looks is not None:
            await self._weigh(record.key, _Looks(looks, began, is_read=True), starter)
        return True

    async def _read(self, record: NodeRecord, rules: HealthRules) -> Mapping[str, VmHealth] | None:
        """Return what a read of the VM says; None: Azure does not answer, or refuses."""
        try:
            return await self.check(record, rules)
        except AzureError as error:
            more = {"node": record.key.node_id, "why": f"{type(error).__name__}: {error}"}
            _log.warning("health.not_seen", extra=more)
            return None

    async def _told(self, node: NodeSummary, sight: Sight, starter: OperationStarter) -> None:
        """Weigh what the list says of one VM, if that is news or its time is up."""
        rules, launched_at = node.health_rules, node.launched_at
        if rules is None or launched_at is None:
            return
        looks: dict[str, VmHealth] = {}
        if VM_STATE in rules.checks:
            looks[VM_STATE] = vm_state(sight.powers.get((node.vm_resource_id or "").lower()))
        seen = after(node.health_seen, launched_at, rules, looks, sight.began)
        if seen != node.health_seen or must_heal(seen, rules, self._now()):
            await self._weigh(node.key, _Looks(looks, sight.began), starter)

    async def _weigh(self, key: NodeKey, looks: "_Looks", starter: OperationStarter) -> None:
        """Add looks to what is known of the present VM, and act. Safe to repeat."""
        record = await self.stores.nodes.get(key)
        rules = rules_of(record.document) if record else None
        if record is None or rules is None or not _may_look(record, rules, looks.began):
            return
        vm = record.run.vm
        if vm is None or vm.launched_at is None:
            return
        seen = after(record.run.health_seen, vm.launched_at, rules, looks.states, looks.began)
        if must_heal(seen, rules, self._now()):
            if rules.needs_reads and not looks.is_read:  # nothing is replaced on an old look
                await self._look_again(record, rules, looks, starter)
                return
            if await self._is_up(key, vm):
                await self._heal(record, why(seen, rules), starter)
                return
        await self._note(record, seen, overall(seen, rules))

    async def _look_again(
        self, record: NodeRecord, rules: HealthRules, looks: "_Looks", starter: OperationStarter
    ) -> None:
        read = await self._read(record, rules)
        if read is not None:
            fresh = _Looks({**looks.states, **read}, looks.began, is_read=True)
            await self._weigh(record.key, fresh, starter)

    async def _is_up(self, key: NodeKey, vm: Vm) -> bool:
        """Tell whether there is a VM to be released: one that is down is a matter of verdicts."""
        try:
            return await self.ask(key, vm) in UP
        except AzureError as error:
            _log.warning("health.not_seen", extra={"vm": vm.id, "why": str(error)})
            return False

    async def _heal(self, record: NodeRecord, reason: str, starter: OperationStarter) -> None:
        operation = self.operations.make(record.key, OperationKind.RECYCLE)
        await self.operations.watch(record.key, operation)
        if not await self.stores.nodes.lock(record, operation):
            return  # whoever was quicker changes the VM, or the next look comes back to it
        await self._say(record.key, f"unhealthy, replacing the VM: {reason}", "WARN")
        await self.operations.start(record.key, operation, starter)

    async def _note(self, record: NodeRecord, seen: HealthSeen | None, state: VmHealth) -> None:
        """Show what has changed: a moment's operation that writes our own row alone."""
        run = record.run
        if run.health_seen == seen and run.vm_health == state:
            return
        operation = self.operations.make(record.key, OperationKind.OBSERVE)
        await self.operations.watch(record.key, operation)
        if not await self.stores.nodes.lock(record, operation):
            return
        changes = {"health_seen": seen, "vm_health": state.value}
        if run.vm_health != state:
            await self._tell(record, seen, state)
        await self.stores.nodes.finish(
            record.key, operation.id, run.model_copy(update=changes), self._now()
        )

    async def _tell(self, record: NodeRecord, seen: HealthSeen | None, state: VmHealth) -> None:
        rules = rules_of(record.document)
        reason = f": {why(seen, rules)}" if seen and rules else ": no check is asked for"
        severity = "WARN" if state is VmHealth.UNHEALTHY else "INFO"
        await self._say(record.key, f"the VM is {state}{reason}", severity)

    async def _reset(self, node: NodeSummary) -> None:
        """Show nothing any more where no check is asked for any more."""
        record = await self.stores.nodes.get(node.key)
        if record is None or record.run.status is not Status.ACTIVE or _is_held(record):
            return
        if rules_of(record.document) is None:
            await self._note(record, None, VmHealth.UNKNOWN)

    async def _plan(self, node: NodeSummary, minute: datetime) -> None:
        key = node.key
        item = DueItem(
            account_id=key.account_id, node_id=key.node_id, kind=DueKind.HEALTH, due_at=minute
        )
        await self.stores.due.add(item)

    async def _say(self, key: NodeKey, message: str, severity: str) -> None:
        line = LogEntry(at=self._now(), message=message, severity=severity)
        await self.stores.log.write(key, [line])

    def _now(self) -> datetime:
        return self.operations.clock.now()


@dataclass(frozen=True)
class _Looks:
    """What checks said of one VM."""

    states: Mapping[str, VmHealth]
    began: datetime
    is_read: bool = False
    """True: the VM itself was read, so that all its checks are in it."""


def chosen(nodes: Sequence[NodeSummary], minute: datetime) -> list[NodeSummary]:
    """Return the nodes whose VMs are read in this minute: those that are not well come first.

    Each node has its own minute of the period, by its id. Where there are too many for a minute's
    reads the period is longer; all have their turn.
    """
    ill = [one for one in nodes if one.vm_health != VmHealth.HEALTHY]
    well = [one for one in nodes if one.vm_health == VmHealth.HEALTHY]
    now = in_turn(ill, minute, LOOKS_A_MINUTE)
    return now + in_turn(well, minute, max(1, LOOKS_A_MINUTE - len(now)), CALM_MIN)


def _is_judged(node: NodeSummary, now: datetime) -> bool:
    rules = node.health_rules
    return bool(
        rules and node.status is Status.ACTIVE and not in_grace(node.launched_at, rules, now)
    )


def _is_stale(node: NodeSummary) -> bool:
    """Tell whether a node shows what checks said that are not asked for any more."""
    return node.status is Status.ACTIVE and not node.health_rules and node.health_seen is not None


def _may_look(record: NodeRecord, rules: HealthRules, now: datetime) -> bool:
    """Tell whether the node has a VM to be judged: up for long enough, and nobody is at it."""
    vm = record.run.vm
    if record.run.status is not Status.ACTIVE or vm is None or _is_held(record):
        return False
    return not in_grace(vm.launched_at, rules, now)


def _is_held(record: NodeRecord) -> bool:
    return record.operation is not None and record.operation.finished_at is None
