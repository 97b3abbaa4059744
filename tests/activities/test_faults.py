"""Every activity that writes to Azure, under every fault: one effect, nothing lost, nothing leaked.

The matrix is generated: acts (`acts.py`) cover the contracts, strikes (`strikes.py`) the faults.
Each cell plays in a simulated Azure of its own, in virtual time, through the real SDKs.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

import pytest

from local.worlds.faults import FailedAtEnd, Killed, Moment
from shared.model.ids import OperationId
from tests.activities.acts import ACTS as VM_ACTS
from tests.activities.acts import NOW, Act, scenery
from tests.activities.cast import CONTRACTS
from tests.activities.disk_acts import DISK_ACTS
from tests.activities.extension_acts import EXTENSION_ACTS
from tests.activities.nic_acts import NIC_ACTS
from tests.activities.scenes import played
from tests.activities.source_acts import SOURCE_ACTS
from tests.activities.stage import KEY, OWNED, Stage
from tests.activities.strikes import (
    READ_STRIKES,
    SAME,
    STRIKES,
    Hand,
    Nth,
    Strike,
    Where,
)

ACTS = (*VM_ACTS, *DISK_ACTS, *EXTENSION_ACTS, *NIC_ACTS, *SOURCE_ACTS)
LATER = datetime.max.replace(tzinfo=UTC)
DEAD_S = 30.0
"""How long a killed host stays down."""
CALLS_MAX = 90
"""Calls that no act makes."""
READ_ONLY = {"decide", "await_down", "look_at_vm", "take_stock"}
SECOND = Strike("a second worker", Where.WRITE, Killed(Moment.AFTER), writes_max=2)
READING = [act for act in ACTS if not act.writes]
OURS = {"claim_operation", "settle_operation", "fail_operation", "await_signal", "end_import"}
ELSEWHERE = {"take_snapshots"}
"""What answers alike whatever befalls it, and is judged by what the next run makes of that."""
WRITES = [(act, operation) for act in ACTS for operation in act.writes]
CELLS = [
    pytest.param(act, operation, strike, id=f"{act.name}-{operation.split('/')[-2]}-{strike.name}")
    for act, operation in WRITES
    for strike in STRIKES
    if not (act.at_once and isinstance(strike.fault, FailedAtEnd))
]


@dataclass(frozen=True)
class Course:
    """How an act went."""

    answer: Any
    writes: Counter[tuple[str, str]]
    """How often Azure accepted each write, by operation and resource."""
    before: frozenset[str]
    after: frozenset[str]
    complaints: tuple[str, ...]
    has_struck: bool = True


def names(stage: Stage) -> frozenset[str]:
    return frozenset(one.id.lower() for one in stage.there(*OWNED, "extensions").values())


async def watched(stage: Stage, act: Act, hand: Hand | Nth | None = None) -> Course:
    """Play an act, a strike befalling it perhaps; say what came of it."""
    request, before = await act.request(stage), names(stage)
    kept = await persisted(stage)
    stage.wire.hook = hand
    first = asyncio.create_task(stage.ask(act.contract, request))
    if hand and isinstance(hand.strike.fault, Killed):
        await stage.ports.clock.sleep(DEAD_S)
        stage.wire.hook = None
        stage.restart()
        answer = await stage.ask(act.contract, request)
    else:
        answer = await first
    stage.wire.hook = None
    await stage.ports.clock.sleep(600)
    found = [
        *await not_journalled(stage),
        *(f"lost: {one}" for one in kept - names(stage)),
        *(f"on two VMs: {one}" for one in shared_disks(stage)),
        *(f"unknown call: {one}" for one in stage.world.calls.unknown),
    ]
    struck = hand is None or hand.has_struck
    return Course(answer, accepted(stage), before, names(stage), tuple(found), struck)


async def persisted(stage: Stage) -> set[str]:
    """Return the disks that hold the node's data."""
    run = (await stage.record()).run
    return {disk.id.lower() for disk in (run.os_disk, *run.data_disks) if disk}


async def not_journalled(stage: Stage) -> list[str]:
    """Return the accepted writes of the act that the journal did not know of before."""
    intents = await stage.ports.stores.journal.of_operation(KEY, OperationId(NOW))
    known: dict[str, datetime] = {}
    for intent in intents:
        known.setdefault(intent.target.lower(), intent.intended_at)
    calls = [call for call in stage.written() if NOW in call["clientRequestId"]]
    return [
        f"not journalled before: {call['operation']} of {call['resource']}"
        for call in calls
        if known.get(call["resource"].lower(), LATER) > datetime.fromisoformat(call["at"])
    ]


def accepted(stage: Stage) -> Counter[tuple[str, str]]:
    """Count the writes of the act that Azure accepted."""
    calls = [call for call in stage.written() if NOW in call["clientRequestId"]]
    return Counter((call["operation"].lower(), call["resource"].lower()) for call in calls)


