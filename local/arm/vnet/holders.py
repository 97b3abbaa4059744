"""Configurations that hold private addresses: those of interfaces, and of load balancers.

`segment` is the list of the resource's configurations: `ipConfigurations` or
`frontendIPConfigurations`.
"""

from collections.abc import Iterator

from local.arm.network import parts
from local.arm.vnet import state as vnet
from local.arm.wire import ArmProblem, Json, key_of
from local.arm.world import Resource, World


def assign(world: World, new: Resource, found: Resource | None, segment: str) -> None:
    """Give each configuration of a draft its address; none is given if one cannot be had.

    A dynamic address stays while its configuration stays in its subnet; a static one that is not
    named becomes the one that the configuration has. As recorded.
    """
    before = _held(found, segment)
    try:
        for holder, properties in _in_subnets(new, segment):
            properties["privateIPAddress"] = _choose(world, holder, properties, before)
    except ArmProblem:
        kept = {address for address, _ in before.values()}
        for holder, properties in _in_subnets(new, segment):
            vnet.free_all(world, vnet.vnet_id_of(properties["subnet"]["id"]), {holder}, kept)
        raise


def free_left(world: World, found: Resource | None, new: Resource | None, segment: str) -> None:
    """Free the addresses that `found` held and `new`, in its place, does not."""
    now = {address for address, _ in _held(new, segment).values()}
    for holder, (_, subnet_id) in _held(found, segment).items():
        vnet.free_all(world, vnet.vnet_id_of(subnet_id), {holder}, now)


def _in_subnets(resource: Resource | None, segment: str) -> Iterator[tuple[str, Json]]:
    for one in resource.properties.get(segment) or [] if resource else []:
        if resource and "subnet" in one["properties"]:
            yield parts.child_id(resource, segment, one), one["properties"]


def _held(resource: Resource | None, segment: str) -> dict[str, tuple[str, str]]:
    """Return the address and subnet of each configuration, by the configuration's id."""
    return {
        key_of(holder): (properties["privateIPAddress"], properties["subnet"]["id"])
        for holder, properties in _in_subnets(resource, segment)
        if "privateIPAddress" in properties
    }


def _choose(world: World, holder: str, properties: Json, before: dict[str, tuple[str, str]]) -> str:
    subnet_id = properties["subnet"]["id"]
    had, had_in = before.get(key_of(holder), ("", ""))
    wanted = properties.get("privateIPAddress")
    if properties["privateIPAllocationMethod"] == "Static" and wanted:
        address = vnet.refuse_unless_free(world, subnet_id, wanted, holder)
        vnet.take(world, subnet_id, address, holder)
        return address
    if had and key_of(had_in) == key_of(subnet_id):
        return had
    return vnet.allocate(world, subnet_id, holder, properties["privateIPAddressVersion"])
