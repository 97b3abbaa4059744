"""From Azure's account and the host's histories to figures for each recovery."""

from dataclasses import dataclass
from datetime import datetime

from local.clock import seconds_between
from local.stack.http import Json
from tests.bench.scenario import Bench, Node

WRITES = ("PUT", "PATCH", "POST", "DELETE")
REPLACE = "-replace-"
INSTANCES = "/runtime/webhooks/durabletask/instances"
TOO_MANY = 429


@dataclass(frozen=True)
class Recovery:
    """One node's way back, in simulated seconds."""

    node_id: str
    detected_s: float
    """From the moment the platform began to take the VM until the replacement was started."""
    noticed_down_s: float
    """From deallocated, as Azure has it, until our activity had seen it."""
    back_s: float
    """From deallocated, as Azure has it, to ACTIVE."""
    azure_s: float
    """Of these, seconds in which an operation of Azure on the node ran."""
    downtime_s: float
    """From the moment the platform began to take the VM to ACTIVE."""
    writes: int
    activities: int
    steps: tuple[tuple[str, float, float], ...]
    """Activity, simulated seconds after deallocated at which it was scheduled, and at which its
    end was in the history."""

    @property
    def overhead(self) -> float:
        """The time it took over the time that Azure took: 1.0 would be no control plane at all."""
        return self.back_s / self.azure_s


async def recoveries(
    running: Bench, nodes: tuple[Node, ...], calls: list[Json], since: datetime
) -> list[Recovery]:
    """Return the figures of each node that was evicted after `since`."""
    return [await _of(running, node, calls, since) for node in nodes]


async def _of(running: Bench, node: Node, calls: list[Json], since: datetime) -> Recovery:
    recorder = running.recorder
    taken = recorder.taken_since(node.vm_id, since)
    down = recorder.down_since(node.vm_id, since)
    history, started = await _replacement(running, node, since)
    steps = _steps(history)
    back = next(ended for name, _, ended in steps if name == "settle_operation")
    seen = next(ended for name, _, ended in steps if name == "await_down")
    ours = [call for call in calls if _is_ours(call, node)]
    return Recovery(
        node_id=node.id,
        detected_s=seconds_between(taken, started),
        noticed_down_s=max(0.0, seconds_between(down, seen)),
        back_s=seconds_between(down, back),
        azure_s=busy_s(_operations(running, ours), down, back),
        downtime_s=seconds_between(taken, back),
        writes=len(ours),
        activities=len(steps),
        steps=tuple(
            (name, seconds_between(down, begun), seconds_between(down, ended))
            for name, begun, ended in steps
        ),
    )


def _is_ours(call: Json, node: Node) -> bool:
    where = str(call["resource"]).lower()
    stem = node.vm_id.rsplit("/", 1)[-1].lower()
    return call["method"] in WRITES and stem in where


async def _replacement(running: Bench, node: Node, since: datetime) -> tuple[list[Json], datetime]:
    prefix = f"{node.id}{REPLACE}"
    path = f"{INSTANCES}?instanceIdPrefix={prefix}&top=100&showInput=false"
    async with running.world.host.session.get(running.world.host.origin + path) as reply:
        instances = await reply.json()
    found: list[tuple[list[Json], datetime]] = []
    for instance in instances:
        path = f"/admin/durable/instances/{instance['instanceId']}/history"
        history = (await running.world.host.want("GET", path))["history"]
        started = _moment(history[0]["Timestamp"])
        if started >= since:
            found.append((history, started))
    assert len(found) == 1, f"{node.id} has {len(found)} replacements"
    return found[0]


def _steps(history: list[Json]) -> list[tuple[str, datetime, datetime]]:
    """Return the activities in order: name, scheduled, ended."""
    ends = {
        event["TaskScheduledId"]: _moment(event["Timestamp"])
        for event in history
        if "TaskScheduledId" in event
    }
    return [
        (event["Name"], _moment(event["Timestamp"]), ends[event["EventId"]])
        for event in history
        if event.get("Name") and event["EventId"] in ends
    ]


def _operations(running: Bench, calls: list[Json]) -> list[tuple[datetime, datetime]]:
    """Return from when to when Azure worked on each of these calls."""
    spans = []
    for call in calls:
        begun = _moment(call["at"])
        ends = [
            at
            for at, operation, resource, request_id in running.recorder.ended
            if resource == call["resource"].lower()
            and operation == call["operation"]
            and request_id == call["clientRequestId"]
            and at >= begun
        ]
        if ends:
            spans.append((begun, min(ends)))
    return spans


def busy_s(spans: list[tuple[datetime, datetime]], begin: datetime, end: datetime) -> float:
    """Return for how long, between two moments, at least one of the spans ran."""
    total, reached = 0.0, begin
    for begun, ended in sorted(spans):
        since, until = max(begun, reached), min(ended, end)
        if until > since:
            total += seconds_between(since, until)
            reached = until
    return total


def throttled(calls: list[Json]) -> int:
    """Return how many calls Azure refused for their number."""
    return sum(call["status"] == TOO_MANY for call in calls)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
