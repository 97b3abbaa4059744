"""Application gateways: front ends with their addresses, pools that NICs join, rules between."""

from collections.abc import Iterator

from local.arm.appgateway import errors, wire
from local.arm.network import members, parts
from local.arm.network.errors import invalid_reference
from local.arm.network.parts import Link
from local.arm.publicip import state as publicip
from local.arm.vnet import holders
from local.arm.wire import Json, key_of
from local.arm.world import Resource, World

FRONT_ENDS = "frontendIPConfigurations"
OWN = "gatewayIPConfigurations"
_USES = (
    (OWN, "subnet", "applicationGatewayIPConfigurations"),
    (FRONT_ENDS, "subnet", "ipConfigurations"),
    (FRONT_ENDS, "publicIPAddress", "ipConfiguration"),
)
"""A list of parts, what its parts refer to, and how that shows the use."""


def accept(world: World, new: Resource, found: Resource | None) -> None:
    """Complete and check a draft of a gateway; gives its private front ends their addresses."""
    new.body["properties"] = wire.properties(new.properties)
    if not new.properties["sku"]:
        raise errors.no_sku(new.id)
    for link, target in _outward(new):
        target["id"] = parts.refer(world, target["id"], new, link.source).id
    if not any("subnet" in one["properties"] for one in new.properties[OWN]):
        raise errors.no_subnet(new.id)
    _check_internal(new)
    for front_end in new.properties[FRONT_ENDS]:
        _check_address(world, new, front_end)
    _spell_allocation(new)
    holders.assign(world, new, found, FRONT_ENDS)


def _outward(gateway: Resource) -> Iterator[tuple[Link, Json]]:
    """Yield each reference to another resource, and how it is to be shown there."""
    for segment, name, field in _USES:
        for one in gateway.properties.get(segment) or []:
            target = one["properties"].get(name)
            if target:
                user = parts.child_id(gateway, segment, one)
                yield Link(target["id"], field, user), target


def _check_internal(gateway: Resource) -> None:
    """Raise unless all that parts refer to is there; write the ids as Azure spells them."""
    known = {
        key_of(parts.child_id(gateway, segment, one)): parts.child_id(gateway, segment, one)
        for segment, one in _children(gateway)
    }
    for segment, one in _children(gateway):
        user = parts.child_id(gateway, segment, one)
        for target in wire.references(one["properties"]):
            if key_of(target["id"]).startswith(key_of(gateway.id) + "/"):
                if key_of(target["id"]) not in known:
                    raise invalid_reference(target["id"], user)
                target["id"] = known[key_of(target["id"])]


def _children(gateway: Resource) -> list[tuple[str, Json]]:
    return [(name, one) for name in wire.LISTS for one in gateway.properties.get(name) or []]


def _check_address(world: World, gateway: Resource, front_end: Json) -> None:
    public = front_end["properties"].get("publicIPAddress")
    address = world.find(public["id"]) if public else None
    if address is None:
        return
    publicip.refuse_unless_free(world, address, parts.child_id(gateway, FRONT_ENDS, front_end))
    name, has = gateway.properties["sku"]["name"], address.body["sku"]["name"]
    if wire.is_second_generation(name) != (has == "Standard"):
        raise errors.skus_differ(gateway.id, name, address.id, has)


def _spell_allocation(gateway: Resource) -> None:
    """Complete what private front ends need to be given an address."""
    for front_end in gateway.properties[FRONT_ENDS]:
        properties = front_end["properties"]
        properties.setdefault("privateIPAllocationMethod", "Dynamic")
        if "subnet" in properties:
            properties.setdefault("privateIPAddressVersion", "IPv4")


def links(gateway: Resource) -> set[Link]:
    """Return the subnets and addresses that a gateway refers to."""
    return {link for link, _ in _outward(gateway)}


def kept(world: World, new: Resource, found: Resource | None) -> None:
    """Free the addresses, and let go of the NICs, of parts that are no more."""
    if found is None:
        return
    holders.free_left(world, found, new, FRONT_ENDS)
    left = {key_of(parts.child_id(new, segment, one)) for segment, one in _children(new)}
    gone = {parts.child_id(found, segment, one) for segment, one in _children(found)}
    members.leave(world, new, {one for one in gone if key_of(one) not in left})


def dropped(world: World, gateway: Resource) -> None:
    """Free the addresses, and let go of the NICs, of a gateway that is gone."""
    holders.free_left(world, gateway, None, FRONT_ENDS)
    gone = {parts.child_id(gateway, name, one) for name, one in _children(gateway)}
    members.leave(world, gateway, gone)
