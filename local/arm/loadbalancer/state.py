"""Load balancers: front ends with their addresses, pools that NICs join, rules between them."""

from collections.abc import Iterator

from local.arm.loadbalancer import errors, wire
from local.arm.network import members, parts
from local.arm.network.errors import invalid_reference
from local.arm.network.parts import Link
from local.arm.publicip import state as publicip
from local.arm.publicip.wire import sku
from local.arm.vnet import holders
from local.arm.wire import Json, key_of
from local.arm.world import Resource, World

FRONT_ENDS = "frontendIPConfigurations"


def accept(world: World, new: Resource, found: Resource | None) -> None:
    """Complete and check a draft of a load balancer; gives its front ends their addresses."""
    new.body["sku"] = sku(new.body.get("sku") or (found.body["sku"] if found else None))
    if found and found.body["sku"]["name"] != new.body["sku"]["name"]:
        raise errors.sku_is_fixed(new.id, found.body["sku"]["name"], new.body["sku"]["name"])
    given = new.properties
    new.body["properties"] = {
        name: [wire.part(name, one) for one in given.get(name) or []] for name in wire.LISTS
    }
    _check_internal(new)
    _refuse_shared_ports(new)
    for front_end in new.properties[FRONT_ENDS]:
        _check_front_end(world, new, front_end)
    holders.assign(world, new, found, FRONT_ENDS)


def _check_internal(balancer: Resource) -> None:
    """Raise unless all that rules refer to is there; write the ids as Azure spells them."""
    known = {
        key_of(parts.child_id(balancer, segment, one)): parts.child_id(balancer, segment, one)
        for segment, one in _children(balancer)
    }
    for user, _, target in _internal(balancer):
        if key_of(target["id"]) not in known:
            raise invalid_reference(target["id"], user)
        target["id"] = known[key_of(target["id"])]


def _internal(balancer: Resource) -> Iterator[tuple[str, str, Json]]:
    """Yield each reference within: who refers, to a part of which list, the reference."""
    for segment, one in _children(balancer):
        user = parts.child_id(balancer, segment, one)
        for name, list_name in wire.INTERNAL.items():
            held = one["properties"].get(name) or []
            for target in held if isinstance(held, list) else [held]:
                yield user, list_name, target


def _children(balancer: Resource) -> list[tuple[str, Json]]:
    return [(name, one) for name in wire.LISTS for one in balancer.properties.get(name) or []]


def _refuse_shared_ports(balancer: Resource) -> None:
    taken: dict[tuple[str, int, str], str] = {}
    for segment, one in _children(balancer):
        if segment not in {"loadBalancingRules", "inboundNatRules"}:
            continue
        properties = one["properties"]
        front_end = (properties.get("frontendIPConfiguration") or {}).get("id", "")
        port, protocol = properties["frontendPort"], str(properties["protocol"]).lower()
        place = (key_of(front_end), port, protocol)
        rule = parts.child_id(balancer, segment, one)
        if port and place in taken:
            raise errors.same_front_end_port(rule, taken[place])
        taken[place] = rule


def _check_front_end(world: World, balancer: Resource, front_end: Json) -> None:
    properties = front_end["properties"]
    user = parts.child_id(balancer, FRONT_ENDS, front_end)
    if "publicIPAddress" in properties:
        part = parts.refer(world, properties["publicIPAddress"]["id"], balancer, user)
        properties["publicIPAddress"]["id"] = part.id
        publicip.refuse_unless_free(world, part.owner, user)
        has, wanted = part.owner.body["sku"]["name"], balancer.body["sku"]["name"]
        if has != wanted:
            raise errors.skus_differ(balancer.id, wanted, part.id, has)
    elif "subnet" in properties:
        target = properties["subnet"]["id"]
        properties["subnet"]["id"] = parts.refer(world, target, balancer, user).id
    elif "publicIPPrefix" not in properties:
        raise errors.front_end_without_address(user)


def links(balancer: Resource) -> set[Link]:
    """Return the addresses and subnets of the front ends."""
    found = set()
    for one in balancer.properties.get(FRONT_ENDS) or []:
        user = parts.child_id(balancer, FRONT_ENDS, one)
        for name, field in (("publicIPAddress", "ipConfiguration"), ("subnet", "ipConfigurations")):
            if name in one["properties"]:
                found.add(Link(one["properties"][name]["id"], field, user))
    return found


def kept(world: World, new: Resource, found: Resource | None) -> None:
    """Free the addresses, and let go of the NICs, of parts that are no more."""
    if found is None:
        return
    holders.free_left(world, found, new, FRONT_ENDS)
    left = {key_of(parts.child_id(new, segment, one)) for segment, one in _children(new)}
    gone = {parts.child_id(found, segment, one) for segment, one in _children(found)}
    members.leave(world, new, {one for one in gone if key_of(one) not in left})


def dropped(world: World, balancer: Resource) -> None:
    """Free the addresses, and let go of the NICs, of a load balancer that is gone."""
    holders.free_left(world, balancer, None, FRONT_ENDS)
    members.leave(
        world, balancer, {parts.child_id(balancer, name, one) for name, one in _children(balancer)}
    )


def refuse_delete_part(_world: World, balancer: Resource, child: Json) -> None:
    """Raise if a rule of the load balancer refers to the pool or NAT rule."""
    for user, list_name, target in _internal(balancer):
        same_name = target["id"].rsplit("/", 1)[-1] == child["name"]
        if same_name and any(one is child for one in balancer.properties[list_name]):
            raise invalid_reference(target["id"], user)


def users_of(world: World, balancer: Resource) -> list[Resource]:
    """Return the NICs that joined pools or NAT rules, once each."""
    found: dict[str, Resource] = {}
    for uses in balancer.sim.get("users", {}).values():
        for ids in uses.values():
            for user in ids:
                part = parts.find(world, user)
                found |= {part.owner.id: part.owner} if part else {}
    return list(found.values())
