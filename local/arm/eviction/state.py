"""Evictions: notice, deallocation by the platform, and what is left.

Nothing about an evicted VM differs from one that its owner deallocated: only events tell.
Source: recorded simulateEviction (30 s of notice, about 35 s of deallocation).
"""

from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Final

from local.arm import capacity, events, health, latency
from local.arm.eviction import errors, wire
from local.arm.vm import host, power, remove
from local.arm.vm.state import set_power, settle_at
from local.arm.vm.wire import is_spot
from local.arm.wire import Json, group_of
from local.arm.world import Resource, World, effect, stamp

NOTICE_S: Final = 30.0
RETRY_S: Final = 5.0
"""How long the platform waits before it looks again at a VM in the middle of an operation."""
LOCK: Final = "eviction"
"""Stands where a VM's running operation stands, while the platform takes it down."""


def simulate(world: World, vm: Resource) -> None:
    """Begin the eviction that a client asked for; raise Azure's refusal for a Regular VM."""
    if not is_spot(vm.properties):
        raise errors.only_spot()
    if not vm.sim.get("allocated"):
        raise errors.not_running(vm.body["name"])
    evict(world, vm)


def evict(world: World, vm: Resource, *, notice_s: float = NOTICE_S) -> None:
    """Announce an eviction and plan it; nothing happens if one is under way."""
    if vm.sim.get("notice") or not vm.sim.get("allocated"):
        return
    not_before = world.now + timedelta(seconds=notice_s)
    _announce(
        world,
        vm,
        {
            "id": world.new_uuid().upper(),
            "type": "Preempt",
            "status": "Scheduled",
            "source": "Platform",
            "at": stamp(world.now),
            "not_before": stamp(not_before),
        },
    )
    world.plan(notice_s, "eviction.begun", {"vm": vm.id, "notice": vm.sim["notice"]["id"]})


@effect("eviction.fated")
def fated(world: World, args: Json) -> None:
    """The life of a VM is over, if such VMs still do not last where it stands."""
    vm = world.find(args["vm"])
    if vm is None or vm.properties["vmId"] != args["vm_id"]:
        return
    rule = capacity.rule_of(world, capacity.place_of(vm))
    if rule and rule.get("life_s"):
        evict(world, vm)


def approve(world: World, vm: Resource, event_id: str) -> bool:
    """Start an announced event now, as the guest's approval does; False if there is none such."""
    notice = vm.sim.get("notice")
    if not notice or notice["id"] != event_id:
        return False
    if notice["status"] == "Scheduled":
        world.plan(0.0, "eviction.begun", {"vm": vm.id, "notice": event_id})
    return True


def _announce(world: World, vm: Resource, notice: Json | None) -> None:
    if notice:
        vm.sim["notice"] = notice
        everyone = world.facts.get("settings", {}).get("scheduled_events_to_event_grid", False)
        if everyone or wire.opted_in(vm):
            events.publish(world, wire.grid_event(vm, notice))
    else:
        vm.sim.pop("notice", None)
    vm.sim["incarnation"] = int(vm.sim.get("incarnation", 0)) + 1
    world.save(vm)


@effect("eviction.begun")
def begin(world: World, args: Json) -> None:
    """The notice is over: the platform takes the VM down."""
    vm = world.find(args["vm"])
    notice = vm.sim.get("notice") if vm else None
    if vm is None or not notice or notice["id"] != args["notice"]:
        return
    if notice["status"] != "Scheduled":
        return
    if vm.sim.get("operation"):
        world.plan(RETRY_S, "eviction.begun", args)
        return
    vm.sim["operation"] = LOCK
    settle_at(world, vm, "Updating")
    set_power(world, vm, "deallocating")
    _announce(world, vm, {**notice, "status": "Started"})
    health.annotate(world, vm, "VirtualMachinePreempted")
    if world.facts.get("settings", {}).get("eviction_annotates_deallocation", False):
        health.annotate(world, vm, "VirtualMachineDeallocationInitiated")
    seconds = latency.draw(world, "vm.eviction.deallocate")
    world.plan(seconds, "eviction.ended", {"vm": vm.id})


@effect("eviction.ended")
def end(world: World, args: Json) -> None:
    """The VM is deallocated, or gone with its disks if its policy says Delete."""
    vm = world.find(args["vm"])
    if vm is None:
        return
    vm.sim.pop("operation", None)
    if vm.properties.get("evictionPolicy") == "Delete":
        health.availability(world, vm, "Unavailable")
        remove.remove(world, vm, delete_disks=True)
        return
    _announce(world, vm, None)
    power.deallocated(world, {"vm": vm.id})


# -- by the world API -------------------------------------------------------------------------


def choose(world: World, asked: Json) -> list[Resource]:
    """Return the VMs that an order of evictions means. KeyError if `vm` names none."""
    if "vm" in asked:
        vm = world.find(asked["vm"])
        if vm is None:
            raise KeyError(asked["vm"])
        return [vm]
    fitting = [
        vm
        for vm in capacity.allocated(world)
        if is_spot(vm.properties)
        and not vm.sim.get("notice")
        and capacity.place_of(vm).fits(asked)
        and fnmatchcase(group_of(vm.id).lower(), str(asked.get("group", "*")).lower())
    ]
    count = asked.get("count")
    if count is None or int(count) >= len(fitting):
        return fitting
    return world.dice().sample(fitting, int(count))


def set_capacity(world: World, rule: Json) -> None:
    """Set a rule of capacity; with `evict` the Spot VMs that are too many there are evicted."""
    capacity.set_rule(world, rule)
    if rule.get("evict"):
        spot, too_many = capacity.excess(world, rule)
        for vm in world.dice().sample(spot, min(too_many, len(spot))):
            evict(world, vm)


@effect("capacity.set")
def set_capacity_later(world: World, args: Json) -> None:
    """Set a rule at its time."""
    set_capacity(world, args["rule"])


def evict_outbid(world: World) -> list[Resource]:
    """Evict the Spot VMs that may not pay what the market asks now; return them."""
    outbid = []
    for vm in capacity.allocated(world):
        highest = float((vm.properties.get("billingProfile") or {}).get("maxPrice", -1.0))
        price = host.spot_price(world, vm) if is_spot(vm.properties) else None
        if price is not None and highest != -1.0 and price > highest:
            evict(world, vm)
            outbid.append(vm)
    return outbid
