"""The world API on markets: room, evictions, prices, quota, restrictions."""

from collections import Counter

from local.arm import capacity
from local.arm.eviction import state as evictions
from local.arm.price import state as prices
from local.arm.routing import route
from local.arm.sku import state as skus
from local.arm.usage import state as usage
from local.arm.wire import Reply, Request
from local.arm.world import World

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


# -- prices, quota, restrictions --------------------------------------------------------------


@route("PUT", "/_world/prices")
def put_prices(world: World, request: Request) -> Reply:
    """Set prices; a Spot price above a VM's maxPrice evicts it."""
    for one in (request.body or {})["prices"]:
        meter = one.get("meter", "Linux Spot")
        prices.set_price(world, one["location"], one["size"], meter, float(one["usd_per_hour"]))
    evicted = evictions.evict_outbid(world)
    return Reply(200, {"evicted": [vm.id for vm in evicted]})


@route("PUT", "/_world/quota")
def put_quota(world: World, request: Request) -> Reply:
    """Set limits of a subscription (all of them without one) in a region."""
    for one in (request.body or {})["limits"]:
        subscription = one.get("subscription", "*")
        usage.set_limit(world, subscription, one["location"], one["name"], int(one["limit"]))
    return Reply(200, {"limits": world.facts["quota"]})


@route("DELETE", "/_world/quota")
def delete_quota(world: World, _request: Request) -> Reply:
    """Let the limits of a new subscription hold again."""
    world.facts["quota"] = {}
    return Reply(204)


@route("PUT", "/_world/restrictions")
def put_restrictions(world: World, request: Request) -> Reply:
    """Set where the subscriptions may not use a size: `zones` such as "13", `whole` region."""
    for one in (request.body or {})["restrictions"]:
        skus.restrict(
            world,
            one["size"],
            one["location"],
            zones=one.get("zones", ""),
            whole=bool(one.get("whole", False)),
        )
    return Reply(200, {"restrictions": world.facts["sku_restrictions"]})
