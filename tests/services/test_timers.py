"""The timer functions, as the host calls them."""

import json
from typing import Any

import azure.durable_functions as df

from local.host.ncrontab import parse_schedule
from shared.model.run import OperationKind
from tests.services.house import MINUTE, House, K
from tests.store.worlds import NOON
from triggers.heard import Hearing
from triggers.timers import timers

BINDING = json.dumps(
    {
        "taskHubName": "hub",
        "creationUrls": {},
        "managementUrls": {},
        "rpcBaseUrl": "http://127.0.0.1:9/",
    }
)


def functions_of(house: House) -> dict[str, Any]:
    """Return the functions by name."""

    async def services() -> Hearing:
        return Hearing(house.clock, house.evictions, house.tick_work, house.fleet)

    app = df.DFApp()
    app.register_functions(timers(services))
    return {str(one.get_function_name()): one for one in app.get_functions()}


async def call(house: House, name: str) -> None:
    await functions_of(house)[name].get_user_function()(timer=None, client=BINDING)


async def test_each_timer_has_a_schedule_that_can_be_read(house: House) -> None:
    schedules = {
        name: parse_schedule(one.get_trigger().schedule)
        for name, one in functions_of(house).items()
    }

    times = {name: schedule.after(NOON) - NOON for name, schedule in schedules.items()}
    assert times["tick"] == MINUTE
    assert times["fleet"] == MINUTE / 2
    assert sorted(times) == ["fleet", "retain", "sweep", "tick"]


async def test_the_tick_and_the_fleet_timer_bring_back_what_nobody_told_of(house: House) -> None:
    key = await house.lives()
    await house.goes_down(key)

    await call(house, "fleet")
    for _ in range(4):
        house.clock.moment += MINUTE
        await call(house, "tick")

    holder = await house.held_by(key)
    assert holder is not None
    assert holder.kind is OperationKind.REPLACE


async def test_the_retaining_timer_forgets_old_rows(house: House) -> None:
    key = await house.lives()
    await house.goes_down(key)
    await house.hears(key, K.STOPPED_BY_USER, actor="ann")
    assert await house.told(key) != []
    house.clock.moment += 400 * 24 * 60 * MINUTE

    await call(house, "retain")

    assert await house.told(key) == []
