"""What its owner asks of a node while all else goes on: the whole product on virtual time."""

from datetime import timedelta
from typing import Any

import pytest

from local.worlds.faults import Call, Fault, Killed, Moment
from local.worlds.inprocess import NODES, InProcess
from local.worlds.options import Options
from tests.virtual.support import (
    active_node,
    document,
    evict,
    reach,
    status,
    tell,
    vm_path,
)

IDLE = Options(lull_s=900.0)
"""Timers may come a quarter of an hour late when nothing happens: a day costs seconds then."""
LATE = {"loss": 0, "duplicate": 0.5, "reorder": 0.5, "delay_s": [400, 500]}


async def ask(world: InProcess, node_id: str, state: str) -> int:
    answer = await world.api("PUT", f"{NODES}/{node_id}/state", {"state": state})
    return answer.status


async def shown(world: InProcess, node_id: str) -> dict[str, Any]:
    return dict((await world.api("GET", f"{NODES}/{node_id}/status")).items[0])


async def told(world: InProcess, node_id: str) -> list[str]:
    """Return the lines of a node's log, oldest first."""
    lines = await world.api(
        "GET", f"{NODES}/{node_id}/log?fromDate=2020-01-01&toDate=2040-01-01&limit=1000"
    )
    return [one["message"] for one in reversed(lines.items)]


async def vms(world: InProcess) -> list[str]:
    return [one.body["name"] for one in world.arm.resources.values() if "vmId" in one.properties]


def test_a_node_goes_through_all_that_its_owner_can_ask() -> None:
    """S12, S13, S14, S18, S19: statuses, one VM at most, the same name and addresses."""

    async def story(world: InProcess) -> Any:
        node_id = await active_node(world)
        seen = [await shown(world, node_id)]
        for state, wanted in (
            ("pause", "PAUSED"),
            ("resume", "ACTIVE"),
            ("stop", "STOPPED"),
            ("recycle", "ACTIVE"),
            ("stop", "STOPPED"),
            ("start", "ACTIVE"),
        ):
            assert await ask(world, node_id, state) == 200
            assert await ask(world, node_id, state) == 400
            await reach(world, node_id, wanted)
            seen.append(await shown(world, node_id))
        return seen, world.arm.calls.unknown, world.complaints

    seen, unknown, _ = tell(story)

    assert (seen[1]["vmName"], seen[1]["privateIp"], seen[1]["publicIp"]) == (None, None, None)
    up = [one for one in seen if one["status"] == "ACTIVE"]
    for name in ("vmName", "privateIp", "publicIp"):
        assert len({one[name] for one in up}) == 1
    assert not unknown


def test_an_eviction_told_when_the_node_rests_already_does_not_bring_it_back() -> None:
    """S14: what is heard of a stopped node's VM going down is no news."""

    async def story(world: InProcess) -> Any:
        node_id = await active_node(world)
        path = await vm_path(world, node_id)
        await world.azure.ask("PUT", "/_world/events", LATE)
        await world.azure.ask("POST", f"{path}/simulateEviction")
        await world.sleep(31)
        await ask(world, node_id, "stop")
        await reach(world, node_id, "STOPPED")
        await world.sleep(1_800)
        return await status(world, node_id), [
            one for one in world.log.entries if one.kind == "event"
        ]

    rests, events = tell(story)

    assert rests == "STOPPED"
    assert events


def test_a_paused_node_stays_down_whatever_is_heard_late_of_its_vm() -> None:
    async def story(world: InProcess) -> Any:
        node_id = await active_node(world)
        path = await vm_path(world, node_id)
        await world.azure.ask("PUT", "/_world/events", LATE)
        await world.azure.ask("POST", f"{path}/simulateEviction")
        await world.sleep(5)
        await ask(world, node_id, "pause")
        await reach(world, node_id, "PAUSED")
        await world.sleep(1_800)
        return await status(world, node_id), await vms(world)

    assert tell(story) == ("PAUSED", [])


def test_a_node_that_waits_for_room_and_is_paused_stays_down_when_there_is_room() -> None:
    """S27: what is paused for the night does not come up at night."""

    async def story(world: InProcess) -> Any:
        node_id = await active_node(world)
        await world.azure.ask("PUT", "/_world/capacity", {"rules": [{"room": 0}]})
        await evict(world, node_id)

        async def waits() -> bool:
            return bool((await shown(world, node_id))["waiting"])

        await world.run_until(waits, 2_400)
        assert await ask(world, node_id, "pause") == 200
        await reach(world, node_id, "PAUSED")
        await world.azure.ask("DELETE", "/_world/capacity")
        await world.sleep(3_600)
        return await status(world, node_id), await vms(world)

    assert tell(story) == ("PAUSED", [])


def test_a_stopped_node_that_a_person_starts_is_active_again_and_is_brought_back_again() -> None:
    """S13: from then on its VM is looked after as any other."""

    async def story(world: InProcess) -> Any:
        node_id = await active_node(world)
        path = await vm_path(world, node_id)
        await ask(world, node_id, "stop")
        await reach(world, node_id, "STOPPED")
        await world.azure.ask("POST", f"{path}/start")
        await reach(world, node_id, "ACTIVE")
        await world.sleep(300)
        await evict(world, node_id)
        await reach(world, node_id, "ACTIVE")
        return await told(world, node_id)

    lines = tell(story)

    assert "the VM runs again" in lines