def shared_disks(stage: Stage) -> list[str]:
    """Return disks that more than one VM has."""
    held: Counter[str] = Counter()
    for vm in stage.there("virtualmachines").values():
        profile = vm.properties["storageProfile"]
        for part in (profile["osDisk"], *profile.get("dataDisks", ())):
            held[(part.get("managedDisk") or {"id": ""})["id"].lower()] += 1
    return [disk for disk, times in held.items() if disk and times > 1]


@cache
def undisturbed(act: Act) -> Course:
    """Return how an act goes when nothing befalls it."""
    return played(lambda stage: watched(stage, act), scenery(act.situation))


def excused(answer: Any) -> Callable[[str], bool]:
    """Return which resources an answer accounts for, so that its runbook clears them away."""
    told = {one.lower() for one in getattr(answer, "made", ())}
    left = getattr(answer, "left_behind", "")
    told |= {left.lower()} if left else set()
    disks_of_a_failed_vm = bool(left) or answer.kind == "changed"

    def is_told(one: str) -> bool:
        fresh = disks_of_a_failed_vm and ("/disks/" in one or "/virtualmachines/" in one)
        return one in told or fresh

    return is_told


def judged(act: Act, strike: Strike, course: Course) -> list[str]:
    """Return what is wrong with how a struck act went."""
    calm = undisturbed(act)
    wanted = strike.expected(act.contract.name)
    wanted = calm.answer.kind if wanted == SAME else wanted
    wrong = list(course.complaints)
    if course.answer.kind != wanted:
        wrong.append(f"answered {course.answer!r}, not {wanted}")
    if wanted == calm.answer.kind and course.after != calm.after:
        wrong.append(f"left {sorted(course.after ^ calm.after)} otherwise")
    is_told = excused(course.answer)
    new = {one for one in course.after - course.before if "/extensions/" not in one}
    leaked = [one for one in new if one not in calm.after]
    if wanted != calm.answer.kind:
        leaked = [one for one in new if not is_told(one)]
    wrong += [f"leaked: {one}" for one in leaked]
    wrong += [
        f"deleted: {one}" for one in course.before - course.after - (calm.before - calm.after)
    ]
    twice = [one for one, times in course.writes.items() if times > strike.writes_max]
    return wrong + [f"written more than {strike.writes_max} times: {one}" for one in twice]


@pytest.mark.parametrize(("act", "operation", "strike"), CELLS)
def test_a_fault_at_a_write_costs_time_or_an_answer_and_nothing_else(
    act: Act, operation: str, strike: Strike
) -> None:
    """I1, I2, I6: one effect, journalled first; no persisted disk lost; nothing left untold."""
    hand = Hand(strike, operation)

    course = played(lambda stage: watched(stage, act, hand), scenery(act.situation))

    assert judged(act, strike, course) == []
    assert course.has_struck or strike.where is not Where.WRITE


@pytest.mark.parametrize("strike", READ_STRIKES, ids=lambda strike: strike.name)
@pytest.mark.parametrize("act", READING, ids=lambda act: act.name)
def test_a_fault_at_a_read_costs_time_or_is_told(act: Act, strike: Strike) -> None:
    hand = Hand(strike, "")

    course = played(lambda stage: watched(stage, act, hand), scenery(act.situation))

    assert judged(act, strike, course) == []
    assert course.has_struck


@pytest.mark.parametrize("moment", [Moment.BEFORE, Moment.AFTER])
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_a_host_killed_at_any_call_leaves_what_the_repeat_completes(
    act: Act, moment: Moment
) -> None:
    wrong = {}
    for number in range(1, CALLS_MAX):
        hand = Nth(number, moment)
        course = played(partial(watched, act=act, hand=hand), scenery(act.situation))
        if not course.has_struck:
            break
        wrong[number] = judged(act, hand.strike, course)

    assert not course.has_struck, "the act makes more calls than are tried"
    assert {number: found for number, found in wrong.items() if found} == {}


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_an_act_done_twice_writes_nothing_the_second_time(act: Act) -> None:
    async def twice(stage: Stage) -> tuple[Course, Any, int]:
        request = await act.request(stage)
        course = await watched(stage, act)
        again = await stage.ask(act.contract, request)
        return course, again, accepted(stage).total() - course.writes.total()

    course, again, more = played(twice, scenery(act.situation))

    assert again.kind == course.answer.kind
    assert more == 0


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_two_workers_at_one_act_have_one_effect(act: Act) -> None:
    async def both(stage: Stage) -> Course:
        request = await act.request(stage)
        other = asyncio.create_task(stage.ask(act.contract, request))
        course = await watched(stage, act)
        assert (await other).kind == course.answer.kind
        return course

    course = played(both, scenery(act.situation))

    assert judged(act, SECOND, course) == []


def test_the_matrix_covers_every_activity() -> None:
    acted = {act.contract.name for act in ACTS} | OURS | READ_ONLY | ELSEWHERE

    assert acted == set(CONTRACTS)
    assert all(act.writes for act in ACTS if act.contract.name not in READ_ONLY)
