"""A VM comes to be: checked, placed, given its disks and interfaces; up after a while."""

from dataclasses import dataclass

from local.arm import health, latency
from local.arm.disk import state as disks
from local.arm.operations import Plan
from local.arm.placement import state as placement
from local.arm.reservation import state as reservation
from local.arm.sku.state import Size
from local.arm.usage import state as usage
from local.arm.vm import (
    bare,
    errors,
    fit,
    fit_errors,
    host,
    identity,
    nics,
    osprofile,
    permits,
    spot,
    storage,
)
from local.arm.vm.state import follow, set_power, settle_at
from local.arm.vm.storage import OsDisk, Owner
from local.arm.vm.wire import MERGED, TYPE, disk_ids, hide_made, render
from local.arm.wire import ArmProblem, Json, Reply, Request, name_of, subscription_of
from local.arm.world import Resource, World, effect, stamp

GUEST_ERRORS = ("OSProvisioningTimedOut", "OSProvisioningInternalError", "VMStartTimedOut")
"""Failures that leave the VM running: the guest did not report. Others had no host to give."""


UNSERVED = ("flexProfile", "host", "hostGroup", "placement", "virtualMachineScaleSet")


@dataclass
class Draft:
    """A new VM, checked against everything but quota, price and room."""

    vm: Resource
    size: Size
    os_disk: OsDisk
    data_disks: list[Json]
    nics: list[Json]


def create(world: World, request: Request, vm_id: str) -> Reply:
    """Answer the PUT of a VM that is not there."""
    draft = _read(world, vm_id, request.body or {})
    failure = _place(world, draft)
    _take_disks(world, draft)
    nics.claim(world, vm_id, draft.nics, running=True)
    vm = draft.vm
    settle_at(world, vm, "Creating")
    set_power(world, vm, "starting")
    world.save(vm)
    health.annotate(world, vm, "VirtualMachineAllocated")
    plan = Plan(_seconds(world, draft, failure), "vm.created", {"vm": vm_id}, vm)
    if failure:
        plan = Plan(plan.seconds, plan.effect, plan.args, vm, failure=failure.error)
    headers = follow(world, request, vm, plan, location=False)
    return Reply(201, _first_answer(world, vm), headers)


def _read(world: World, vm_id: str, body: Json) -> Draft:
    properties = dict(body.get("properties") or {})
    location = str(body.get("location") or "").replace(" ", "").lower()
    if not location:
        raise errors.missing("location")
    _refuse_unserved(properties)
    if len(body.get("zones") or []) > 1:
        raise errors.zone_count()
    size_name = (properties.get("hardwareProfile") or {}).get("vmSize")
    if not size_name:
        raise errors.missing("vmSize")
    size = host.size_of(world, size_name, location)
    given = dict(properties.get("storageProfile") or {})
    kind = storage.default_kind(size)
    os_disk = storage.read_os_disk(world, given, location, kind)
    data_disks = storage.read_data_disks(given, os_disk.image, kind)
    spot.complete(properties, size)
    placement.check(world, properties, str((body.get("zones") or [""])[0]) or None)
    _check_profile(properties, os_disk, vm_id)
    vm = _model(world, vm_id, body, properties, os_disk.entry["osType"])
    entries = nics.read(world, vm_id, location, properties)
    draft = Draft(vm, size, os_disk, data_disks, entries)
    _check_fit(world, draft, given)
    permits.check(world, body, vm_id, os_disk.image)
    reservation.check(world, vm)
    _complete(draft, given)
    return draft


def _refuse_unserved(properties: Json) -> None:
    """Refuse what this simulator does not do, rather than pretend."""
    for name in UNSERVED:
        if properties.get(name):
            raise errors.unserved(name)


def _check_profile(properties: Json, os_disk: OsDisk, vm_id: str) -> None:
    profile = properties.get("osProfile")
    if os_disk.os_state == "Specialized":
        if profile:
            raise errors.not_allowed("osProfile")
        return
    if not profile:
        raise errors.missing("osProfile")
    osprofile.check(profile, os_disk.entry["osType"], name_of(vm_id))


def _check_fit(world: World, draft: Draft, given: Json) -> None:
    size, guest, properties = draft.size, draft.os_disk.guest, draft.vm.properties
    security = properties.get("securityProfile") or {}
    security_type = str(security.get("securityType") or "")
    fit.check_boot(size, guest)
    fit.check_security(size, guest, security_type)
    if draft.os_disk.image is None:
        attached = guest.security.split("_")[0]
        if attached != security_type.replace("Standard", ""):
            raise fit_errors.disk_security()
    controller = fit.pick_controller(size, guest, given.get("diskControllerType"))
    draft.vm.sim |= {"guest": guest.to_json(), "controller": controller}
    fit.check_counts(
        size, draft.vm.body["name"], data_disks=len(draft.data_disks), nics=len(draft.nics)
    )
    fit.check_premium(size, storage.kinds(world, [draft.os_disk.entry, *draft.data_disks]))
    nics.check_fit(world, draft.vm, size, [entry["id"] for entry in draft.nics])


