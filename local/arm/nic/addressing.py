"""Which private addresses the configurations of an interface hold."""

from local.arm.network import parts
from local.arm.vnet import state as vnet
from local.arm.wire import ArmProblem, Json, key_of
from local.arm.world import Resource, World


def assign_addresses(world: World, nic: Resource, found: Resource | None) -> None:
    """Give each configuration its address; none is given if one cannot be had.

    A dynamic address stays while its configuration stays in its subnet; a static one that is not
    named becomes the one that the configuration has. As recorded.
    """
    before = _held(found)
    try:
        for _, one in parts.children(nic):
            _assign(world, nic, one, before)
    except ArmProblem:
        holders = {parts.child_id(nic, segment, one) for segment, one in parts.children(nic)}
        subnet_id = next(one["properties"]["subnet"]["id"] for _, one in parts.children(nic))
        old = {address for address, _ in before.values()}
        vnet.free_all(world, vnet.vnet_id_of(subnet_id), holders, old)
        raise


def _assign(
    world: World, nic: Resource, configuration: Json, before: dict[str, tuple[str, str]]
) -> None:
    holder = parts.child_id(nic, "ipConfigurations", configuration)
    properties = configuration["properties"]
    subnet_id = properties["subnet"]["id"]
    had, had_in = before.get(key_of(holder), ("", ""))
    stays = bool(had) and key_of(had_in) == key_of(subnet_id)
    wanted = properties.get("privateIPAddress")
    if wanted:
        wanted = vnet.refuse_unless_free(world, subnet_id, wanted, holder)
        vnet.take(world, subnet_id, wanted, holder)
    elif stays:
        wanted = had
    else:
        version = properties["privateIPAddressVersion"]
        wanted = vnet.allocate(world, subnet_id, holder, version)
    properties["privateIPAddress"] = wanted


def _held(nic: Resource | None) -> dict[str, tuple[str, str]]:
    """Return the address and subnet of each configuration, by the configuration's id."""
    held = {}
    for segment, one in parts.children(nic) if nic else ():
        properties = one["properties"]
        if "privateIPAddress" in properties:
            key = key_of(parts.child_id(nic, segment, one)) if nic else ""
            held[key] = (properties["privateIPAddress"], properties["subnet"]["id"])
    return held


def free_left_addresses(world: World, found: Resource | None, nic: Resource | None) -> None:
    """Free the addresses that `found` held and `nic`, in its place, does not."""
    if found is None:
        return
    now = {address for address, _ in _held(nic).values()}
    for holder, (_, subnet_id) in _held(found).items():
        vnet.free_all(world, vnet.vnet_id_of(subnet_id), {holder}, now)
