"""The world API: what a test or a demo does to this Azure, and what it may know of it."""

from collections import Counter
from datetime import datetime

from local.arm import capacity, courier, faults, throttle
from local.arm.eviction import state as evictions
from local.arm.events import DELIVERIES, SUBSCRIBERS
from local.arm.routing import route
from local.arm.subscription import state as subscriptions
from local.arm.vm.wire import TYPE as VM
from local.arm.wire import Json, Reply, Request
from local.arm.world import Resource, World


@route("GET", "/_world/healthz")
def get_health(_world: World, _request: Request) -> Reply:
    """Tell that the simulator answers."""
    return Reply(200, {"status": "ok"})


@route("GET", "/_world")
def get_world(world: World, _request: Request) -> Reply:
    """Tell the time, what there is and what was asked."""
    types = Counter(resource.type for resource in world.resources.values())
    return Reply(
        200,
        {
            "now": world.now.isoformat(),
            "seed": world.seed,
            "settings": world.facts.get("settings", {}),
            "resources": dict(sorted(types.items())),
            "running": len(capacity.allocated(world)),
            "agenda": len(world.agenda),
            "calls": world.calls.serial,
            "unknown": dict(world.calls.unknown),
            "deliveries": {
                "waiting": len(world.shelf(DELIVERIES).entries),
                "answered": dict(world.deliveries),
            },
        },
    )


# -- calls ------------------------------------------------------------------------------------


@route("GET", "/_world/calls")
def get_calls(world: World, request: Request) -> Reply:
    """Return the calls after `since`, in order, and how many there were of each."""
    calls = world.calls.since(int(request.query.get("since", "0")))
    limit = int(request.query.get("limit", "1000"))
    counts = dict(sorted(world.calls.counts.items()))
    return Reply(200, {"calls": calls[:limit], "last": world.calls.serial, "counts": counts})


@route("DELETE", "/_world/calls")
def forget_calls(world: World, _request: Request) -> Reply:
    """Begin to count anew."""
    world.calls.forget()
    return Reply(204)


# -- settings ---------------------------------------------------------------------------------

SETTINGS = {
    "latency": str,
    "latency_scale": (int, float),
    "throttle": bool,
    "retry_after": str,
    "scheduled_events_to_event_grid": bool,
}


@route("PATCH", "/_world/settings")
def patch_settings(world: World, request: Request) -> Reply:
    """Change how this world works."""
    given = request.body or {}
    for name, value in given.items():
        if name not in SETTINGS or not isinstance(value, SETTINGS[name]):  # type: ignore[arg-type]
            raise ValueError(f"no such setting, or not of its type: {name}")
    world.facts["settings"] = {**world.facts.get("settings", {}), **given}
    return Reply(200, world.facts["settings"])


@route("PUT", "/_world/subscriptions/{subscription}")
def put_subscription(world: World, request: Request) -> Reply:
    """Make a subscription known."""
    name = str((request.body or {}).get("displayName", "Mooring local"))
    subscriptions.add(world, request["subscription"], name)
    return Reply(200, {"subscriptions": subscriptions.every(world)})


@route("PUT", "/_world/callers/{token}")
def put_caller(world: World, request: Request) -> Reply:
    """Say who calls with a bearer token: claims, as an access token has them."""
    world.facts["callers"] = {**world.facts.get("callers", {}), request["token"]: request.body}
    return Reply(200, request.body)


# -- capacity ---------------------------------------------------------------------------------


@route("GET", "/_world/capacity")
def get_capacity(world: World, _request: Request) -> Reply:
    """Return the rules, the latest last, and how many VMs stand in each place."""
    standing = Counter(
        "/".join((place.location, place.size, place.zone or "regional", place.lifecycle))
        for place in map(capacity.place_of, capacity.allocated(world))
    )
    rules = world.facts.get(capacity.FACT, [])
    return Reply(200, {"rules": rules, "standing": dict(sorted(standing.items()))})