def _model(world: World, vm_id: str, body: Json, properties: Json, os_type: str) -> Resource:
    """Return the VM as it is kept, but for its disks and interfaces."""
    shown: Json = {
        "name": name_of(vm_id),
        "id": vm_id,
        "type": TYPE,
        "location": str(body["location"]).replace(" ", "").lower(),
        "tags": body.get("tags") or {},
    }
    if body.get("zones"):
        shown["zones"] = [str(zone) for zone in body["zones"]]
    if body.get("plan"):
        shown["plan"] = body["plan"]
    minted = identity.merge(world, None, body.get("identity"))
    if minted:
        shown["identity"] = minted
    kept: Json = {"vmId": world.new_uuid(), "hardwareProfile": dict(properties["hardwareProfile"])}
    kept |= {name: properties[name] for name in MERGED if properties.get(name) is not None}
    if properties.get("osProfile"):
        kept["osProfile"] = osprofile.render(properties["osProfile"], os_type, name_of(vm_id))
    if properties.get("userData"):
        osprofile.check_base64(properties["userData"], "userData", "User data")
        kept["userData"] = properties["userData"]
    kept["provisioningState"] = "Creating"
    kept["timeCreated"] = stamp(world.now)
    return Resource(vm_id, TYPE, {**shown, "properties": kept})


def _complete(draft: Draft, given: Json) -> None:
    properties = draft.vm.properties
    profile: Json = {}
    if draft.os_disk.image is not None:
        profile["imageReference"] = dict(given["imageReference"])
        exact = draft.os_disk.image.get("exactVersion")
        if exact and "id" not in given["imageReference"]:
            profile["imageReference"]["exactVersion"] = exact
    profile |= {"osDisk": draft.os_disk.entry, "dataDisks": draft.data_disks}
    if bare.is_unmanaged(draft.os_disk.entry):
        bare.remember(draft.vm, draft.os_disk.image)
    if given.get("diskControllerType") or draft.vm.sim["controller"] == "NVMe":
        profile["diskControllerType"] = draft.vm.sim["controller"]
    properties["storageProfile"] = profile
    properties["hardwareProfile"]["vmSize"] = draft.size.name
    properties["networkProfile"] = {"networkInterfaces": draft.nics}


def _place(world: World, draft: Draft) -> ArmProblem | None:
    """Ask for quota, price and room; a refusal here keeps the interfaces for this VM id."""
    vm = draft.vm
    try:
        host.refuse_if_restricted(world, draft.size, vm.location, vm.zone)
        if not reservation.has_place(world, vm):
            usage.check(
                world,
                subscription=subscription_of(vm.id),
                location=vm.location,
                size=draft.size,
                priority=vm.properties.get("priority"),
            )
        host.refuse_if_too_dear(world, vm)
        return host.find_room(world, vm)
    except ArmProblem:
        nics.reserve(world, vm.id, draft.nics)
        raise


def _take_disks(world: World, draft: Draft) -> None:
    vm = draft.vm
    security = (vm.properties.get("securityProfile") or {}).get("securityType")
    owner = Owner(vm.id, vm.location, vm.zone, vm.body["tags"], security)
    with storage.all_or_nothing(world, vm.id) as made:
        profile = vm.properties["storageProfile"]
        profile["osDisk"] = storage.take_os_disk(world, owner, draft.os_disk, made)
        profile["dataDisks"] = [
            storage.take_data_disk(world, owner, entry, draft.os_disk.image, made)
            for entry in draft.data_disks
        ]
    vm.sim["made"] = made


def _seconds(world: World, draft: Draft, failure: ArmProblem | None) -> float:
    if failure:
        return latency.draw(world, "vm.allocation.fail")
    if draft.os_disk.image is None:
        return latency.draw(world, "vm.create.attach")
    if draft.os_disk.os_state == "Specialized":
        return latency.draw(world, "vm.create.specialized")
    windows = draft.os_disk.entry["osType"] == "Windows"
    return latency.draw(world, "vm.create.image.windows" if windows else "vm.create.image")


def _first_answer(world: World, vm: Resource) -> Json:
    """Return the reply to the PUT: disks that Azure names have no name yet, as recorded."""
    body = render(world, vm)
    hide_made(body["properties"]["storageProfile"], vm.sim.pop("made", []))
    return body


@effect("vm.created")
def created(world: World, args: Json) -> None:
    """The VM is up."""
    vm = world.find(args["vm"])
    if vm is None:
        return
    settle_at(world, vm, "Succeeded")
    set_power(world, vm, "running")
    world.save(vm)


@effect("vm.created.failed")
def create_failed(world: World, args: Json) -> None:
    """The create ended badly: the VM stays, Failed, and keeps its disks and interfaces."""
    vm = world.find(args["vm"])
    if vm is None:
        return
    settle_at(world, vm, "Failed", args["failure"])
    if args["failure"]["code"] in GUEST_ERRORS:
        set_power(world, vm, "running")
    else:
        vm.sim["allocated"] = False
        vm.sim["never_up"] = True
        set_power(world, vm, None)
        for disk_id in disk_ids(vm):
            disks.set_power(world, disk_id, running=False)
        nics.set_power(world, vm, running=False)
    if args["failure"]["code"] == "OSProvisioningTimedOut":
        health.annotate(world, vm, "VirtualMachineProvisioningTimedOut")
    world.save(vm)