@pytest.mark.parametrize("moment", [*Moment])
@pytest.mark.parametrize("state", ["pause", "recycle", "stop"])
def test_a_host_killed_over_a_deallocation_ends_what_it_began(state: str, moment: Moment) -> None:
    killed: list[str] = []

    def hook(call: Call) -> Fault | None:
        if call.operation.endswith("deallocate/action") and not killed:
            killed.append(call.operation)
            return Killed(moment, restart_in_s=20.0)
        return None

    async def story(world: InProcess) -> Any:
        node_id = await active_node(world)
        await ask(world, node_id, state)
        wanted = {"pause": "PAUSED", "stop": "STOPPED", "recycle": "ACTIVE"}[state]
        await world.run_until(lambda: bool(killed), 600)
        await reach(world, node_id, wanted)
        return len(await vms(world)), world.kills

    assert tell(story, hook=hook) == (0 if state == "pause" else 1, 1)


# -- the node's own schedule ----------------------------------------------------------------------

OFFICE = [
    {"isEnabled": True, "type": "pause", "cronExpression": "0 20 * * *"},
    {"isEnabled": True, "type": "resume", "cronExpression": "0 8 * * *"},
]


async def scheduled(world: InProcess, tasks: list[dict[str, Any]]) -> str:
    node = document()
    node["statefulNode"]["scheduling"] = {"tasks": tasks}
    answer = await world.api("POST", NODES, node)
    assert answer.status == 200, answer
    node_id = str(answer.items[0]["id"])
    await reach(world, node_id, "ACTIVE")
    return node_id


async def until(world: InProcess, day: int, hour: int, minute: int = 0) -> None:
    """Let time pass until a moment, days counted from the first."""
    begin = world.options.start
    wanted = begin.replace(hour=hour, minute=minute) + timedelta(days=day)
    await world.sleep((wanted - world.clock.now()).total_seconds())


def test_a_node_is_paused_at_night_and_resumed_in_the_morning() -> None:
    """R87, S27: by cron, in UTC, with the same disks and addresses each day."""

    async def story(world: InProcess) -> Any:
        node_id = await scheduled(world, OFFICE)
        first = await shown(world, node_id)
        seen = []
        for day, hour in ((0, 21), (1, 9), (1, 21), (2, 9)):
            await until(world, day, hour)
            seen.append(await shown(world, node_id))
        return first, seen, await told(world, node_id)

    first, seen, lines = tell(story, options=IDLE)

    assert [one["status"] for one in seen] == ["PAUSED", "ACTIVE", "PAUSED", "ACTIVE"]
    assert (seen[3]["privateIp"], seen[3]["vmName"]) == (first["privateIp"], first["vmName"])
    assert lines.count("Scheduled pause (0 20 * * *)") == 2
    assert lines.count("Scheduled resume (0 8 * * *)") == 2


def test_a_task_that_cannot_be_done_is_skipped_and_says_why() -> None:
    """R87: a node that is up is not resumed; the next task comes all the same."""

    async def story(world: InProcess) -> Any:
        node_id = await scheduled(world, [*OFFICE[1:], {**OFFICE[0], "isEnabled": False}])
        await until(world, 1, 9)
        await ask(world, node_id, "pause")
        await until(world, 2, 9)
        return await status(world, node_id), await told(world, node_id)

    at_last, lines = tell(story, options=IDLE)

    assert at_last == "ACTIVE"
    skipped = [one for one in lines if "skipped" in one]
    assert len(skipped) == 1
    assert "2026-03-02 08:00 UTC skipped: cannot resume while the node is ACTIVE" in skipped[0]


def test_an_edited_schedule_takes_the_place_of_the_old_one() -> None:
    """R87: what the document says now is what is done."""

    async def story(world: InProcess) -> Any:
        node_id = await scheduled(world, OFFICE)
        tasks = [{**OFFICE[0], "cronExpression": "30 22 * * *"}]
        await world.api(
            "PUT", f"{NODES}/{node_id}", {"statefulNode": {"scheduling": {"tasks": tasks}}}
        )
        await until(world, 0, 21)
        before = await status(world, node_id)
        await until(world, 0, 23)
        after = await status(world, node_id)
        cleared = {"statefulNode": {"scheduling": None}}
        await world.api("PUT", f"{NODES}/{node_id}", cleared)
        await ask(world, node_id, "resume")
        await until(world, 1, 23)
        return before, after, await status(world, node_id)

    assert tell(story, options=IDLE) == ("ACTIVE", "PAUSED", "ACTIVE")


def test_tasks_missed_in_an_outage_leave_the_node_as_the_latest_one_wants_it() -> None:
    async def story(world: InProcess) -> Any:
        node_id = await scheduled(world, OFFICE)
        await until(world, 0, 19)
        world.kill()
        await until(world, 1, 7)
        await world.restart()
        await world.sleep(600)
        at_seven = await status(world, node_id)
        await until(world, 1, 9)
        return at_seven, await status(world, node_id)

    assert tell(story, options=IDLE) == ("PAUSED", "ACTIVE")


def test_a_recycle_by_schedule_makes_a_new_vm_and_a_busy_node_is_waited_for() -> None:
    async def story(world: InProcess) -> Any:
        daily = [{"isEnabled": True, "type": "recycle", "cronExpression": "0 15 * * *"}]
        node_id = await scheduled(world, daily)
        await until(world, 0, 14, 59)
        await evict(world, node_id)
        await until(world, 0, 16)
        return await status(world, node_id), await told(world, node_id)

    at_last, lines = tell(story, options=IDLE)

    assert at_last == "ACTIVE"
    assert any(line.startswith("recycled:") for line in lines)
