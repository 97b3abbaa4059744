"""Which messages of an inbox the next episode takes."""

import json
from dataclasses import dataclass, field
from sqlite3 import Row

from local.host.durable.events import Event, EventType
from local.host.durable.instances import Instance


@dataclass
class Delivery:
    """Messages taken now: their row ids, their events in order, and what they mean for the turn."""

    rows: list[int] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    suspended: bool = False
    terminated: Event | None = None

    @property
    def only_control(self) -> bool:
        """Whether there is nothing that the orchestrator should see."""
        control = (EventType.SUSPENDED, EventType.RESUMED)
        return all(body["EventType"] in control for body in self.events)


def take(instance: Instance, rows: list[Row], *, hold_events: bool) -> Delivery:
    """Sort an inbox: what is stale is dropped, what must wait stays, the rest is delivered."""
    bodies = [json.loads(row["body"]) for row in rows]
    delivery = Delivery(suspended=_stands_still(instance, bodies))
    waits = dict(instance.waits)
    for row, body in zip(rows, bodies, strict=True):
        external = row["execution"] is None
        if not external and row["execution"] != instance.execution:
            delivery.rows.append(row["id"])
            continue
        held = hold_events and external and _must_wait(body, waits)
        if not held and _accept(delivery, body):
            delivery.rows.append(row["id"])
    _start_first(delivery)
    return delivery


def _stands_still(instance: Instance, bodies: list[Event]) -> bool:
    for body in reversed(bodies):
        if body["EventType"] in (EventType.SUSPENDED, EventType.RESUMED):
            return bool(body["EventType"] == EventType.SUSPENDED)
    return instance.status == "Suspended"


def _accept(delivery: Delivery, body: Event) -> bool:
    match body["EventType"]:
        case EventType.EXECUTION_TERMINATED:
            delivery.terminated = body
            return True
        case EventType.SUSPENDED | EventType.RESUMED:
            pass
        case _ if delivery.suspended:
            return False
    delivery.events.append(body)
    return True


def _must_wait(body: Event, waits: dict[str, int]) -> bool:
    if body["EventType"] != EventType.EVENT_RAISED:
        return False
    # The SDK compares names as they are; the extension ignores case when it raises.
    open_waiters = waits.get(body["Name"], 0)
    waits[body["Name"]] = max(0, open_waiters - 1)
    return open_waiters == 0


def _start_first(delivery: Delivery) -> None:
    delivery.events.sort(key=lambda body: body["EventType"] != EventType.EXECUTION_STARTED)
