"""What simulations ask of a host: to die at once, to be watched, to let idle time pass."""

import asyncio
import sqlite3
from typing import Any

import pytest

from local.clock import START, seconds_between
from local.host.durable.database import Database, Memory
from local.host.host import Host
from local.worlds.loop import in_virtual_time
from tests.host.support import module, outcome, run, running, start, status, virtually


def test_a_history_in_memory_outlives_its_hosts() -> None:
    async def scenario() -> Any:
        memory = Memory()
        async with running(memory) as host:
            instance = await start(host, "approval")
            await asyncio.sleep(1)
        async with running(memory) as host:
            return await outcome(host, instance)

    assert in_virtual_time(scenario()) == ("Completed", "late")


def test_nothing_is_committed_after_a_crash_and_what_was_begun_is_undone() -> None:
    memory = Memory()
    database, other = Database(memory), Database(memory)

    def crash_half_way() -> None:
        with database.transaction():
            database.execute("INSERT INTO entities VALUES ('e', '1', '', '')")
            database.close()
            database.execute("INSERT INTO entities VALUES ('f', '1', '', '')")

    with pytest.raises(sqlite3.ProgrammingError):
        crash_half_way()
    assert other.rows("SELECT * FROM entities") == []


def test_a_crashed_host_leaves_its_work_to_the_next() -> None:
    plan = [{"do": "activity", "token": "t.", "seconds": 70, "keep": False}]

    async def scenario() -> tuple[str, Any]:
        memory = Memory()
        async with running(memory) as host:
            instance = await start(host, "run_program", plan, "crashed")
            await asyncio.sleep(5)
            host.crash()
            await asyncio.sleep(600)
        async with running(memory) as host:
            shown = (await status(host, instance))["runtimeStatus"]
            return shown, await outcome(host, instance)

    before, (after, _) = in_virtual_time(scenario())

    assert (before, after) == ("Running", "Completed")


def test_a_witness_hears_of_each_step_in_order() -> None:
    heard: list[tuple[str, str]] = []

    async def scenario(host: Host) -> None:
        await run(host, "chain", 1, instance="watched")

    virtually(scenario, witness=lambda kind, text: heard.append((kind, text)))

    steps = [kind for kind, text in heard if "watched" in text]
    assert steps[:4] == ["client", "client", "episode", "begin"]
    assert steps[-1] == "episode"
    assert steps.count("begin") == steps.count("end") >= 1
    assert "finished=['watched']" in heard[-1][1]


def test_timers_run_late_in_a_lull_and_in_time_once_roused() -> None:
    seen = module("varied_web").SEEN
    seen.clear()
    lull_s = [0.0]

    async def scenario(host: Host) -> list[int]:
        counts = []
        await asyncio.sleep(3_601)
        counts.append(_ticks(seen))
        lull_s[0] = 7_200.0
        await asyncio.sleep(12 * 3_600)
        counts.append(_ticks(seen))
        lull_s[0] = 0.0
        host.rouse()
        await asyncio.sleep(600)
        counts.append(_ticks(seen))
        return counts

    in_time, in_lull, roused = virtually(scenario, lull=lambda: lull_s[0])

    assert in_time == 12
    assert in_lull - in_time <= 12 * 3_600 / 7_200 + 1
    assert roused - in_lull == 2


def _ticks(seen: list[list[Any]]) -> int:
    return sum(1 for each in seen if each[1] == "every_five_minutes")


def test_a_durable_timer_fires_at_its_microsecond() -> None:
    async def scenario(host: Host) -> float:
        await run(host, "long_sleep", 8)
        return seconds_between(START, host._clock.now())

    assert virtually(scenario) == 8 * 86_400