@route("PUT", "/_world/capacity")
def put_capacity(world: World, request: Request) -> Reply:
    """Set room by place, now or `in_s` seconds from now; `evict` takes down what is too much."""
    rules = (request.body or {})["rules"]
    for rule in rules:
        in_s = float(rule.get("in_s", 0))
        kept = {key: value for key, value in rule.items() if key != "in_s"}
        if in_s > 0:
            capacity.check_rule(kept)
            world.plan(in_s, "capacity.set", {"rule": kept})
        else:
            evictions.set_capacity(world, kept)
    return get_capacity(world, request)


@route("DELETE", "/_world/capacity")
def delete_capacity(world: World, _request: Request) -> Reply:
    """Let there be room for all."""
    world.facts[capacity.FACT] = []
    return Reply(204)


# -- evictions --------------------------------------------------------------------------------


@route("POST", "/_world/evictions")
def post_evictions(world: World, request: Request) -> Reply:
    """Evict VMs: one by `vm`, or all Spot VMs that fit `location`, `size`, `zone`, `group`.

    `count` takes as many of them, drawn by the dice; `notice_s` is 30 unless given.
    """
    asked = request.body or {}
    vms = evictions.choose(world, asked)
    for vm in vms:
        evictions.evict(world, vm, notice_s=float(asked.get("notice_s", evictions.NOTICE_S)))
    return Reply(200, {"evicted": [vm.id for vm in vms]})


# -- throttling and faults --------------------------------------------------------------------


@route("GET", "/_world/throttle")
def get_throttle(world: World, _request: Request) -> Reply:
    """Return the policies, and what the buckets in use still hold."""
    levels = sorted(world.buckets.levels.items())
    return Reply(
        200,
        {"policies": throttle.table(), "left": {key: level for key, (level, _) in levels}},
    )


@route("PUT", "/_world/throttle")
def put_throttle(world: World, request: Request) -> Reply:
    """Fill or empty buckets: `{"left": {bucket: tokens}}`, names as GET tells them."""
    for bucket, tokens in (request.body or {})["left"].items():
        world.buckets.set_left(bucket, float(tokens), world.now)
    return get_throttle(world, request)


@route("GET", "/_world/faults")
def get_faults(world: World, _request: Request) -> Reply:
    """Return the faults that are armed."""
    return Reply(200, {"faults": world.shelf(faults.SHELF).entries})


@route("POST", "/_world/faults")
def post_fault(world: World, request: Request) -> Reply:
    """Arm a fault."""
    return Reply(201, {"id": faults.add(world, request.body or {})})


@route("DELETE", "/_world/faults")
def delete_faults(world: World, _request: Request) -> Reply:
    """Disarm all faults."""
    for fault_id in list(world.shelf(faults.SHELF).entries):
        world.shelf(faults.SHELF).drop(fault_id)
    return Reply(204)


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


# -- the whole --------------------------------------------------------------------------------


@route("GET", "/_world/vms")
def get_vms(world: World, _request: Request) -> Reply:
    """Return every VM with what only the simulator knows of it."""
    return Reply(200, {"vms": [_seen(world, vm) for vm in world.of_type(VM)]})


def _seen(world: World, vm: Resource) -> Json:
    agent_at = vm.sim.get("agent_at")
    return {
        "id": vm.id,
        "vmId": vm.properties["vmId"],
        "power": vm.sim.get("power"),
        "allocated": bool(vm.sim.get("allocated")),
        "provisioningState": vm.properties["provisioningState"],
        "agentReady": bool(agent_at and datetime.fromisoformat(agent_at) <= world.now),
        "notice": vm.sim.get("notice"),
    }


@route("POST", "/_world/reset")
def reset(world: World, _request: Request) -> Reply:
    """Forget resources, agenda, faults, capacity, subscribers and calls; seed and clock stay."""
    for resource in list(world.resources.values()):
        world.drop(resource)
    for due in list(world.agenda):
        world.cancel(due.serial)
    for shelf in world.shelves.values():
        for key in list(shelf.entries):
            shelf.drop(key)
    kept = {"rolls", "serial", "boots", "subscriptions", "settings", "callers", "deliveries"}
    for fact in set(world.facts) - kept:
        world.facts[fact] = type(world.facts[fact])()
    world.calls.forget()
    world.deliveries.clear()
    world.buckets.levels.clear()
    return Reply(204)
