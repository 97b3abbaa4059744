"""Unmanaged disks become managed ones: the blobs stay where they are, copies take their place."""

import uuid
from contextlib import suppress

from local.arm import latency
from local.arm.disk import state as disks
from local.arm.operations import Plan, refuse_if_busy
from local.arm.vm import bare, errors, host, nics, storage
from local.arm.vm.attach import owner_of
from local.arm.vm.state import follow, is_deallocated, require, set_power, settle_at
from local.arm.vm.storage import new_id
from local.arm.wire import ArmProblem, Json, Reply, Request, name_of
from local.arm.world import Resource, World, effect

KIND = "Standard_LRS"
"""Of the storage account, and so of the disk. Premium accounts are not simulated."""


def convert(world: World, request: Request, vm_id: str) -> Reply:
    """Answer convertToManagedDisks; the VM must be deallocated. Source: the operation's docs."""
    vm = require(world, vm_id)
    refuse_if_busy(vm)
    if not is_deallocated(vm):
        raise errors.conversion_needs_deallocated(vm.body["name"])
    if not any(bare.is_unmanaged(entry) for entry in _entries(vm)):
        raise errors.managed_already(vm.body["name"])
    settle_at(world, vm, "Updating")
    world.save(vm)
    plan = Plan(latency.draw(world, "vm.convert"), "vm.converted", {"vm": vm.id}, vm)
    return Reply(202, None, follow(world, request, vm, plan, location=True))


def _entries(vm: Resource) -> list[Json]:
    profile = vm.properties["storageProfile"]
    return [profile["osDisk"], *profile["dataDisks"]]


@effect("vm.converted")
def converted(world: World, args: Json) -> None:
    """The disks are resources now, and the VM's."""
    vm = world.find(args["vm"])
    if vm is None:
        return
    for entry in _entries(vm):
        if bare.is_unmanaged(entry):
            _convert(world, vm, entry)
    settle_at(world, vm, "Succeeded")
    world.save(vm)
    if world.facts.get("settings", {}).get("conversion_starts"):
        _start(world, vm)


def _start(world: World, vm: Resource) -> None:
    """Start it if there is room. Source: Azure docs, convert-unmanaged-to-managed-disks.

    They say that the process converts the VM and starts it, and not whether that is the operation
    or the tool around it: a setting decides.
    """
    with suppress(ArmProblem):
        if host.find_room(world, vm):
            return
        storage.set_power(world, _entries(vm), running=True)
        nics.set_power(world, vm, running=True)
        set_power(world, vm, "running")
        world.save(vm)


def _convert(world: World, vm: Resource, entry: Json) -> None:
    is_os = "lun" not in entry
    ordinal = "OsDisk_1" if is_os else f"disk{int(entry['lun']) + 2}"
    mark = uuid.uuid5(uuid.UUID(vm.properties["vmId"]), ordinal).hex
    disk_id = new_id(world, owner_of(vm), f"{vm.body['name']}_{ordinal}_{mark}", ordinal)
    spec = {**entry, "managedDisk": {"storageAccountType": KIND}, "tags": vm.body.get("tags") or {}}
    if is_os:
        disk = disks.create_from_image(
            world,
            disk_id=disk_id,
            location=vm.location,
            zone=None,
            image=vm.sim["image"],
            spec=spec,
        )
    else:
        disk = disks.create_empty(
            world, disk_id=disk_id, location=vm.location, zone=None, spec=spec
        )
    blob = entry.pop("vhd")["uri"]
    disk.properties["creationData"] = {"createOption": "Import", "sourceUri": blob}
    world.save(disk)
    disks.claim(
        world, disk_id, vm.id, vm_zone=None, as_os=is_os, running=False, vm_location=vm.location
    )
    disks.set_power(world, disk_id, running=False)
    entry["name"] = name_of(disk_id)
    entry["managedDisk"] = {"id": disk_id}
