"""Place: rank, launch, rank again; and say how it ended."""

from orchestrators.launch import Blocked, Landed, launch
from shared.contracts.base import Done, Ended
from shared.contracts.disk import DELETE_RESOURCES, DeleteResources
from shared.contracts.market import DECIDE, Decide, Nowhere
from shared.contracts.node import SETTLE, Claimed, SettleOperation
from shared.contracts.vm import VmFacts
from shared.durable import Context, Durable
from shared.model.run import Waiting
from shared.policy.footing import ROUNDS_MAX, Footing, footing
from shared.policy.landing import (
    ask_again,
    cleared,
    entry,
    held_up,
    landed,
    retry_attempts,
    stopped_by_refusal,
    story_of,
)
from shared.policy.shun import next_ask


def place(context: Context, node: Claimed, facts: VmFacts | None, why: str) -> Durable[Ended]:
    """Find the node a market and bring it up there, or leave it waiting with a date."""
    now_on = footing(node, facts)
    for _ in range(ROUNDS_MAX):
        standing = facts if now_on.vm_id else None
        work = node.work.at(f"decide-{now_on.tries}", 30)
        decision = yield from DECIDE(context, Decide(work=work, why=why, vm=standing))
        if isinstance(decision, Nowhere):
            return (yield from wait(context, node, now_on, decision))
        answer = yield from launch(context, node, decision.moves, now_on)
        if isinstance(answer, Landed):
            return (yield from land(context, node, answer))
        if isinstance(answer, Blocked):
            return (yield from block(context, node, answer))
        now_on = answer.footing
    until = next_ask(context.current_utc_datetime, retry_attempts(node.run))
    full = Nowhere(reason=f"no room in any of {now_on.tries} markets tried", until=until)
    return (yield from wait(context, node, now_on, full))


def land(context: Context, node: Claimed, answer: Landed) -> Durable[Ended]:
    """Show the node ACTIVE first, then clear away what it no longer needs."""
    now = context.current_utc_datetime
    run = landed(node, answer.up, answer.rung, answer.footing, now)
    lines = [entry(now, story_of(answer.up, answer.rung))]
    if answer.up.warning:
        lines.append(entry(now, answer.up.warning, "WARN"))
    settle = SettleOperation(
        work=node.work.at("settle", 100), run=run, log=tuple(lines), keep=bool(run.leftovers)
    )
    yield from SETTLE(context, settle)
    if run.leftovers:
        work = node.work.at("clear-away", 100)
        gone = yield from DELETE_RESOURCES(
            context, DeleteResources(work=work, resource_ids=run.leftovers)
        )
        after = cleared(run) if isinstance(gone, Done) else run
        lines = [] if isinstance(gone, Done) else [entry(now, f"{gone.code}: {gone.message}")]
        release = SettleOperation(work=node.work.at("release", 100), run=after, log=tuple(lines))
        yield from SETTLE(context, release)
    return Ended(outcome="active")


def wait(context: Context, node: Claimed, now_on: Footing, nowhere: Nowhere) -> Durable[Ended]:
    """Leave the node with all it has, and a date to try again."""
    now = context.current_utc_datetime
    attempt = retry_attempts(node.run)
    waiting = Waiting(reason=nowhere.reason, until=nowhere.until, attempt=attempt)
    settle = SettleOperation(
        work=node.work.at("settle", 100),
        run=held_up(node, now_on, waiting, now),
        log=(entry(now, f"{nowhere.reason}; next try at {nowhere.until:%H:%M:%S} UTC", "WARN"),),
        due=(ask_again(node, nowhere.until),),
    )
    yield from SETTLE(context, settle)
    return Ended(outcome="waiting", reason=nowhere.reason)


def block(context: Context, node: Claimed, answer: Blocked) -> Durable[Ended]:
    """Stop where Azure refuses for good: a person must look; nothing is given up meanwhile."""
    now = context.current_utc_datetime
    run = stopped_by_refusal(node, answer.footing, answer.reason, now)
    line = entry(now, f"stopped: {answer.reason}", "ERROR")
    yield from SETTLE(
        context, SettleOperation(work=node.work.at("settle", 100), run=run, log=(line,))
    )
    return Ended(outcome="refused", reason=answer.reason)
