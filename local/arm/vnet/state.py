"""Virtual networks: their subnets, and who holds which private address.

Addresses are unique in a virtual network; `sim["addresses"]` maps each to its holder, and
`sim["floors"]` tells of each prefix below which offset nothing is free, so that the thousandth
interface costs no more than the first.
"""

from collections.abc import Mapping

from local.arm.network import addresses, parts
from local.arm.network.addresses import Network
from local.arm.network.errors import malformed
from local.arm.network.parts import Link
from local.arm.vnet import errors, wire
from local.arm.wire import Json, key_of, name_of
from local.arm.world import Resource, World

SMALLEST_SUBNET = 8
"""Addresses in a /29, the smallest IPv4 subnet. Source: Azure docs, virtual-networks-faq."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def accept(world: World, new: Resource, found: Resource | None) -> None:
    """Complete and check a draft of a virtual network."""
    given = new.properties
    new.body["properties"] = wire.network_properties(given)
    subnets = given.get("subnets")
    if subnets is None:  # not an empty list: who does not speak of subnets keeps them
        subnets = found.properties.get("subnets") or [] if found else []
    new.properties["subnets"] = [wire.subnet(one, new.location) for one in subnets]
    _check_ranges(new)
    for subnet in new.properties["subnets"]:
        for name in ("networkSecurityGroup", "routeTable", "natGateway"):
            target = (subnet["properties"].get(name) or {}).get("id")
            if target and name == "networkSecurityGroup":
                subnet_id = parts.child_id(new, "subnets", subnet)
                subnet["properties"][name] = {"id": parts.refer(world, target, new, subnet_id).id}
    if found:
        _keep_what_is_used(world, new, found)
    new.sim.setdefault("addresses", {})
    new.sim.setdefault("domain", _domain(world))


def _domain(world: World) -> str:
    label = "".join(world.dice().choices(_LETTERS, k=26))
    return f"{label}.bx.internal.cloudapp.net"


def _read(prefix: str, owner_id: str) -> Network:
    try:
        return addresses.network(prefix)
    except ValueError:
        corrected = addresses.corrected(prefix)
        if corrected:
            raise errors.host_bits(prefix, owner_id, corrected) from None
        raise errors.not_a_prefix(prefix, owner_id) from None


def _check_ranges(vnet: Resource) -> None:
    texts = vnet.properties["addressSpace"]["addressPrefixes"]
    if not texts:
        raise errors.no_address_space(vnet.id)
    space = [_read(text, vnet.id) for text in texts]
    taken: list[Network] = []
    for subnet in vnet.properties["subnets"]:
        name, network = subnet["name"], name_of(vnet.id)
        ranges = [_read(p, parts.child_id(vnet, "subnets", subnet)) for p in wire.prefixes(subnet)]
        if not ranges or any(one.num_addresses < SMALLEST_SUBNET for one in ranges):
            raise errors.invalid_subnet(name, network)
        for one in ranges:
            if not any(addresses.contains(outer, one) for outer in space):
                raise errors.outside(name, network)
            if any(one.version == other.version and one.overlaps(other) for other in taken):
                raise errors.overlaps(name, network)
        taken += ranges


def _keep_what_is_used(world: World, new: Resource, found: Resource) -> None:
    """Refuse to lose a subnet, or a prefix of one, that is in use."""
    wanted = {subnet["name"].lower(): subnet for subnet in new.properties["subnets"]}
    for old in found.properties.get("subnets") or []:
        subnet = wanted.get(old["name"].lower())
        if subnet is None:
            refuse_delete_subnet(world, found, old)
            continue
        kept = [addresses.network(prefix) for prefix in wire.prefixes(subnet)]
        for prefix in wire.prefixes(old):
            held = _held_in(found, addresses.network(prefix))
            inside = all(any(addresses.address(a) in one for one in kept) for a in held)
            if held and not inside:
                raise errors.prefix_in_use(old["name"], prefix)


def _held_in(vnet: Resource, prefix: Network) -> list[str]:
    held: Mapping[str, str] = vnet.sim.get("addresses", {})
    return [one for one in held if addresses.address(one) in prefix]


def links(vnet: Resource) -> set[Link]:
    """Return what the subnets of a virtual network refer to."""
    found = set()
    for subnet in vnet.properties.get("subnets") or []:
        group = subnet["properties"].get("networkSecurityGroup")
        if group:
            found.add(Link(group["id"], "subnets", parts.child_id(vnet, "subnets", subnet)))
    return found


def refuse_delete_subnet(world: World, vnet: Resource, subnet: Json) -> None:
    """Raise if something is in the subnet."""
    inside = parts.users(world, parts.child_id(vnet, "subnets", subnet))
    if inside:
        raise errors.in_use(subnet["name"], inside[0])


def refuse_delete(world: World, vnet: Resource) -> None:
    """Raise if something is in one of the subnets."""
    for subnet in vnet.properties.get("subnets") or []:
        refuse_delete_subnet(world, vnet, subnet)


def allocate(world: World, subnet_id: str, holder_id: str, version: str = "IPv4") -> str:
    """Give the holder the lowest free address of a subnet; raise if there is none."""
    vnet, subnet = _subnet(world, subnet_id)
    held: dict[str, str] = vnet.sim.setdefault("addresses", {})
    floors: dict[str, int] = vnet.sim.setdefault("floors", {})
    for text in wire.prefixes(subnet):
        prefix = addresses.network(text)
        if not addresses.is_version(prefix, version):
            continue
        first = floors.get(text, addresses.RESERVED_FIRST)
        for free in addresses.free(prefix, held, first):
            held[free] = holder_id
            floors[text] = addresses.offset(prefix, free) + 1
            world.save(vnet)
            return free
    raise errors.full(subnet["name"], " ".join(wire.prefixes(subnet)))


def refuse_unless_free(world: World, subnet_id: str, wanted: str, holder_id: str) -> str:
    """Raise unless the holder may have this address of the subnet; return it normalised."""
    vnet, subnet = _subnet(world, subnet_id)
    address = addresses.address(wanted)
    if address is None:
        raise malformed(f"The private IP address {wanted} is not an IP address.")
    texts = wire.prefixes(subnet)
    prefix = next((p for p in map(addresses.network, texts) if address in p), None)
    if prefix is None:
        raise errors.not_in_subnet(wanted, " ".join(texts))
    if addresses.is_reserved(prefix, address):
        raise errors.reserved(wanted, str(prefix))
    holder = vnet.sim.get("addresses", {}).get(str(address))
    if holder and key_of(holder) != key_of(holder_id):
        raise errors.allocated(holder_id, wanted, holder)
    return str(address)


def take(world: World, subnet_id: str, address: str, holder_id: str) -> None:
    """Give the holder this very address, which `refuse_unless_free` has let pass."""
    vnet, _ = _subnet(world, subnet_id)
    vnet.sim.setdefault("addresses", {})[address] = holder_id
    world.save(vnet)


def free_all(world: World, vnet_id: str, holders: set[str], but: set[str]) -> None:
    """Take back the addresses of some holders, except those in `but`."""
    vnet = world.find(vnet_id)
    if vnet is None:
        return
    held: dict[str, str] = vnet.sim.get("addresses", {})
    keys = {key_of(holder) for holder in holders}
    gone = [a for a, holder in held.items() if key_of(holder) in keys and a not in but]
    for address in gone:
        del held[address]
    if gone:
        vnet.sim["floors"] = {}
        world.save(vnet)


def vnet_id_of(subnet_id: str) -> str:
    """Return the id of the virtual network that a subnet's id names."""
    return subnet_id.rsplit("/", 2)[0]


