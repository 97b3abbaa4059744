"""Members of pools and NAT rules: IP configurations that leave with what they were in."""

from collections.abc import Collection

from local.arm.network import parts
from local.arm.wire import Json, key_of
from local.arm.world import Resource, World

LISTS = (
    "applicationGatewayBackendAddressPools",
    "loadBalancerBackendAddressPools",
    "loadBalancerInboundNatRules",
)
"""Properties of a NIC's IP configuration that say what it is in."""


def leave(world: World, owner: Resource, gone: Collection[str]) -> None:
    """Take pools and NAT rules that are no more out of the NICs that joined them.

    `gone` are the ids of parts of `owner`.
    """
    keys = {key_of(one) for one in gone}
    uses: Json = owner.sim.get("users", {})
    members = {user for key in keys for ids in uses.get(key, {}).values() for user in ids}
    for member in sorted(members):
        part = parts.find(world, member)
        if part is None:
            continue
        for name in LISTS:
            held = part.properties.get(name) or []
            stay = [one for one in held if key_of(one["id"]) not in keys]
            part.properties.pop(name, None)
            part.properties.update({name: stay} if stay else {})
        parts.save(world, part.owner)
    for key in keys:
        uses.pop(key, None)
    world.save(owner)
