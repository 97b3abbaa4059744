import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.host.host import Host
from local.host.ncrontab import ScheduleError, parse_schedule
from local.worlds.loop import in_virtual_time
from tests.host.support import module, running, virtually

SUNDAY = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("0 */5 * * * *", "2026-03-01T12:05:00"),
        ("0 0 * * * *", "2026-03-01T13:00:00"),
        ("0 0 */2 * * *", "2026-03-01T14:00:00"),
        ("0 0 9-17 * * *", "2026-03-01T13:00:00"),
        ("0 30 9 * * *", "2026-03-02T09:30:00"),
        ("0 30 9 * * 1-5", "2026-03-02T09:30:00"),
        ("0 30 9 * Jan Mon", "2027-01-04T09:30:00"),
        ("0 0 0 1 JAN,jul *", "2026-07-01T00:00:00"),
        ("*/20 * * * * *", "2026-03-01T12:00:20"),
        ("5,8,10 * * * * *", "2026-03-01T12:00:05"),
        ("0 5/15 * * * *", "2026-03-01T12:05:00"),
        ("0 10-40/10 13 * * *", "2026-03-01T13:10:00"),
        ("30 0 12 * * *", "2026-03-01T12:00:30"),
        ("0 0 12 * * *", "2026-03-02T12:00:00"),
        ("0 0 0 29 2 *", "2028-02-29T00:00:00"),
        ("0 0 0 * * SAT", "2026-03-07T00:00:00"),
        ("0 0 0 * * 7", "2026-03-08T00:00:00"),
        ("0 0 0 * * 0", "2026-03-08T00:00:00"),
        ("0 0 0 13 * Friday", "2026-03-13T00:00:00"),
        ("*/5 * * * *", "2026-03-01T12:05:00"),
        ("01:30:00", "2026-03-01T13:30:00"),
        ("1.00:00:00", "2026-03-02T12:00:00"),
        ("00:00:05", "2026-03-01T12:00:05"),
        ("24:00:00", "2026-03-25T12:00:00"),
    ],
)
def test_schedules_name_their_next_run(schedule: str, expected: str) -> None:
    assert parse_schedule(schedule).after(SUNDAY) == at(expected)


@pytest.mark.parametrize(
    "schedule",
    ["", "* * *", "0 61 * * * *", "0 0 0 * foo *", "0 9-5 * * * *", "0 */0 * * * *", "00:00:00"],
)
def test_a_schedule_that_cannot_be_read_is_refused(schedule: str) -> None:
    with pytest.raises(ScheduleError):
        parse_schedule(schedule)


def test_a_date_that_never_comes_is_refused() -> None:
    with pytest.raises(ScheduleError):
        parse_schedule("0 0 0 30 2 *").after(SUNDAY)


def test_timers_run_on_the_hosts_clock() -> None:
    seen = module("varied_web").SEEN
    seen.clear()

    async def scenario(_: Host) -> None:
        await asyncio.sleep(2 * 3600 + 1)

    virtually(scenario)

    ticks = [each for each in seen if each[0] == "tick"]
    assert len(ticks) == 24
    assert ticks[0] == ["tick", "every_five_minutes", False]
    assert [each for each in seen if each[0] == "hour"] == [["hour", False]] * 2


def test_a_run_missed_while_the_host_was_down_is_made_up_for(tmp_path: Path) -> None:
    seen = module("varied_web").SEEN

    async def scenario() -> list[Any]:
        async with running(tmp_path / "timers.db"):
            await asyncio.sleep(60)
        await asyncio.sleep(3600)
        seen.clear()
        async with running(tmp_path / "timers.db"):
            await asyncio.sleep(1)
        return [*seen]

    assert in_virtual_time(scenario()) == [["tick", "every_five_minutes", True]]


def test_a_timer_can_be_run_by_hand() -> None:
    seen = module("varied_web").SEEN
    seen.clear()

    async def scenario(host: Host) -> int:
        body = json.dumps({"input": ""}).encode()
        answer = await host.handle_http("POST", "/admin/functions/every_five_minutes", [], body)
        await asyncio.sleep(1)
        return answer.status

    assert virtually(scenario) == 202
    assert seen == [["tick", "every_five_minutes", False]]


def test_a_timer_never_overlaps_itself_and_skips_what_it_covered() -> None:
    slow = module("varied_web").SLOW
    slow.clear()

    async def scenario(host: Host) -> None:
        module("varied_web").SLOW_S.append((host._clock, 150.0))
        await asyncio.sleep(timedelta(minutes=10, seconds=30).total_seconds())
        module("varied_web").SLOW_S.clear()

    virtually(scenario)

    assert slow == ["start", "end", "start", "end", "start", "end", "start"]
