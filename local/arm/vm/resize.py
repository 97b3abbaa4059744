"""Another size for a VM.

A deallocated VM takes any that its guest can boot on: room is asked for at the next start, not
now. Source: Azure docs, sizes/resize-vm.
"""

from local.arm import capacity
from local.arm.capacity import Shortage
from local.arm.reservation import state as reservation
from local.arm.sku.state import Size
from local.arm.usage import state as usage
from local.arm.vm import errors, fit, host, nics, storage
from local.arm.vm.state import is_deallocated
from local.arm.vm.wire import is_spot, nic_ids
from local.arm.wire import Json, subscription_of
from local.arm.world import Resource, World


def wanted_size(world: World, vm: Resource, wanted: Json) -> Size | None:
    """Return the new size that a request asks for, checked; None if it asks for none.

    Raises each refusal that Azure has for a size that does not fit.
    """
    name = (wanted.get("hardwareProfile") or {}).get("vmSize")
    if not name or name.lower() == vm.properties["hardwareProfile"]["vmSize"].lower():
        _refuse_controller(world, vm, wanted)
        return None
    old = host.size_of(world, vm.properties["hardwareProfile"]["vmSize"], vm.location)
    new = host.size_of(world, name, vm.location)
    fit.check_resize(old, new)
    if is_spot(vm.properties) and not new.supports("LowPriorityCapable"):
        raise errors.spot_unsupported(new.name)
    _check_guest(vm, new, wanted)
    profile = vm.properties["storageProfile"]
    fit.check_counts(
        new,
        vm.body["name"],
        data_disks=len(profile["dataDisks"]),
        nics=len(nic_ids(vm.properties)),
    )
    fit.check_premium(new, storage.kinds(world, [profile["osDisk"], *profile["dataDisks"]]))
    nics.check_fit(world, vm, new, nic_ids(vm.properties))
    host.refuse_if_restricted(world, new, vm.location, vm.zone)
    reservation.check(world, vm, new.name)
    if reservation.has_place(world, vm, new.name):
        return new
    shared = is_spot(vm.properties) or new.family == old.family
    usage.check(
        world,
        subscription=subscription_of(vm.id),
        location=vm.location,
        size=new,
        priority=vm.properties.get("priority"),
        less=old.vcpus if shared else 0,
    )
    return new


def _check_guest(vm: Resource, new: Size, wanted: Json) -> None:
    guest = fit.guest_of_json(vm.sim["guest"])
    security = (vm.properties.get("securityProfile") or {}).get("securityType") or ""
    fit.check_boot(new, guest)
    fit.check_security(new, guest, security)
    asked = (wanted.get("storageProfile") or {}).get("diskControllerType")
    # Without being asked to, Azure keeps the controller that the guest boots from.
    vm.sim["controller_wanted"] = fit.pick_controller(new, guest, asked or vm.sim["controller"])


def _refuse_controller(world: World, vm: Resource, wanted: Json) -> None:
    asked = (wanted.get("storageProfile") or {}).get("diskControllerType")
    if not asked or asked.lower() == vm.sim["controller"].lower():
        return
    if not is_deallocated(vm):
        raise errors.while_allocated("storageProfile.diskControllerType", vm.body["name"])
    size = host.size_of(world, vm.properties["hardwareProfile"]["vmSize"], vm.location)
    guest = fit.guest_of_json(vm.sim["guest"])
    vm.sim["controller_wanted"] = fit.pick_controller(size, guest, asked)


def apply(vm: Resource, size: Size | None) -> None:
    """Give the VM its new size, and the controller that goes with it."""
    if size:
        vm.properties["hardwareProfile"]["vmSize"] = size.name
    controller = vm.sim.pop("controller_wanted", None)
    if controller:
        vm.sim["controller"] = controller
        if controller == "NVMe" or "diskControllerType" in vm.properties["storageProfile"]:
            vm.properties["storageProfile"]["diskControllerType"] = controller


def shortage(world: World, vm: Resource, size: Size) -> Shortage | None:
    """Return what keeps a running VM from its new size, or None."""
    if reservation.has_place(world, vm, size.name):
        return None
    return capacity.shortage(world, capacity.place_of(vm, size.name), vm.id)
