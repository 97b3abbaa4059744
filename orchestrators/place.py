"""Place: rank, launch, rank again; and say how it ended."""

from orchestrators.launch import Blocked, Landed, Launched, Outdated, Unplaced, launch
from shared.contracts.base import Changed, Done, Ended, Refused
from shared.contracts.disk import DELETE_RESOURCES, DeleteResources
from shared.contracts.market import DECIDE, Decide, Nowhere
from shared.contracts.node import SETTLE, Claimed, SettleOperation
from shared.contracts.vm import VmFacts
from shared.durable import Context, Durable, pause
from shared.model.run import Row, Waiting
from shared.policy.footing import (
    CHANGES_MAX,
    LOOK_AGAIN_S,
    RANKINGS_MAX,
    ROUNDS_MAX,
    Footing,
    counted,
    footing,
    on_facts,
)
from shared.policy.landing import (
    ask_again,
    cleared,
    entry,
    held_up,
    landed,
    retry_attempts,
    spent,
    stopped_by_refusal,
    story_of,
)
from shared.policy.shun import next_ask
from shared.policy.traces import vm_to_look_at


class Idle(Row):
    """No market is open now."""

    footing: Footing
    nowhere: Nowhere


def place(context: Context, node: Claimed, facts: VmFacts | None, why: str) -> Durable[Ended]:
    """Find the node a market and bring it up there, or leave it waiting with a date."""
    now_on = footing(node, facts)
    for _ in range(RANKINGS_MAX):
        answer = yield from attempt(context, node, now_on, facts, why)
        if isinstance(answer, Landed):
            return (yield from land(context, node, answer))
        if isinstance(answer, Blocked):
            return (yield from block(context, node, answer))
        if isinstance(answer, Idle):
            return (yield from wait(context, node, answer))
        now_on = counted(now_on, answer.footing, changed=isinstance(answer, Outdated))
        if isinstance(answer, Unplaced) and now_on.rounds >= ROUNDS_MAX:
            break
        if isinstance(answer, Outdated) and now_on.changes >= CHANGES_MAX:
            reason = f"time and again: {answer.reason}"
            return (yield from block(context, node, Blocked(footing=now_on, reason=reason)))
    until = next_ask(context.current_utc_datetime, retry_attempts(node.run))
    full = Nowhere(reason=f"no room in any of {now_on.tries} markets tried", until=until)
    return (yield from wait(context, node, Idle(footing=now_on, nowhere=full)))


def attempt(
    context: Context, node: Claimed, now_on: Footing, facts: VmFacts | None, why: str
) -> Durable[Launched | Idle]:
    """Rank on the facts that the operation began with, later on facts read anew; then launch."""
    if now_on.changes:
        yield from pause(context, LOOK_AGAIN_S)
    look_at = vm_to_look_at(node, now_on)
    known = facts if now_on.vm_id and not look_at else None
    work = node.work.at(f"decide-{now_on.tries}", 30)
    ask = Decide(work=work, why=why, vm=known, look_at=look_at, knocked=bool(now_on.tries))
    decision = yield from DECIDE(context, ask)
    if isinstance(decision, Refused | Changed):
        return Blocked(footing=now_on, reason=f"{decision.code}: {decision.message}")
    now_on = on_facts(now_on, decision)
    if isinstance(decision, Nowhere):
        return Idle(footing=now_on, nowhere=decision)
    return (yield from launch(context, node, decision.moves, now_on))


def land(context: Context, node: Claimed, answer: Landed) -> Durable[Ended]:
    """Show the node ACTIVE first, then clear away what it no longer needs."""
    now = context.current_utc_datetime
    run = landed(node, answer.up, answer.rung, answer.footing, now)
    lines = [entry(now, story_of(answer.up, answer.rung))]
    if answer.up.warning:
        lines.append(entry(now, answer.up.warning, "WARN"))
    if answer.up.taken:
        # Whether Azure took it or a person stopped it, the notices tell, as for any other VM.
        lines.append(entry(now, f"{answer.up.vm.name} is down already", "WARN"))
    settle = SettleOperation(
        work=node.work.at("settle", 100),
        run=run,
        log=tuple(lines),
        keep=bool(run.leftovers),
    )
    yield from SETTLE(context, settle)
    if run.leftovers:
        work = node.work.at("clear-away", 100)
        gone = yield from DELETE_RESOURCES(
            context, DeleteResources(work=work, resource_ids=run.leftovers)
        )
        after = cleared(run, run.leftovers) if isinstance(gone, Done) else run
        lines = [] if isinstance(gone, Done) else [entry(now, f"{gone.code}: {gone.message}")]
        release = SettleOperation(work=node.work.at("release", 100), run=after, log=tuple(lines))
        yield from SETTLE(context, release)
    return Ended(outcome="active")


def wait(context: Context, node: Claimed, answer: Idle) -> Durable[Ended]:
    """Leave the node with all it has, and a date to try again."""
    now, nowhere, now_on = context.current_utc_datetime, answer.nowhere, answer.footing
    attempt = retry_attempts(node.run)
    waiting = Waiting(reason=nowhere.reason, until=nowhere.until, attempt=attempt)
    run = held_up(node, now_on, waiting, now)
    useless = spent(run, now_on)
    if useless:
        work = node.work.at("clear-away", 90)
        gone = yield from DELETE_RESOURCES(
            context, DeleteResources(work=work, resource_ids=useless)
        )
        run = cleared(run, useless) if isinstance(gone, Done) else run
    settle = SettleOperation(
        work=node.work.at("settle", 100),
        run=run,
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
