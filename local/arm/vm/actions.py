"""Further actions on a VM: generalize, several disks at once, boot diagnostics, sizes to go to."""

from local.arm import latency
from local.arm.operations import Plan, refuse_if_busy
from local.arm.sku import state as skus
from local.arm.vm import attach, errors, fit, permits, storage
from local.arm.vm.attach import DiskChange
from local.arm.vm.state import follow, is_deallocated, require, settle_at
from local.arm.vm.wire import render, same
from local.arm.wire import ArmProblem, Json, Reply, Request
from local.arm.world import Resource, World


def generalize(world: World, vm_id: str) -> Reply:
    """Mark a stopped VM as generalized; it will not start again."""
    vm = require(world, vm_id)
    refuse_if_busy(vm)
    if vm.sim.get("power") not in ("stopped", "deallocated"):
        raise errors.refused(
            f"VM '{vm.body['name']}' must be stopped or deallocated before it is generalized."
        )
    vm.sim["generalized"] = True
    world.save(vm)
    return Reply(200)


def attach_detach(world: World, request: Request, vm_id: str) -> Reply:
    """Attach and detach several data disks with one operation; its output lists what is there."""
    vm = require(world, vm_id)
    refuse_if_busy(vm)
    body = request.body or {}
    entries = list(vm.properties["storageProfile"]["dataDisks"])
    leaving = [_find(entries, one["diskId"]) for one in body.get("dataDisksToDetach") or []]
    luns = {int(entry["lun"]) for entry in entries}
    coming: list[Json] = []
    for one in body.get("dataDisksToAttach") or []:
        lun = int(one["lun"]) if one.get("lun") is not None else _free_lun(luns)
        luns.add(lun)
        given = {
            **{key: one[key] for key in ("caching", "deleteOption") if one.get(key)},
            "lun": lun,
            "createOption": "Attach",
            "managedDisk": {"id": one["diskId"]},
        }
        coming.append(given)
    listed = storage.read_data_disks({"dataDisks": coming}, None, "Standard_LRS")
    staying = [entry for entry in entries if entry not in leaving]
    _check_luns(staying, listed)
    size = skus.size(world, vm.properties["hardwareProfile"]["vmSize"])
    kinds = storage.kinds(world, listed)
    permits.check_ultra(vm.properties, kinds.values())
    if size:
        fit.check_counts(size, vm.body["name"], data_disks=len(staying) + len(listed), nics=0)
        fit.check_premium(size, kinds)
    return _begin(world, request, vm, DiskChange(listed, leaving, staying))


def _check_luns(staying: list[Json], coming: list[Json]) -> None:
    taken = {int(entry["lun"]) for entry in staying}
    for entry in coming:
        if int(entry["lun"]) in taken:
            raise errors.invalid("dataDisk.lun", f"A disk at LUN {entry['lun']} already exists.")


def _find(entries: list[Json], disk_id: str) -> Json:
    for entry in entries:
        if same(entry["managedDisk"]["id"], disk_id):
            return entry
    raise errors.invalid("dataDisksToDetach", f"Disk {disk_id} is not attached to the VM.")


def _free_lun(taken: set[int]) -> int:
    return next(lun for lun in range(len(taken) + 1) if lun not in taken)


def _begin(world: World, request: Request, vm: Resource, change: DiskChange) -> Reply:
    attach.begin(world, vm, change)
    settle_at(world, vm, "Updating")
    world.save(vm)
    row = "vm.update.deallocated" if is_deallocated(vm) else "vm.update.disks"
    size = vm.properties["hardwareProfile"]["vmSize"]
    shown = render(world, vm)["properties"]["storageProfile"]
    shown["dataDisks"] = [one for one in shown["dataDisks"] if not one["toBeDetached"]]
    plan = Plan(
        latency.draw(world, row),
        "vm.updated",
        {"vm": vm.id, "size_before": size},
        vm,
        output=shown,
    )
    return Reply(202, None, follow(world, request, vm, plan, location=True))


def boot_diagnostics(world: World, request: Request, vm_id: str) -> Reply:
    """Say where the console's log and picture can be read: addresses of this simulator."""
    vm = require(world, vm_id)
    profile = (vm.properties.get("diagnosticsProfile") or {}).get("bootDiagnostics") or {}
    if not profile.get("enabled"):
        raise ArmProblem(
            409,
            "OperationNotAllowed",
            f"Boot diagnostics is not enabled on VM '{vm.body['name']}'.",
        )
    base = f"{request.origin}/_world/bootdiagnostics/{vm.properties['vmId']}"
    return Reply(
        200,
        {
            "consoleScreenshotBlobUri": f"{base}/screenshot.bmp",
            "serialConsoleLogBlobUri": f"{base}/serialconsole.log",
        },
    )


def sizes(world: World, vm_id: str) -> Reply:
    """List the sizes that a VM can be given as it is."""
    vm = require(world, vm_id)
    guest = fit.guest_of_json(vm.sim["guest"])
    value = []
    for size in skus.catalogue().values():
        try:
            fit.check_boot(size, guest)
        except ArmProblem:
            continue
        if not skus.refused(world, size, vm.location, vm.zone):
            value.append(
                {
                    "name": size.name,
                    "numberOfCores": size.vcpus,
                    "osDiskSizeInMB": 1_047_552,
                    "resourceDiskSizeInMB": size.temp_mib,
                    "memoryInMB": int(size.memory_gib * 1024),
                    "maxDataDiskCount": int(size.capabilities["MaxDataDiskCount"]),
                }
            )
    return Reply(200, {"value": value})
