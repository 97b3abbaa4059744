"""The world API on Event Grid: subscribers, and how deliveries go wrong."""

from local.arm import courier
from local.arm.events import DELIVERIES, SUBSCRIBERS
from local.arm.routing import route
from local.arm.wire import Reply, Request
from local.arm.world import World

# -- events -----------------------------------------------------------------------------------


@route("PUT", "/_world/subscribers/{subscriber}")
def put_subscriber(world: World, request: Request) -> Reply:
    """Subscribe an endpoint to events, after the handshake that Event Grid demands."""
    subscriber = {"schema": "eventgrid", **(request.body or {})}
    if not str(subscriber.get("endpoint", "")).startswith("http"):
        raise ValueError("endpoint must be an http URL")
    if subscriber["schema"] not in ("eventgrid", "cloudevents"):
        raise ValueError("schema must be eventgrid or cloudevents")

    async def settle(post: courier.Post) -> Reply:
        wrong = await courier.shake_hands(world, subscriber, post)
        if wrong:
            return Reply(409, {"error": f"Webhook validation handshake failed: {wrong}"})
        world.shelf(SUBSCRIBERS).put(request["subscriber"], subscriber)
        return Reply(200, subscriber)

    return Reply(200, subscriber, then=settle)


@route("DELETE", "/_world/subscribers/{subscriber}")
def delete_subscriber(world: World, request: Request) -> Reply:
    """End a subscription; what waits for it is dropped when it is due."""
    world.shelf(SUBSCRIBERS).drop(request["subscriber"])
    return Reply(204)


@route("PUT", "/_world/events")
def put_event_faults(world: World, request: Request) -> Reply:
    """Say how deliveries go wrong: loss, duplicate, reorder (chances), delay_s, reorder_s."""
    known = {"loss", "duplicate", "reorder", "delay_s", "reorder_s"}
    given = request.body or {}
    if set(given) - known:
        raise ValueError(f"only {', '.join(sorted(known))} can be set")
    world.facts["event_faults"] = given
    return Reply(200, given)


@route("GET", "/_world/events")
def get_events(world: World, _request: Request) -> Reply:
    """Return subscribers, deliveries that wait, and how subscribers answered."""
    waiting = [
        {"id": key, "to": one["subscriber"], "attempt": one["attempt"], "event": one["event"]}
        for key, one in sorted(world.shelf(DELIVERIES).entries.items())
    ]
    return Reply(
        200,
        {
            "subscribers": world.shelf(SUBSCRIBERS).entries,
            "faults": world.facts.get("event_faults", {}),
            "waiting": waiting,
            "answered": dict(world.deliveries),
        },
    )
