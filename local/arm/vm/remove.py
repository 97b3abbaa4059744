"""A VM goes; its disks and interfaces stay or go by their deleteOption."""

from local.arm import latency
from local.arm.insights import state as insights
from local.arm.operations import Plan, refuse_if_busy
from local.arm.routing import releases
from local.arm.vm import nics, storage
from local.arm.vm.nics import RESERVED_S
from local.arm.vm.state import (
    follow,
    is_deallocated,
    mark_departed,
    repeat,
    settle_at,
)
from local.arm.vm.wire import TYPE, extensions_of
from local.arm.wire import Json, Reply, Request
from local.arm.world import Resource, World, effect


def delete(world: World, request: Request, vm_id: str) -> Reply:
    """Answer a DELETE: 204 if there is no such VM."""
    vm = world.find(vm_id)
    if vm is None:
        return Reply(204)
    again = repeat(world, request, vm, "vm.deleted")
    if again:
        return again
    refuse_if_busy(vm)
    forced = request.query.get("forcedeletion", "").lower() == "true"
    row = "vm.delete.forced" if forced else "vm.delete.running"
    if is_deallocated(vm):
        row = "vm.delete.deallocated"
    settle_at(world, vm, "Deleting")
    world.save(vm)
    plan = Plan(latency.draw(world, row), "vm.deleted", {"vm": vm.id, "forced": forced}, vm)
    return Reply(202, None, follow(world, request, vm, plan, location=True))


@effect("vm.deleted")
def deleted(world: World, args: Json) -> None:
    """The VM is gone."""
    vm = world.find(args["vm"])
    if vm:
        # A VM that never came up leaves its NICs reserved, as its refused create would have.
        reserve_for_s = RESERVED_S if vm.sim.get("never_up") else 0.0
        remove(world, vm, reserve_for_s=reserve_for_s)


@effect("vm.deleted.failed")
def delete_failed(world: World, args: Json) -> None:
    """The deletion failed: all is as it was, but for the state."""
    vm = world.find(args["vm"])
    if vm:
        settle_at(world, vm, "Failed", args["failure"])
        world.save(vm)


def remove(
    world: World, vm: Resource, *, reserve_for_s: float = 0.0, delete_disks: bool | None = None
) -> None:
    """Drop a VM with its extensions; release its disks and interfaces, or delete them.

    `delete_disks` True deletes them whatever their deleteOption: an eviction by policy Delete.
    """
    profile = vm.properties["storageProfile"]
    for entry in [profile["osDisk"], *profile["dataDisks"]]:
        storage.let_go(world, vm.id, entry, delete=delete_disks)
    nics.let_go(world, vm, reserve_for_s=reserve_for_s)
    for extension in extensions_of(world, vm):
        world.drop(extension)
    insights.forget(world, vm.id)
    world.drop(vm)
    mark_departed(world, vm.id)


@releases(TYPE)
def release(world: World, vm: Resource) -> None:
    """Let go of everything, for the VM's group is deleted."""
    remove(world, vm)
