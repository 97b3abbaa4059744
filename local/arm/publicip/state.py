"""Public IP addresses: which address, and from when until when.

A static one gets its address when it is made and keeps it until it is deleted. A dynamic one (Basic
only) has an address while the VM runs whose NIC it is bound to.
"""

from local.arm.network import parts
from local.arm.network.parts import Link
from local.arm.publicip import errors, wire
from local.arm.world import Resource, World

TYPE = "Microsoft.Network/publicIPAddresses"


def accept(world: World, new: Resource, found: Resource | None) -> None:
    """Complete and check a draft of an address."""
    new.body["sku"] = wire.sku(new.body.get("sku") or (found.body.get("sku") if found else None))
    new.body["properties"] = wire.properties(new.properties, new.location)
    name, static = new.body["sku"]["name"], is_static(new)
    if name != "Basic" and not static:
        raise errors.must_be_static(new.id, name)
    if name == "Basic" and new.body.get("zones"):
        raise errors.no_zones_in_basic(new.id)
    if found:
        _check_change(world, new, found)
        held = found.properties.get("ipAddress")
        if held and (static or new.sim.get("running")):
            new.properties["ipAddress"] = held
    _refuse_taken_name(world, new)


def _check_change(world: World, new: Resource, found: Resource) -> None:
    has, wanted = list(found.body.get("zones") or []), list(new.body.get("zones") or [])
    if wanted and sorted(has) != sorted(wanted):
        raise errors.zones_are_fixed(new.id, has, wanted)
    if has:
        new.body["zones"] = has
    holders = parts.users(world, found.id)
    before, after = found.body["sku"]["name"], new.body["sku"]["name"]
    if before != after and (holders or before != "Basic"):
        raise errors.sku_is_fixed(new.id, before, after)
    if holders and is_static(found) and not is_static(new):
        raise errors.in_use_cannot_become_dynamic(new.id, holders[0])


def _refuse_taken_name(world: World, new: Resource) -> None:
    fqdn = new.properties.get("dnsSettings", {}).get("fqdn")
    for other in world.of_type(TYPE) if fqdn else ():
        same = other.properties.get("dnsSettings", {}).get("fqdn") == fqdn
        if same and other.id.lower() != new.id.lower():
            raise errors.name_in_use(fqdn)


def is_static(address: Resource) -> bool:
    """Tell whether an address stays for as long as its resource."""
    return str(address.properties.get("publicIPAllocationMethod")).lower() == "static"


def settled(world: World, address: Resource) -> None:
    """Give an address to what has none and should have one."""
    if is_static(address) or address.sim.get("running"):
        assign(world, address)


def assign(world: World, address: Resource) -> None:
    """Give the resource an address that no other has; nothing if it has one."""
    if "ipAddress" in address.properties:
        return
    taken = {other.properties.get("ipAddress") for other in world.of_type(TYPE)}
    dice = world.dice()
    is_six = address.properties["publicIPAddressVersion"] == "IPv6"
    while True:
        if is_six:
            text = f"2603:1030:20e:3::{dice.randrange(1, 0xFFFF):x}"
        else:
            text = f"20.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"
        if text not in taken:
            address.properties["ipAddress"] = text
            return


def set_running(world: World, address_id: str, *, running: bool) -> None:
    """Let a dynamic address come and go with the VM it serves; nothing to a static one."""
    address = world.find(address_id)
    if address is None or is_static(address):
        return
    address.sim["running"] = running
    if running:
        assign(world, address)
    else:
        address.properties.pop("ipAddress", None)
    parts.save(world, address)


def refuse_unless_free(world: World, address: Resource, user_id: str) -> None:
    """Raise if something other than the user is bound to the address."""
    for holder in parts.users(world, address.id, "ipConfiguration"):
        if holder.lower() != user_id.lower():
            raise errors.in_use(user_id, address.id, holder)


def links(_address: Resource) -> set[Link]:
    """Return nothing: an address refers to nothing."""
    return set()


def refuse_delete(world: World, address: Resource) -> None:
    """Raise if something is bound to the address."""
    holders = parts.users(world, address.id, "ipConfiguration")
    if holders:
        raise errors.cannot_be_deleted(address.id, holders[0])
