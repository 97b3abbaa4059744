"""Snapshot disks: copy the disks of a running VM, in case its zone goes down with them."""

from shared.contracts.base import Ended, OperationInput
from shared.contracts.node import CLAIM, SETTLE, ClaimOperation, NotOurs, SettleOperation
from shared.contracts.snapshots import TAKE_SNAPSHOTS, TakeSnapshots
from shared.durable import Context, Durable
from shared.model.seen import SnapshotRound
from shared.policy.landing import entry
from shared.policy.snapshots import after_round, disks_to_snapshot, present


def snapshot_disks(context: Context, request: OperationInput) -> Durable[Ended]:
    """Take a round of snapshots; the VM runs on, and nothing waits for the copies."""
    # 1. Claim the node: it is held for some seconds, and stays ACTIVE.
    claim = ClaimOperation(key=request.key, operation_id=request.operation_id, status=None)
    node = yield from CLAIM(context, claim)
    if isinstance(node, NotOurs):
        return Ended(outcome="not_ours", reason=node.reason)

    # 2. Begin a snapshot of each disk, look at the earlier ones, delete what nobody needs.
    now, disks = context.current_utc_datetime, disks_to_snapshot(node.document, node.run)
    ask = TakeSnapshots(
        work=node.work.at("snapshots", 50),
        at=now,
        disks=disks,
        generation=node.run.generation,
        earlier=present(node.run),
    )
    answer = yield from TAKE_SNAPSHOTS(context, ask)

    # 3. Note what there is now: what went wrong is told, and tried again in half an hour.
    latest = SnapshotRound(at=now, is_troubled=bool(answer.troubles))
    run = after_round(node.run, disks, answer.taken, latest)
    told = tuple(entry(now, f"snapshot: {one}", "WARN") for one in answer.troubles)
    settle = SettleOperation(work=node.work.at("settle", 100), run=run, log=told)
    yield from SETTLE(context, settle)
    return Ended(outcome="active", reason="; ".join(answer.troubles))
