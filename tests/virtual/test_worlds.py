"""Whole lives in one process: created, evicted, killed, idle for a month."""

import asyncio
import gc
from typing import Any

import pytest

from local.worlds.boot import HostDownError
from local.worlds.faults import Call, Fault, Killed, LostReply, LostRequest, Moment, TableCall
from local.worlds.inprocess import NODES, InProcess
from local.worlds.loop import in_virtual_time
from local.worlds.options import Options
from tests.virtual.support import (
    BOUND_S,
    active_node,
    document,
    evict,
    reach,
    short_life,
    status,
    tell,
    vm_path,
)


def vm_put(call: Call) -> bool:
    return call.method == "PUT" and call.operation == "Microsoft.Compute/virtualMachines/write"


def test_an_evicted_node_is_active_again_within_forty_minutes() -> None:
    async def story(world: InProcess) -> tuple[Any, ...]:
        node_id = await active_node(world)
        before = await vm_path(world, node_id)
        await evict(world, node_id)
        took_s = await reach(world, node_id, "ACTIVE")
        return before, await vm_path(world, node_id), took_s, world.arm.calls.unknown

    before, after, took_s, unknown = tell(story)

    assert before == after
    assert took_s < BOUND_S
    assert not unknown


def test_worlds_follow_each_other_in_one_process_and_leave_nothing_behind() -> None:
    tell(active_node)
    gc.collect()
    before = len(gc.get_objects())

    nodes = {tell(active_node, seed) for seed in range(2, 7)}

    gc.collect()
    assert len(nodes) == 5
    assert len(gc.get_objects()) - before < 1_000


@pytest.mark.parametrize("moment", [*Moment])
def test_a_host_killed_at_the_create_makes_one_vm_all_the_same(moment: Moment) -> None:
    """R14: what a dead host had asked for is found again, not made twice."""
    killed: list[int] = []

    def hook(call: Call) -> Fault | None:
        if vm_put(call) and not killed:
            killed.append(call.count)
            return Killed(moment, restart_in_s=20.0)
        return None

    async def story(world: InProcess) -> tuple[int, int, int]:
        node_id = await active_node(world)
        vms = await world.azure.ask("GET", (await vm_path(world, node_id)).rpartition("/")[0])
        return len(vms["value"]), world.kills, world.wire.struck["Killed"]

    assert tell(story, hook=hook) == (1, 1, 1)


def test_nothing_of_a_killed_host_reaches_tables_or_azure() -> None:
    async def story(world: InProcess) -> tuple[list[str], Any, Any]:
        await world.api("POST", NODES, document())
        await world.run_until(lambda: world.wire.sent > 8, 60, every_s=0.01)
        before = world.tables.rows()
        world.kill()
        at = len(world.log.entries)
        await world.sleep(600)
        sent = [entry for entry in world.log.entries[at:] if entry.kind == "arm"]
        # What was under way is noted as cut, at the moment of the kill and not again.
        return [e.text for e in sent if not e.text.endswith("-> cut")], before, world.tables.rows()

    later, before, after = tell(story)

    assert later == []
    assert before == after


def test_a_watcher_may_kill_the_host_in_the_middle_of_any_step() -> None:
    def story_of(step: int) -> Any:
        async def story(world: InProcess) -> str:
            left = [step]

            def watch(_entry: object) -> None:
                left[0] -= 1
                if left[0] == 0:
                    world.kill(restart_in_s=10.0)

            answer = await world.api("POST", NODES, document())
            world.log.watchers.append(watch)
            node_id = str(answer.items[0]["id"])
            await reach(world, node_id, "ACTIVE")
            return f"{world.kills} {[*world.complaints.lines]}"

        return story

    ends = {tell(story_of(step)) for step in range(5, 100, 19)}

    assert ends == {"1 []"}


def test_nobody_answers_for_a_dead_host_until_it_is_started_again() -> None:
    async def story(world: InProcess) -> tuple[str, bool, str]:
        node_id = await active_node(world)
        world.kill()
        with pytest.raises(HostDownError, match="refused"):
            await world.api("GET", NODES)
        alive = world.alive
        await world.restart()
        await world.restart()
        return await status(world, node_id), alive, node_id

    shown, alive, _ = tell(story)

    assert (shown, alive) == ("ACTIVE", False)


def test_a_call_over_which_the_host_dies_is_reset() -> None:
    def table_hook(call: TableCall) -> Killed | None:
        return Killed(Moment.BEFORE, None) if call.table == "nodelist" else None

    async def story(world: InProcess) -> bool:
        with pytest.raises(HostDownError, match="reset"):
            await world.api("POST", NODES, document())
        return world.alive

    assert tell(story, table_hook=table_hook) is False


def test_lost_table_calls_are_repeated_and_a_host_dies_between_two_writes() -> None:
    dies_at = [40]

    def table_hook(call: TableCall) -> LostReply | LostRequest | Killed | None:
        if call.verb == "write" and call.count > dies_at[0]:
            dies_at[0] += 1_000_000
            return Killed(Moment.AFTER, 5.0)
        fault: LostReply | LostRequest = LostReply() if call.count % 2 else LostRequest()
        return fault if call.count % 9 == 0 else None

    async def story(world: InProcess) -> tuple[int, bool]:
        await active_node(world)
        struck = world.tables.struck
        return world.kills, struck["LostReply"] > 2 and struck["LostRequest"] > 2

    assert tell(story, table_hook=table_hook) == (1, True)


def test_an_idle_month_takes_seconds_and_the_next_eviction_is_seen_in_time() -> None:
    async def story(world: InProcess) -> tuple[int, float]:
        node_id = await active_node(world)
        turns = asyncio.get_running_loop().turns  # type: ignore[attr-defined]
        await world.sleep(30 * 86_400)
        turns = asyncio.get_running_loop().turns - turns  # type: ignore[attr-defined]
        await evict(world, node_id)
        return turns, await reach(world, node_id, "ACTIVE")

    turns, took_s = tell(story, options=Options(lull_s=900.0))

    assert turns < 300_000
    assert took_s < 180


def test_without_events_the_fleet_list_sees_the_eviction() -> None:
    async def story(world: InProcess) -> tuple[bool, float]:
        node_id = await active_node(world)
        await evict(world, node_id)
        took_s = await reach(world, node_id, "ACTIVE")
        return any(entry.kind == "event" for entry in world.log.entries), took_s

    heard, took_s = tell(story, options=Options(events=False))

    assert not heard
    assert took_s < 600


def test_a_world_needs_a_virtual_loop_of_its_own() -> None:
    async def enter() -> None:
        async with InProcess(1):
            pass

    async def second() -> None:
        await asyncio.sleep(1)
        await enter()

    for run in (asyncio.run(_refused(enter())), in_virtual_time(_refused(second()))):
        assert "virtual loop of its own" in run


async def _refused(entering: Any) -> str:
    with pytest.raises(RuntimeError) as caught:
        await entering
    return str(caught.value)


def test_what_never_comes_is_said_to_have_taken_too_long() -> None:
    async def story(world: InProcess) -> None:
        await world.run_until(lambda: False, 90.0)

    with pytest.raises(TimeoutError, match="not so within 90 s"):
        tell(story)


def test_the_log_names_each_kind_of_step() -> None:
    log = tell(short_life).decode()

    kinds = {line.split(" ")[1] for line in log.splitlines()}

    assert kinds >= {"api", "arm", "azure", "begin", "client", "end", "episode", "event", "start"}
    assert kinds >= {"table", "timer"}
