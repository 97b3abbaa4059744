"""Replace: bring an evicted node back."""

from datetime import datetime

from orchestrators.launch import Blocked
from orchestrators.place import block, place
from shared.contracts.base import Changed, Ended, OperationInput, Refused
from shared.contracts.node import CLAIM, SETTLE, ClaimOperation, NotOurs, SettleOperation
from shared.contracts.vm import AWAIT_DOWN, AwaitDown, StillUp, VmFacts
from shared.durable import Context, Durable
from shared.model.run import Status
from shared.policy.footing import footing
from shared.policy.landing import entry, false_alarm


class ReplaceNode(OperationInput):
    """Input of replace."""

    why: str = "evicted"
    deadline: datetime | None = None
    """When Azure begins to take the VM, if a notice said so."""


def replace(context: Context, request: ReplaceNode) -> Durable[Ended]:
    """Bring a node back whose VM Azure has taken, or takes now."""
    # 1. Claim the node: one operation at a time, and none twice.
    claim = ClaimOperation(
        key=request.key, operation_id=request.operation_id, status=Status.RESUMING
    )
    node = yield from CLAIM(context, claim)
    if isinstance(node, NotOurs):
        return Ended(outcome="not_ours", reason=node.reason)

    # 2. Wait until the VM is down: no call takes a disk from a VM that is still going down.
    facts: VmFacts | None = None
    if node.run.vm:
        wait = AwaitDown(
            work=node.work.at("await-down", 10),
            vm_resource_id=node.run.vm.id,
            vm_id=node.run.vm.vm_id,
            deadline=request.deadline,
        )
        seen = yield from AWAIT_DOWN(context, wait)
        if isinstance(seen, Refused | Changed):
            there = footing(node, VmFacts(exists=True, id=node.run.vm.id))
            stop = Blocked(footing=there, reason=f"{seen.code}: {seen.message}")
            return (yield from block(context, node, stop))
        if isinstance(seen, StillUp):
            now = context.current_utc_datetime
            line = entry(now, f"false alarm: {seen.facts.id} runs", "WARN")
            run = false_alarm(node, now)
            calm = SettleOperation(work=node.work.at("settle", 100), run=run, log=(line,))
            yield from SETTLE(context, calm)
            return Ended(outcome="active", reason="false alarm")
        facts = seen.facts

    # 3. Place it: rank the markets and the ways to them, and bring it up, or wait with a date.
    return (yield from place(context, node, facts, request.why))
