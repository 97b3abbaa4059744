"""The world API: what a test or a demo does to this Azure, and what it may know of it."""

from collections import Counter

from local.arm import capacity
from local.arm.chronicle import to_json
from local.arm.events import DELIVERIES
from local.arm.routing import route
from local.arm.subscription import state as subscriptions
from local.arm.vm import view
from local.arm.vm.wire import TYPE as VM
from local.arm.wire import Json, Reply, Request
from local.arm.world import Resource, World
from local.arm.worldapi import backends, grid, guests, market, outages, trouble

PARTS = (backends, grid, guests, market, outages, trouble)
"""Modules whose import registers the rest of the world API."""


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


# -- history ----------------------------------------------------------------------------------


@route("GET", "/_world/history")
def get_history(world: World, request: Request) -> Reply:
    """Return what happened after `since`, in order; 410 if some of it is no longer kept.

    `limit=0` asks for the last serial alone.
    """
    limit = int(request.query.get("limit", "1000"))
    since = int(request.query.get("since", "0")) if limit else world.chronicle.last
    try:
        kept = world.chronicle.since(since, limit)
    except LookupError as error:
        return Reply(410, {"error": str(error)})
    told = [{"serial": serial, **to_json(happening)} for serial, happening in kept]
    return Reply(200, {"history": told, "last": world.chronicle.last, "now": world.now.isoformat()})


# -- settings ---------------------------------------------------------------------------------

SETTINGS = {
    "latency": str,
    "latency_scale": (int, float),
    "latency_of": dict,
    "throttle": bool,
    "retry_after": str,
    "scheduled_events_to_event_grid": bool,
    "eviction_annotates_deallocation": bool,
    "features": list,
    "vcpus_max": int,
    "conversion_starts": bool,
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


# -- the whole --------------------------------------------------------------------------------


@route("GET", "/_world/vms")
def get_vms(world: World, _request: Request) -> Reply:
    """Return every VM with what only the simulator knows of it."""
    return Reply(200, {"vms": [_seen(world, vm) for vm in world.of_type(VM)]})


def _seen(world: World, vm: Resource) -> Json:
    return {
        "id": vm.id,
        "vmId": vm.properties["vmId"],
        "power": vm.sim.get("power"),
        "allocated": bool(vm.sim.get("allocated")),
        "provisioningState": vm.properties["provisioningState"],
        "agentReady": view.agent_reported(world, vm),
        "notice": vm.sim.get("notice"),
    }


@route("GET", "/_world/bootdiagnostics/{vm}/{file}")
def get_boot_diagnostics(world: World, request: Request) -> Reply:
    """Return what the console of a VM showed: a line, for guests do not really boot here."""
    for vm in world.of_type(VM):
        if vm.properties["vmId"] == request["vm"]:
            line = f"{vm.body['name']} ({vm.sim.get('power')}): no guest runs in this simulator\n"
            return Reply(200, line.encode())
    return Reply(404, {"error": "no such VM"})


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
