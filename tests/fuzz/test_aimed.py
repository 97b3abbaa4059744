"""Steps that wait for their moment: it is met, or waited for in vain and not for long."""

import asyncio
import random
from collections import Counter

import pytest

from local.worlds.faults import Call, Stale, TableCall
from local.worlds.logbook import Logbook
from local.worlds.loop import in_virtual_time
from tests.fuzz import campaigns, heard
from tests.fuzz.aimed import LISTED, MOMENTS, Aimed, Tells, Trapped
from tests.fuzz.ambush import AZURE, TABLES, Ambush
from tests.fuzz.life import STEPS_MAX, draw
from tests.fuzz.lookout import Lookout
from tests.fuzz.steps import PersonCalls, Time

SEEDS = range(1, 801)
READ = "Microsoft.Compute/virtualMachines/read"


def read(number: int, operation: str) -> Call:
    return Call("GET", "/vm", "", number, operation, "/vm")


def test_a_trap_lets_other_calls_pass_and_springs_as_often_as_it_was_laid() -> None:
    ambush = Ambush(AZURE)
    ambush.trap("stale", READ, times=2)

    calls = ["Microsoft.Compute/disks/read", READ, READ, READ]

    met = [ambush.strike(read(number, one)) for number, one in enumerate(calls)]
    assert met == [None, Stale(), Stale(), None]


def test_a_trap_knows_a_call_to_the_tables_by_verb_table_and_rows() -> None:
    ambush = Ambush(TABLES)
    ambush.trap("killed after table", "write nodes/op", times=1)

    others = [("get", "nodes", ("op",)), ("write", "nodes", ("run", "op")), ("write", "due", ())]

    passed = [ambush.strike(TableCall(a, b, "p", c, 1)) for a, b, c in others]
    assert passed == [None, None, None]
    assert ambush.strike(TableCall("write", "nodes", "p", ("op",), 1))


def test_a_trap_is_taken_away_with_all_other_faults() -> None:
    ambush = Ambush(AZURE)
    ambush.trap("stale", READ, times=1)

    ambush.lift()

    assert ambush.strike(read(1, READ)) is None


LINES = {
    LISTED: "GET /subscriptions/s/providers/Microsoft.Compute/virtualMachines?api-version=1",
    "a vm is up": "microsoft.compute/virtualmachines/a provisioning=Succeeded power=running",
    "a vm is down": "microsoft.compute/virtualmachines/a power=deallocated allocated=False",
    "a vm is gone": "microsoft.compute/virtualmachines/a is gone",
    "a snapshot is made": "microsoft.compute/snapshots/a is new provisioning=Succeeded",
}


@pytest.mark.parametrize("moment", LINES)
def test_a_moment_is_met_when_its_line_is_written(moment: str) -> None:
    async def main() -> tuple[list[bool], float]:
        loop = Logbook(lambda: 0.0)
        lookout = Lookout(loop)

        async def happen() -> None:
            await asyncio.sleep(5)
            loop.add("arm" if moment == LISTED else "azure", LINES[moment])

        told, _ = await asyncio.gather(lookout.comes(MOMENTS[moment], 60), happen())
        met_at = asyncio.get_running_loop().time()
        return [told, await lookout.comes(MOMENTS[moment], 60)], met_at

    met, at = in_virtual_time(main())

    assert met == [True, False]
    assert at == pytest.approx(5)


def test_campaigns_are_in_some_lives_and_take_the_place_of_other_steps() -> None:
    drawn = [draw(seed) for seed in SEEDS]
    found = [
        campaigns.draw(random.Random(f"{one.seed}/aimed"), one.document)  # noqa: S311 - chance
        for one in drawn
    ]

    assert 0.2 <= sum(bool(one) for one in found) / len(found) <= 0.4
    assert all(len(life.steps) <= STEPS_MAX + 1 for life in drawn)
    kinds = Counter(
        step.moment if isinstance(step, Aimed) else step.call
        for one in found
        for step in one
        if isinstance(step, Aimed | Trapped)
    )
    assert set(MOMENTS) - {LISTED} <= set(kinds)


def test_what_strikes_is_told_with_its_moment() -> None:
    step = Aimed(20.0, "a vm is up", 1.5, PersonCalls(0.0, "deallocate"))

    told = step.words()

    assert told == "when a vm is up, 1.5 s later: PersonCalls action=deallocate; then 20 s"


def test_lives_end_with_what_is_heard_of_a_vm_and_are_no_longer_for_it() -> None:
    drawn = [one for one in map(draw, range(1, 501)) if not one.imported]
    ends = [one for one in drawn if isinstance(one.steps[-1], Aimed | PersonCalls | Time)]

    never_started = [one for one in ends if isinstance(one.steps[-3], Trapped)]
    started_again = [one for one in ends if one.steps[-1] == PersonCalls(200.0, "start")]
    named_late = [one for one in drawn if "least_s=174" in one.steps[-3].words()]
    told_before = [one for one in drawn if isinstance(one.steps[-4], Tells)]
    seen_late = [one for one in ends if "stale for long" in one.steps[-1].words()]

    plots = (never_started, started_again, seen_late, named_late, told_before)
    assert min(map(len, plots)) >= 8
    assert all(len(one.steps) <= STEPS_MAX + 1 for one in drawn)


def test_azure_tells_of_evictions_in_each_of_its_ways_in_some_lives() -> None:
    drawn = [draw(seed) for seed in range(1, 501)]

    by_setting = Counter(setting for one in drawn for setting in one.told)

    assert min(by_setting[one] for one in (heard.ANNOTATES, heard.EMITS)) >= 30
    assert sum(not one.told for one in drawn) / len(drawn) >= 0.7
    assert all(any(one in life.story() for one in life.told) for life in drawn if life.told)
