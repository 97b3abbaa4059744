"""Retire: what becomes of a disk that its node has given up.

A part of detach disk and swap OS disk; it ends their operation.
"""

from shared.contracts.base import Changed, Done, Ended, Refused
from shared.contracts.disk import DELETE_UNUSED, LET_GO, DeleteUnused, LetGo
from shared.contracts.node import SETTLE, Claimed, SettleOperation
from shared.durable import Context, Durable
from shared.model.run import DiskRef, LogEntry, Row, RunState
from shared.policy.landing import entry
from shared.policy.retained import (
    Retirement,
    as_swept,
    dues,
    retained,
    swept,
    tidings,
    with_retained,
)


class Without(Row):
    """A node that has given a disk up."""

    run: RunState
    """As it is now."""
    disk: DiskRef
    log: tuple[LogEntry, ...]


def retire(
    context: Context, node: Claimed, change: Without, retirement: Retirement
) -> Durable[Ended]:
    """Record the node without the disk, and see to the disk; whatever becomes of it, that is so."""
    disk, log = change.disk, change.log

    # 1. Let go of a disk that is its user's from now on.
    if not retirement.deletes:
        free = LetGo(work=node.work.at("let-go", 80), resource_ids=(disk.id,))
        left = yield from LET_GO(context, free)
        if not isinstance(left, Done):
            told = f"{disk.name} is left with our tags on: {left.code}: {left.message}"
            log = (*log, entry(context.current_utc_datetime, told, "WARN"))
        settle = SettleOperation(work=node.work.at("settle", 100), run=change.run, log=log)
        yield from SETTLE(context, settle)
        return Ended(outcome="settled")

    # 2. Keep it until its time is over: in the node's row, and in the due index.
    kept = retained(disk, retirement, context.current_utc_datetime)
    run = with_retained(change.run, kept)
    record = SettleOperation(
        work=node.work.at("record", 80),
        run=run,
        log=log,
        due=dues(node.work.key, (kept,)),
        keep=retirement.at_once,
    )
    yield from SETTLE(context, record)
    if not retirement.at_once:
        return Ended(outcome="settled")

    # 3. Delete it now, if its time is over already.
    sweep = DeleteUnused(work=node.work.at("deallocate", 90), resource_ids=(disk.id,))
    answer = as_swept((yield from DELETE_UNUSED(context, sweep)), (disk.id,))
    now = context.current_utc_datetime
    run = swept(run, answer, now)
    last = SettleOperation(
        work=node.work.at("settle", 100),
        run=run,
        log=tidings(answer, now),
        due=dues(node.work.key, run.retained),
    )
    yield from SETTLE(context, last)
    return Ended(outcome="settled")


def unchanged(
    context: Context, node: Claimed, what: str, answer: Refused | Changed
) -> Durable[Ended]:
    """Leave the node as it was, and say why the change did not come about."""
    reason = f"{answer.code}: {answer.message}"
    line = entry(context.current_utc_datetime, f"{what}: {reason}", "ERROR")
    settle = SettleOperation(work=node.work.at("settle", 100), run=node.run, log=(line,))
    yield from SETTLE(context, settle)
    return Ended(outcome="refused", reason=reason)
