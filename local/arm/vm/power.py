"""Power: start, stop, deallocate, restart, redeploy, reapply."""

from local.arm import health, latency
from local.arm.operations import Plan, refuse_if_busy
from local.arm.vm import bare, errors, host, nics, storage
from local.arm.vm.state import follow, is_deallocated, repeat, require, set_power, settle_at
from local.arm.wire import Json, Reply, Request
from local.arm.world import Resource, World, effect

LATE = "VMStartTimedOut"
"""Its guest did not report in time: it may start all the same. Source: Azure docs,
error-messages."""
ALREADY_S = 1.0
"""What an action takes that finds nothing to do. No figure found."""


def _disks(vm: Resource) -> list[Json]:
    profile = vm.properties["storageProfile"]
    return [profile["osDisk"], *profile["dataDisks"]]


def _act(
    world: World, request: Request, vm: Resource, *, plan: Plan, power: str | None = None
) -> Reply:
    """Set an action going: 202 with all headers, the VM Updating meanwhile."""
    settle_at(world, vm, "Updating")
    if power:
        set_power(world, vm, power)
    world.save(vm)
    return Reply(202, None, follow(world, request, vm, plan, location=True))


def start(world: World, request: Request, vm_id: str) -> Reply:
    """Start a VM; from deallocated it needs a price and room, and may be refused now or later."""
    vm = require(world, vm_id)
    again = repeat(world, request, vm, "vm.started")
    if again:
        return again
    refuse_if_busy(vm)
    if vm.sim.get("generalized"):
        raise errors.generalized(vm.body["name"])
    args = {"vm": vm.id}
    if vm.sim.get("power") == "running":
        return _act(world, request, vm, plan=Plan(ALREADY_S, "vm.idle", args, vm))
    if not is_deallocated(vm):
        health.annotate(world, vm, "VirtualMachineStartInitiatedByControlPlane")
        seconds = latency.draw(world, "vm.start.stopped")
        return _act(
            world, request, vm, plan=Plan(seconds, "vm.started", args, vm), power="starting"
        )
    return _start_deallocated(world, request, vm)


def _start_deallocated(world: World, request: Request, vm: Resource) -> Reply:
    size = host.size_of(world, vm.properties["hardwareProfile"]["vmSize"], vm.location)
    host.refuse_if_restricted(world, size, vm.location, vm.zone)
    host.refuse_if_too_dear(world, vm)
    failure = host.find_room(world, vm)
    health.annotate(world, vm, "VirtualMachineStartInitiatedByControlPlane")
    args = {"vm": vm.id}
    if failure:
        seconds = latency.draw(world, "vm.allocation.fail")
        plan = Plan(seconds, "vm.started", args, vm, failure=failure.error)
    else:
        storage.set_power(world, _disks(vm), running=True)
        nics.set_power(world, vm, running=True)
        plan = Plan(latency.draw(world, "vm.start"), "vm.started", args, vm)
    return _act(world, request, vm, plan=plan, power="starting")


@effect("vm.started")
def started(world: World, args: Json) -> None:
    """The VM runs."""
    vm = world.find(args["vm"])
    if vm:
        settle_at(world, vm, "Succeeded")
        if vm.sim.pop("never_up", False):
            health.annotate(world, vm, "VirtualMachineAllocated")
        set_power(world, vm, "running")
        world.save(vm)


@effect("vm.started.failed")
def start_failed(world: World, args: Json) -> None:
    """No host was found: the VM is as deallocated as before, and intact; or it runs, too late."""
    vm = world.find(args["vm"])
    if vm:
        if args["failure"]["code"] == LATE:
            set_power(world, vm, "running")
        else:
            _leave_host(world, vm)
        settle_at(world, vm, "Failed", args["failure"])
        world.save(vm)


@effect("vm.idle")
def idle(world: World, args: Json) -> None:
    """Nothing changed."""
    vm = world.find(args["vm"])
    if vm:
        settle_at(world, vm, "Succeeded")
        world.save(vm)


