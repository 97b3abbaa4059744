import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from local.worlds.loop import in_virtual_time
from tests.host.programs import Programs, expected, fits
from tests.host.support import module, outcome, running, start, status


@pytest.mark.parametrize("seed", range(4))
def test_programs_end_right_however_often_the_host_stops_dead(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)  # noqa: S311 - a seed to paste
    source = Programs(seed + 1_000, failures=False)
    programs = [source.program() for _ in range(20)]
    names = [f"s{seed}-{number}" for number in range(len(programs))]

    async def scenario() -> list[Any]:
        async with running(tmp_path / "crash.db") as host:
            for name, program in zip(names, programs, strict=True):
                await start(host, "run_program", program, name)
        for _ in range(25):
            async with running(tmp_path / "crash.db"):
                await asyncio.sleep(rng.random() * 0.9)
        async with running(tmp_path / "crash.db") as host:
            return [await outcome(host, name) for name in names]

    results = in_virtual_time(scenario())

    for program, (ended, trace) in zip(programs, results, strict=True):
        assert ended == "Completed", (program, trace)
        assert fits(expected(program), trace), (program, trace)


def test_a_timer_that_came_due_while_the_host_was_down_fires_at_the_start(tmp_path: Path) -> None:
    async def scenario() -> object:
        async with running(tmp_path / "t.db") as host:
            instance = await start(host, "approval")
            await asyncio.sleep(1)
        await asyncio.sleep(4 * 86_400)
        async with running(tmp_path / "t.db") as host:
            return await outcome(host, instance)

    assert in_virtual_time(scenario()) == ("Completed", "late")


@pytest.mark.parametrize(("delay_s", "expected_status"), [(0, "Completed"), (300, "Running")])
def test_interrupted_work_comes_back_at_once_or_after_productions_delay(
    delay_s: int, expected_status: str, tmp_path: Path
) -> None:
    plan = [{"do": "activity", "token": "t.", "seconds": 70, "keep": False}]

    async def scenario() -> list[str]:
        async with running(tmp_path / "d.db", redelivery_delay_s=delay_s) as host:
            instance = await start(host, "run_program", plan, f"delayed-{delay_s}")
            await asyncio.sleep(5)
        async with running(tmp_path / "d.db", redelivery_delay_s=delay_s) as host:
            await asyncio.sleep(20)
            early = (await status(host, instance))["runtimeStatus"]
            return [early, (await outcome(host, instance))[0]]

    assert in_virtual_time(scenario()) == [expected_status, "Completed"]


def test_an_entity_keeps_its_state_over_a_restart(tmp_path: Path) -> None:
    async def scenario() -> object:
        async with running(tmp_path / "e.db") as host:
            await host.handle_http("POST", "/api/counters/c", [], b"4")
        async with running(tmp_path / "e.db") as host:
            await asyncio.sleep(1)
            return (await host.handle_http("GET", "/api/counters/c")).json()

    assert in_virtual_time(scenario()) == [True, 4]


def test_a_finished_activity_is_not_run_again(tmp_path: Path) -> None:
    calls = module("varied_flows").CALLS
    calls.clear()

    async def scenario() -> Any:
        async with running(tmp_path / "f.db") as host:
            instance = await start(host, "two_waits")
            await asyncio.sleep(1)
        async with running(tmp_path / "f.db") as host:
            for number in (1, 2):
                await host.handle_http(
                    "POST",
                    f"/runtime/webhooks/durabletask/instances/{instance}/raiseEvent/item",
                    [("Content-Type", "application/json")],
                    str(number).encode(),
                )
            await asyncio.sleep(1)
        async with running(tmp_path / "f.db") as host:
            return await outcome(host, instance)

    assert in_virtual_time(scenario())[0] == "Completed"
    assert calls == ["'slow start'"]
