"""Event Grid: what happened is laid down for each subscriber; `courier` carries it there.

Source: Azure docs, event-grid/delivery-and-retry and the event schemas.
"""

from local.arm.wire import Json, key_of
from local.arm.world import World, stamp

SUBSCRIBERS = "subscribers"
DELIVERIES = "deliveries"


def publish(world: World, event: Json) -> None:
    """Lay an event (Event Grid schema, without id and time) down for each subscriber."""
    subscribers = world.shelf(SUBSCRIBERS).entries
    if not subscribers:
        return
    whole = {
        "id": world.new_uuid(),
        **event,
        "eventTime": stamp(world.now).replace("+00:00", "Z"),
        "metadataVersion": "1",
    }
    for name in sorted(subscribers):
        if _wants(subscribers[name], whole):
            _lay_down(world, name, subscribers[name], whole)


def _wants(subscriber: Json, event: Json) -> bool:
    types = subscriber.get("eventTypes") or []
    prefix = key_of(subscriber.get("subjectBeginsWith", ""))
    wanted_type = not types or event["eventType"] in types
    return wanted_type and key_of(event["subject"]).startswith(prefix)


def _lay_down(world: World, name: str, subscriber: Json, event: Json) -> None:
    faults = {**world.facts.get("event_faults", {}), **subscriber.get("faults", {})}
    dice = world.dice()
    if dice.random() < faults.get("loss", 0.0):
        return
    copies = 2 if dice.random() < faults.get("duplicate", 0.0) else 1
    for copy in range(copies):
        delay_s = dice.uniform(*faults.get("delay_s", [0.5, 2.0]))
        if dice.random() < faults.get("reorder", 0.0):
            delay_s += dice.uniform(0.0, faults.get("reorder_s", 60.0))
        delivery = {"subscriber": name, "event": event, "attempt": 0, "laid": stamp(world.now)}
        number = world.count("deliveries")
        world.shelf(DELIVERIES).put(f"{number:012d}", delivery)
        world.plan(delay_s + 5.0 * copy, "event.due", {"delivery": f"{number:012d}"})
