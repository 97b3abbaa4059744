"""PUT and PATCH of a VM that is there: nothing starts by it."""

import copy

from local.arm import health, latency
from local.arm.operations import Plan, refuse_if_busy
from local.arm.placement import state as placement
from local.arm.sku.state import Size
from local.arm.vm import attach, changes, errors, identity, nics, resize
from local.arm.vm.attach import DiskChange
from local.arm.vm.state import follow, is_deallocated, settle_at
from local.arm.vm.wire import hide_made, nic_ids, render, spell
from local.arm.wire import ArmProblem, Json, Reply, Request, key_of
from local.arm.world import Resource, World, effect


def update(world: World, request: Request, vm: Resource, *, whole: bool) -> Reply:
    """Check everything, then change the model; the reply shows it, Updating.

    A whole body (PUT) may repeat what the VM has; what it leaves out stays, but for tags.
    """
    refuse_if_busy(vm)
    before = copy.deepcopy((vm.body, vm.sim))
    try:
        size, plan, made = _apply(world, vm, request.body or {}, whole=whole)
    except ArmProblem:
        vm.body, vm.sim = before
        raise
    settle_at(world, vm, "Updating")
    world.save(vm)
    if size or not is_deallocated(vm):
        sized = "VirtualMachineSizeChanged" if size else "VirtualMachineConfigurationUpdated"
        health.annotate(world, vm, sized)
    headers = follow(world, request, vm, plan, location=False)
    shown = render(world, vm)
    hide_made(shown["properties"]["storageProfile"], made)
    return Reply(200, shown, headers)


def _apply(
    world: World, vm: Resource, body: Json, *, whole: bool
) -> tuple[Size | None, Plan, list[str]]:
    """Change the model; return the new size, the operation to come and the disks made."""
    wanted = body.get("properties") or {}
    changes.refuse_fixed(vm, body)
    changes.refuse_while_allocated(vm, wanted)
    placement.check(world, {**wanted, "priority": vm.properties.get("priority")}, vm.zone)
    size = resize.wanted_size(world, vm, wanted)
    change = attach.read(world, vm, wanted)
    entries = _read_nics(world, vm, wanted)
    plan = _plan(world, vm, size, change)
    changes.merge(vm, body, whole=whole)
    _set_identity(world, vm, body)
    _set_delete_option(vm, wanted)
    made = attach.begin(world, vm, change)
    if entries is not None:
        nics.exchange(world, vm, entries)
    resize.apply(vm, size)
    return size, plan, made


def _read_nics(world: World, vm: Resource, wanted: Json) -> list[Json] | None:
    """Return the interfaces that a request lists, if they are to replace the VM's."""
    profile = wanted.get("networkProfile")
    if not profile or profile.get("networkInterfaces") is None:
        return None
    entries = nics.read(world, vm.id, vm.location, wanted)
    before = [key_of(one) for one in nic_ids(vm.properties)]
    if [key_of(entry["id"]) for entry in entries] == before:
        vm.properties["networkProfile"]["networkInterfaces"] = entries
        return None
    if not is_deallocated(vm):
        raise errors.while_allocated("the network interfaces", vm.body["name"])
    return entries


def _plan(world: World, vm: Resource, size: Size | None, change: DiskChange) -> Plan:
    args: Json = {
        "vm": vm.id,
        "size_before": vm.properties["hardwareProfile"]["vmSize"],
        "error": vm.sim.get("error") if vm.sim.get("never_up") else None,
    }
    failure = None
    if size and not is_deallocated(vm):
        found = resize.shortage(world, vm, size)
        if found and found.at_accept:
            raise found.problem
        failure = found.problem.error if found else None
    return Plan(
        latency.draw(world, _row(vm, size, change)), "vm.updated", args, vm, failure=failure
    )


def _row(vm: Resource, size: Size | None, change: DiskChange) -> str:
    if change.os_disk_id:
        return "vm.swap"
    if is_deallocated(vm):
        return "vm.update.deallocated"
    if size:
        return "vm.resize.running"
    return "vm.update.disks" if change.moves else "vm.update.running"


def _set_identity(world: World, vm: Resource, body: Json) -> None:
    merged = identity.merge(world, vm.body.get("identity"), body.get("identity"))
    if merged:
        vm.body["identity"] = merged
    else:
        vm.body.pop("identity", None)


def _set_delete_option(vm: Resource, wanted: Json) -> None:
    given = (wanted.get("storageProfile") or {}).get("osDisk") or {}
    entry = vm.properties["storageProfile"]["osDisk"]
    for name in ("deleteOption", "caching"):
        if given.get(name):
            entry[name] = spell(name, given[name]) or entry[name]


@effect("vm.updated")
def updated(world: World, args: Json) -> None:
    """The change is through."""
    vm = world.find(args["vm"])
    if vm:
        attach.finish(world, vm)
        # A VM that never came up stays Failed: no PUT gives it a host.
        error = args.get("error")
        settle_at(world, vm, "Failed" if error else "Succeeded", error)
        world.save(vm)


@effect("vm.updated.failed")
def update_failed(world: World, args: Json) -> None:
    """The change failed: a new size is taken back, the VM says Failed and runs as before."""
    vm = world.find(args["vm"])
    if vm:
        attach.finish(world, vm)
        vm.properties["hardwareProfile"]["vmSize"] = args["size_before"]
        settle_at(world, vm, "Failed", args["failure"])
        world.save(vm)