def domain_of(world: World, subnet_id: str) -> str:
    """Return the internal DNS suffix of the subnet's network."""
    vnet, _ = _subnet(world, subnet_id)
    return str(vnet.sim["domain"])


def _subnet(world: World, subnet_id: str) -> tuple[Resource, Json]:
    part = parts.find(world, subnet_id)
    if part is None:
        raise errors.invalid_subnet(name_of(subnet_id), name_of(vnet_id_of(subnet_id)))
    return part.owner, part.body


def usages(vnet: Resource) -> list[Json]:
    """Return how full each subnet is."""
    found = []
    for subnet in vnet.properties.get("subnets") or []:
        ranges = [addresses.network(prefix) for prefix in wire.prefixes(subnet)]
        used = sum(len(_held_in(vnet, one)) for one in ranges)
        limit = sum(addresses.usable(one) for one in ranges if one.version == 4)  # noqa: PLR2004
        found.append(wire.usage(parts.child_id(vnet, "subnets", subnet), used, limit))
    return found


def availability(vnet: Resource, wanted: str) -> Json:
    """Tell whether an address is free; if not, which of its subnet are."""
    address = addresses.address(wanted)
    held = vnet.sim.get("addresses", {})
    for subnet in vnet.properties.get("subnets") or []:
        for prefix in map(addresses.network, wire.prefixes(subnet)):
            if address is None or address not in prefix:
                continue
            reserved = addresses.is_reserved(prefix, address)
            if str(address) not in held and not reserved:
                return {"available": True, "isPlatformReserved": False}
            others = [a for a, _ in zip(addresses.free(prefix, held), range(5), strict=False)]
            return {
                "available": False,
                "availableIPAddresses": others,
                "isPlatformReserved": reserved,
            }
    raise errors.not_in_any_subnet(wanted, vnet.id)
