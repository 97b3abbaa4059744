"""Getting a VM onto a host: price, capacity, and what a refusal leaves behind."""

from local.arm import capacity
from local.arm.capacity import Shortage
from local.arm.price import state as prices
from local.arm.reservation import state as reservation
from local.arm.sku import state as skus
from local.arm.sku.state import Size
from local.arm.vm import errors
from local.arm.vm.wire import is_spot
from local.arm.wire import ArmProblem
from local.arm.world import Resource, World


def size_of(world: World, name: str, location: str) -> Size:
    """Return a VM size that the region sells; raise Azure's refusal of any other."""
    size = skus.size(world, name)
    if size is None or not size.offered(location):
        known = [one.name for one in skus.catalogue().values() if one.offered(location)]
        raise errors.unknown_size(name, known)
    return size


def refuse_if_restricted(world: World, size: Size, location: str, zone: str | None) -> None:
    """Raise if the subscription may not use the size there, whatever the capacity."""
    if skus.refused(world, size, location, zone):
        raise errors.size_not_in_zone(size.name, location, zone or "")


def refuse_if_too_dear(world: World, vm: Resource) -> None:
    """Raise if the market asks more than the VM's maxPrice."""
    highest = float((vm.properties.get("billingProfile") or {}).get("maxPrice", -1.0))
    if highest == -1.0 or not is_spot(vm.properties):
        return
    price = spot_price(world, vm)
    if price is not None and price > highest:
        raise errors.price_above_max(price, highest)


def spot_price(world: World, vm: Resource) -> float | None:
    """Return what the market asks for this VM an hour, in USD."""
    size = skus.size(world, vm.properties["hardwareProfile"]["vmSize"])
    if size is None:
        return None
    windows = vm.properties["storageProfile"]["osDisk"].get("osType") == "Windows"
    return prices.price(world, vm.location, size, "Spot", "Windows" if windows else "Linux")


def find_room(world: World, vm: Resource) -> ArmProblem | None:
    """Take a place on a host for a VM, or raise, or return the error its operation ends with."""
    if reservation.has_place(world, vm):
        vm.sim["allocated"] = True
        return None
    found: Shortage | None = capacity.shortage(world, capacity.place_of(vm), vm.id)
    if found is None:
        vm.sim["allocated"] = True
        return None
    if found.at_accept:
        raise found.problem
    return found.problem
