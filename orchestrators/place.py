"""Place: rank, launch, rank again; and say how it ended."""

from typing import Final

from orchestrators.launch import Blocked, Landed, Launched, Outdated, Unplaced, launch
from shared.contracts.base import Changed, Done, Ended, Refused
from shared.contracts.disk import DELETE_RESOURCES, DeleteResources
from shared.contracts.market import DECIDE, Decide, Nowhere
from shared.contracts.node import SETTLE, Claimed, SettleOperation
from shared.contracts.vm import (
    DEALLOCATE_VM,
    LOOK_AT_VM,
    DeallocateVm,
    LookAtVm,
    VmFacts,
    VmSeen,
)
from shared.durable import Context, Durable, pause
from shared.model.market import Move
from shared.model.run import Row, Waiting
from shared.policy.footing import (
    CHANGES_MAX,
    LOOK_AGAIN_S,
    RANKINGS_MAX,
    ROUNDS_MAX,
    VM_FAILURES_MAX,
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
    market_of,
    on_unready,
    retry_attempts,
    spent,
    stopped_by_refusal,
    story_of,
    stranded,
    turned_away,
)
from shared.policy.retained import dues
from shared.policy.shun import next_ask
from shared.policy.snapshots import stranded_told
from shared.policy.strays import STRAY, TAKEN_OFF, passed_by, strays_told
from shared.policy.traces import vm_to_look_at


class Idle(Row):
    """No market is open now."""

    footing: Footing
    nowhere: Nowhere


class Ways(Row):
    """Ways that no ranking finds."""

    first: Move | None = None
    """Tried before any ranking: the VM is to be started as it is."""
    back: Move | None = None
    """Tried when all else was in vain: to where the VM that was given up had been."""


Found = Landed | Blocked | Idle
RANKED_ONLY: Final = Ways()


def place(
    context: Context, node: Claimed, facts: VmFacts | None, why: str, ways: Ways = RANKED_ONLY
) -> Durable[Ended]:
    """Find the node a market and bring it up there, or leave it waiting with a date."""
    node, found = yield from search(context, node, Quest(facts=facts, why=why, first=ways.first))
    if ways.back and not isinstance(found, Landed):
        node, found = yield from go_back(context, node, ways.back, found)
    if isinstance(found, Landed):
        return (yield from land(context, node, found))
    if isinstance(found, Blocked):
        return (yield from block(context, node, found))
    return (yield from wait(context, node, found))


class Quest(Row):
    """What a search begins with."""

    facts: VmFacts | None
    why: str
    first: Move | None


def search(context: Context, node: Claimed, quest: Quest) -> Durable[tuple[Claimed, Found]]:
    """Rank and launch, and rank anew, until the node has landed or there is no use in it now."""
    now_on = footing(node, quest.facts)
    for _ in range(RANKINGS_MAX):
        answer = yield from attempt(context, node, now_on, quest)
        if isinstance(answer, Landed) and answer.up.unready:
            node, answer = yield from turn_away(context, node, answer)
        if isinstance(answer, Outdated) and answer.footing.strays:
            node, answer = yield from pass_by(context, node, answer)
        if isinstance(answer, Landed | Blocked | Idle):
            return node, answer
        now_on = counted(now_on, answer.footing, changed=isinstance(answer, Outdated))
        if isinstance(answer, Unplaced) and now_on.rounds >= ROUNDS_MAX:
            break
        if isinstance(answer, Outdated) and now_on.changes >= CHANGES_MAX:
            reason = f"time and again: {answer.reason}"
            return node, Blocked(footing=now_on, reason=reason)
    until = next_ask(context.current_utc_datetime, retry_attempts(node.run))
    full = Nowhere(reason=f"no room in any of {now_on.tries} markets tried", until=until)
    return node, Idle(footing=now_on, nowhere=full)


def attempt(
    context: Context, node: Claimed, now_on: Footing, quest: Quest
) -> Durable[Launched | Idle]:
    """Rank on the facts that the operation began with, later on facts read anew; then launch."""
    if quest.first and not now_on.tries:
        return (yield from launch(context, node, (quest.first,), now_on))
    if now_on.changes:
        yield from pause(context, LOOK_AGAIN_S)
    look_at = vm_to_look_at(node, now_on)
    known = quest.facts if now_on.vm_id and not look_at else None
    work = node.work.at(f"decide-{now_on.tries}", 30)
    ask = Decide(work=work, why=quest.why, vm=known, look_at=look_at, knocked=bool(now_on.tries))
    decision = yield from DECIDE(context, ask)
    if isinstance(decision, Refused | Changed):
        return Blocked(footing=now_on, reason=f"{decision.code}: {decision.message}")
    now_on = on_facts(now_on, decision)
    if isinstance(decision, Nowhere):
        return Idle(footing=now_on, nowhere=decision)
    return (yield from launch(context, node, decision.moves, now_on))


