"""The story of `make run`: a node is created, evicted, and comes back with what is its own."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from local.clock import ScaledClock, seconds_between, wall_clock
from local.stack import arm as azure
from local.stack.body import Body, count_vms, look, power_of
from local.stack.http import Json, Web
from local.stack.observer import Observer
from local.stack.options import Options
from local.stack.timeline import Timeline
from local.stack.trouble import Trouble
from local.stack.verdict import Promise, broken, compare

NODES: Final = "/azure/compute/statefulNode"
PATIENCE_S: Final = 1_800.0
"""Simulated seconds for each chapter: several times the slowest Azure operation in it."""
PATIENCE_WALL_S: Final = 240.0
"""Wall seconds for each chapter, at any speed: whoever watches gives up about then."""
TAKEN_AGAIN_MAX: Final = 200
"""Times that a VM may be taken again just while it is looked at."""
FAILED: Final = ("ERROR", "DEALLOCATED")


@dataclass(frozen=True)
class Stage:
    """Who plays, and before whom."""

    options: Options
    clock: ScaledClock
    account: str
    host: Web
    arm: Web
    timeline: Timeline


async def play(stage: Stage, begin_world: Callable[[], None] = lambda: None) -> list[str]:
    """Create (or find) the node, evict it, watch it come back; return what was not kept.

    The situation, if the start has one, begins once the node is up.
    """
    node = json.loads(stage.options.example.read_text())["statefulNode"]
    observer = Observer(stage.host, stage.arm, stage.clock, stage.account, stage.timeline.note)
    await observer.skip_the_past()
    stage.timeline.chapter(f"The node {node['name']}", stage.clock.now())
    node_id = await _find(stage, node["name"])
    if node_id:
        stage.timeline.say(f"{node_id} exists from an earlier start; it is used again.")
    else:
        node_id = await _create(stage, node)
    await _until(stage, observer, node_id, lambda: observer.is_up)
    before = await _body(stage, observer)

    if stage.options.world:
        stage.timeline.chapter(f"The world: {stage.options.world.title}", stage.clock.now())
        stage.timeline.say(stage.options.world.rules)
        begin_world()

    stage.timeline.chapter(f"Azure takes {before.name} back", stage.clock.now())
    observer.begin()
    announced_at, taken_at = await _evict(stage, observer)
    status, after = await _back(stage, observer, node_id)

    group = f"/subscriptions/{azure.SUBSCRIPTION}/resourceGroups/{node['resourceGroupName']}"
    vms = await count_vms(stage.arm, group, node_id)
    lines = compare(before, after, Promise.of(node), vms)
    answered_at = observer.answered_at or taken_at
    back_at = max(datetime.fromisoformat(status["updatedAt"]), answered_at)
    times = [
        ("notice that Azure gave", seconds_between(announced_at, taken_at)),
        ("downtime: from then to ACTIVE", seconds_between(taken_at, back_at)),
        ("  while Azure took the VM down", seconds_between(taken_at, answered_at)),
        ("  from our first write to ACTIVE", seconds_between(answered_at, back_at)),
    ]
    stage.timeline.verdict(lines, times)
    return broken(lines)


async def _find(stage: Stage, name: str) -> str | None:
    path = f"{NODES}?accountId={stage.account}&name={quote(name)}"
    items = (await stage.host.want("GET", path))["response"]["items"]
    return str(items[0]["id"]) if items else None


async def _create(stage: Stage, node: Json) -> str:
    path = f"{NODES}?accountId={stage.account}"
    answer = await stage.host.want("POST", path, {"statefulNode": node})
    return str(answer["response"]["items"][0]["id"])


async def _evict(stage: Stage, observer: Observer) -> tuple[datetime, datetime]:
    """Evict the VM; return when Azure announced it, and when it begins to take the VM down."""
    path = azure.versioned(f"{observer.vm_path}/simulateEviction")
    answer = await stage.arm.call("POST", path)
    refused = answer.status >= 300  # noqa: PLR2004 - HTTP
    told = await stage.arm.want("GET", "/_world/vms")
    for vm in told["vms"]:
        if vm["id"].lower() == observer.vm_path.lower() and vm["notice"]:
            notice = vm["notice"]
            return datetime.fromisoformat(notice["at"]), datetime.fromisoformat(
                notice["not_before"]
            )
    if refused and stage.options.world and await power_of(stage.arm, observer.vm_path) != "running":
        stage.timeline.say("The world was quicker: the VM is down already.")
        now = stage.clock.now()
        return now, now
    if refused:
        raise Trouble(f"Azure would not evict it: {answer.status} {answer.body}")
    raise Trouble("Azure accepted the eviction, yet announced none.")


async def _back(stage: Stage, observer: Observer, node_id: str) -> tuple[Json, Body]:
    """Wait until the node is up again; return its status, and a body that was seen running.

    A world may take the VM again while it is looked at: then it is waited for once more.
    """
    for _ in range(TAKEN_AGAIN_MAX):
        status = await _until(
            stage, observer, node_id, lambda: observer.is_up and observer.was_away
        )
        try:
            body = await _body(stage, observer)
        except Trouble:
            if not stage.options.world:
                raise
            continue
        if body.power == "running" or not stage.options.world:
            return status, body
    raise Trouble("The world takes the VM again each time that it is up.")


async def _body(stage: Stage, observer: Observer) -> Body:
    body = await look(stage.arm, observer.vm_path) if observer.vm_path else None
    if body is None:
        raise Trouble("The node is ACTIVE, yet Azure has no VM for it.")
    return body


async def _until(stage: Stage, observer: Observer, node_id: str, done: Callable[[], bool]) -> Json:
    """Follow the node until `done`; Trouble if it fails, or takes longer than is sensible."""
    wall = wall_clock()
    began, wall_began = stage.clock.now(), wall.now()
    while True:
        status = await observer.glance(node_id)
        if status.get("status") in FAILED:
            raise Trouble(f"The node is in status {status['status']}: {status.get('errorReason')}")
        if done():
            return status
        waited_s = seconds_between(began, stage.clock.now())
        if waited_s > PATIENCE_S and seconds_between(wall_began, wall.now()) > PATIENCE_WALL_S:
            raise Trouble(f"The node is still {status.get('status')} after {waited_s:.0f} s.")
        await wall.sleep(0.2 if stage.options.speed > 1 else 1.0)