def deallocate(world: World, request: Request, vm_id: str) -> Reply:
    """Stop a VM and give its host back."""
    vm = require(world, vm_id)
    again = repeat(world, request, vm, "vm.deallocated")
    if again:
        return again
    refuse_if_busy(vm)
    args = {"vm": vm.id}
    if bare.is_ephemeral(vm.properties["storageProfile"]["osDisk"]):
        raise errors.no_deallocation(vm.body["name"])
    if is_deallocated(vm):
        return _act(world, request, vm, plan=Plan(ALREADY_S, "vm.deallocated", args, vm))
    health.annotate(world, vm, "VirtualMachineDeallocationInitiated")
    plan = Plan(latency.draw(world, "vm.deallocate"), "vm.deallocated", args, vm)
    return _act(world, request, vm, plan=plan, power="deallocating")


@effect("vm.deallocated")
def deallocated(world: World, args: Json) -> None:
    """The VM stands on no host; its disks are Reserved."""
    vm = world.find(args["vm"])
    if vm:
        _leave_host(world, vm)
        settle_at(world, vm, "Succeeded")
        world.save(vm)


def _leave_host(world: World, vm: Resource) -> None:
    vm.sim["allocated"] = False
    vm.sim.pop("notice", None)
    set_power(world, vm, "deallocated")
    storage.set_power(world, _disks(vm), running=False)
    nics.set_power(world, vm, running=False)


def power_off(world: World, request: Request, vm_id: str) -> Reply:
    """Stop a VM that keeps its host (and its bill)."""
    vm = require(world, vm_id)
    again = repeat(world, request, vm, "vm.stopped")
    if again:
        return again
    refuse_if_busy(vm)
    args = {"vm": vm.id}
    if vm.sim.get("power") != "running":
        return _act(world, request, vm, plan=Plan(ALREADY_S, "vm.idle", args, vm))
    health.annotate(world, vm, "VirtualMachineStopInitiatedByControlPlane")
    seconds = latency.draw(world, "vm.poweroff")
    return _act(world, request, vm, plan=Plan(seconds, "vm.stopped", args, vm), power="stopping")


@effect("vm.stopped")
def stopped(world: World, args: Json) -> None:
    """The guest is down, the host still taken."""
    vm = world.find(args["vm"])
    if vm:
        settle_at(world, vm, "Succeeded")
        set_power(world, vm, "stopped")
        world.save(vm)


REBOOTS = {
    "restart": ("vm.restart", "VirtualMachineRebootInitiatedByControlPlane"),
    "redeploy": ("vm.redeploy", "VirtualMachineRedeployInitiatedByControlPlane"),
}


def reboot(world: World, request: Request, vm_id: str, action: str) -> Reply:
    """Restart a VM, or move it to another host; one that is not running is refused."""
    vm = require(world, vm_id)
    effect_name = f"vm.{action}ed"
    again = repeat(world, request, vm, effect_name)
    if again:
        return again
    refuse_if_busy(vm)
    row, annotation = REBOOTS[action]
    args = {"vm": vm.id}
    if vm.sim.get("power") != "running":
        return _act(world, request, vm, plan=Plan(ALREADY_S, "vm.idle", args, vm))
    health.annotate(world, vm, annotation)
    plan = Plan(latency.draw(world, row), effect_name, args, vm)
    return _act(world, request, vm, plan=plan, power="starting")


@effect("vm.restarted")
@effect("vm.redeployed")
def rebooted(world: World, args: Json) -> None:
    """The VM runs again."""
    vm = world.find(args["vm"])
    if vm:
        settle_at(world, vm, "Succeeded")
        set_power(world, vm, "running")
        health.annotate(world, vm, "VirtualMachineRestarted")
        world.save(vm)


def reapply(world: World, request: Request, vm_id: str) -> Reply:
    """Bring a VM back to what its model says: a Failed one that runs becomes Succeeded."""
    vm = require(world, vm_id)
    refuse_if_busy(vm)
    plan = Plan(latency.draw(world, "vm.reapply"), "vm.idle", {"vm": vm.id}, vm)
    return _act(world, request, vm, plan=plan)