def turn_away(
    context: Context, node: Claimed, answer: Landed
) -> Durable[tuple[Claimed, Outdated | Blocked]]:
    """Take a VM that was not ready in its time for the node's own, and stop it to be replaced."""
    up, now = answer.up, context.current_utc_datetime
    now_on = on_unready(up, answer.footing, market_of(up))
    node = turned_away(node, up, answer.rung, answer.footing, now)
    told = f"{up.vm.name} did not say that it is ready in its time"
    note = SettleOperation(
        work=node.work.at(f"unready-{now_on.tries}", 95),
        run=node.run,
        log=(entry(now, told, "WARN"),),
        keep=True,
    )
    yield from SETTLE(context, note)
    if now_on.vm_failures >= VM_FAILURES_MAX:
        reason = f"{now_on.vm_failures} VMs were had and failed; the last: {told}"
        return node, Blocked(footing=now_on, reason=reason)
    work = node.work.at(f"stop-unready-{now_on.tries}", 95)
    down = yield from DEALLOCATE_VM(context, DeallocateVm(work=work, vm_resource_id=up.vm.id))
    if isinstance(down, Refused):
        return node, Blocked(footing=now_on, reason=f"{down.code}: {down.message}")
    return node, Outdated(footing=now_on, reason=told)


def pass_by(context: Context, node: Claimed, answer: Outdated) -> Durable[tuple[Claimed, Outdated]]:
    """Keep what a VM left that was never seen, and count it: the next one has other disk names."""
    now, now_on = context.current_utc_datetime, answer.footing
    run = passed_by(node.run, now_on.strays, now)
    note = SettleOperation(
        work=node.work.at(f"strays-{now_on.tries}", 30),
        run=run,
        log=strays_told(now_on.strays, now),
        due=dues(node.work.key, run.retained),
        keep=True,
    )
    yield from SETTLE(context, note)
    on = now_on.model_copy(update={"strays": (), "creates": False})
    return node.model_copy(update={"run": run}), answer.model_copy(update={"footing": on})


def go_back(
    context: Context, node: Claimed, move: Move, found: Blocked | Idle
) -> Durable[tuple[Claimed, Found]]:
    """Try the market that the VM given up was in, if it was not tried; else leave it as found."""
    if found.footing.vm_failures >= VM_FAILURES_MAX:
        return node, found
    answer = yield from launch(context, node, (move,), found.footing)
    if isinstance(answer, Landed) and not answer.up.unready:
        why = found.reason if isinstance(found, Blocked) else found.nowhere.reason
        return node, answer.model_copy(update={"rollback": why})
    if isinstance(answer, Landed):
        node, answer = yield from turn_away(context, node, answer)
    if isinstance(answer, Outdated) and answer.footing.strays:
        node, answer = yield from pass_by(context, node, answer)
    return node, found.model_copy(update={"footing": answer.footing})


def land(context: Context, node: Claimed, answer: Landed) -> Durable[Ended]:
    """Show the node ACTIVE first, then clear away what it no longer needs."""
    now = context.current_utc_datetime
    run = landed(node, answer.up, answer.rung, answer.footing, now)
    lines = [entry(now, story_of(answer.up, answer.rung))]
    if answer.rollback:
        run = run.model_copy(update={"rollback_reason": answer.rollback})
        lines.append(entry(now, f"back where it was: {answer.rollback}", "WARN"))
    if answer.up.warning:
        lines.append(entry(now, answer.up.warning, "WARN"))
    if answer.up.taken:
        # Whether Azure took it or a person stopped it, the notices tell, as for any other VM.
        lines.append(entry(now, f"{answer.up.vm.name} is down already", "WARN"))
    lines += stranded_told(stranded(answer.up, answer.footing), now)
    new = [one for one in run.retained if one not in node.run.retained]
    lines += strays_told((one.id for one in new if one.why == STRAY), now, TAKEN_OFF)
    settle = SettleOperation(
        work=node.work.at("settle", 100),
        run=run,
        log=tuple(lines),
        due=dues(node.work.key, new),
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


def seen(context: Context, node: Claimed) -> Durable[VmSeen | Refused | Changed]:
    """Look at the VM that the node's rows name, if they name one."""
    if node.run.vm is None:
        return VmSeen(facts=VmFacts(exists=False))
    look = LookAtVm(work=node.work.at("look", 10), vm_resource_id=node.run.vm.id)
    return (yield from LOOK_AT_VM(context, look))


def block_unseen(context: Context, node: Claimed, answer: Refused | Changed) -> Durable[Ended]:
    """Stop where the VM cannot even be looked at."""
    there = VmFacts(exists=True, id=node.run.vm.id if node.run.vm else "")
    stop = Blocked(footing=footing(node, there), reason=f"{answer.code}: {answer.message}")
    return (yield from block(context, node, stop))
