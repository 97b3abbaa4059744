"""Network interfaces: their configurations and addresses, and the VM that has them."""

from datetime import datetime, timedelta

from local.arm.network import parts, writing
from local.arm.network.errors import invalid_reference, malformed
from local.arm.network.parts import Link
from local.arm.nic import check, errors, wire
from local.arm.publicip import state as publicip
from local.arm.vnet import errors as vnet_errors
from local.arm.vnet import holders
from local.arm.vnet import state as vnet
from local.arm.wire import Json, key_of, same_location
from local.arm.world import Resource, World

CONFIGURATIONS = "ipConfigurations"
_USES = {
    "subnet": "ipConfigurations",
    "publicIPAddress": "ipConfiguration",
    "applicationGatewayBackendAddressPools": "backendIPConfigurations",
    "loadBalancerBackendAddressPools": "backendIPConfigurations",
    "loadBalancerInboundNatRules": "backendIPConfiguration",
    "applicationSecurityGroups": "members",
}
"""Properties of a configuration that refer to something, and how that shows the use."""
_OF_THE_VM = ("macAddress", "primary", "virtualMachine")
_MAC_PREFIXES = ("00-0D-3A", "00-22-48", "60-45-BD")
"""Blocks of addresses that Microsoft's virtual machines have; the first two recorded."""


def accept(world: World, new: Resource, found: Resource | None) -> None:
    """Complete and check a draft of an interface; gives it its private addresses."""
    given = new.properties
    if not given.get("ipConfigurations"):
        raise malformed("A network interface needs an IP configuration.")
    configurations = [wire.configuration(one) for one in given["ipConfigurations"]]
    _choose_primary(new, configurations)
    for one in configurations:
        _resolve(world, new, one)
    subnet_id = _only_subnet(new, configurations)
    new.body["properties"] = wire.properties(
        given, configurations, vnet.domain_of(world, subnet_id)
    )
    group = new.properties.get("networkSecurityGroup")
    if group:
        group["id"] = parts.refer(world, group["id"], new).id
    check.configurations(world, new, configurations)
    if found:
        _keep_the_vm(world, new, found)
    holders.assign(world, new, found, CONFIGURATIONS)


def _choose_primary(nic: Resource, configurations: list[Json]) -> None:
    primary = [one for one in configurations if one["properties"]["primary"]]
    if not primary:
        configurations[0]["properties"]["primary"] = True
    if len(primary) > 1:
        raise errors.one_primary(nic.id)


def _resolve(world: World, nic: Resource, configuration: Json) -> None:
    """Check all that a configuration refers to; write the ids as Azure spells them."""
    properties = configuration["properties"]
    for name in _USES:
        held = properties.get(name) or []
        for one in held if isinstance(held, list) else [held]:
            one["id"] = parts.refer(world, one["id"], nic).id


def _only_subnet(nic: Resource, configurations: list[Json]) -> str:
    """Return the subnet of all configurations; raise if they have none, or several."""
    found = [one["properties"].get("subnet", {}).get("id") for one in configurations]
    if None in found:
        raise malformed(f"An IP configuration of {nic.id} names no subnet.")
    if len({key_of(one) for one in found}) > 1:
        raise errors.several_subnets(nic.id)
    return str(found[0])


def _keep_the_vm(world: World, new: Resource, found: Resource) -> None:
    """Carry over what the VM decides, and refuse what it forbids."""
    vm = found.properties.get("virtualMachine")
    if vm:
        before, after = _vnet_of(found), _vnet_of(new)
        if key_of(before) != key_of(after):
            subnet_id = new.properties["ipConfigurations"][0]["properties"]["subnet"]["id"]
            raise vnet_errors.subnets_of_several_vnets(vm["id"], subnet_id, before)
        fast = "enableAcceleratedNetworking"
        if found.sim.get("running") and new.properties[fast] != found.properties.get(fast):
            raise errors.running(found.id, vm["id"])
        check.fit(world, world.find(vm["id"]), new)
    kept = {name: found.properties[name] for name in _OF_THE_VM if name in found.properties}
    new.properties.update(kept)


def is_written_at_once(nic: Resource) -> bool:
    """Tell whether a write is over at once: it is unless a VM has the interface."""
    return "virtualMachine" not in nic.properties


def _vnet_of(nic: Resource) -> str:
    first = nic.properties["ipConfigurations"][0]["properties"]
    return vnet.vnet_id_of(first["subnet"]["id"])


def links(nic: Resource) -> set[Link]:
    """Return all that an interface refers to."""
    found = set()
    for segment, one in parts.children(nic):
        config_id = parts.child_id(nic, segment, one)
        for name, field in _USES.items():
            held = one["properties"].get(name) or []
            for target in held if isinstance(held, list) else [held]:
                found.add(Link(target["id"], field, config_id))
    group = nic.properties.get("networkSecurityGroup")
    if group:
        found.add(Link(group["id"], "networkInterfaces", nic.id))
    return found


def balancers_of(world: World, nic: Resource) -> list[Resource]:
    """Return the load balancers whose pools or NAT rules the interface joined, once each."""
    joined = [link.target for link in sorted(links(nic)) if link.field.startswith("backend")]
    found = [part.owner for target in joined if (part := parts.find(world, target))]
    kind = "Microsoft.Network/loadBalancers"
    return list({balancer.id: balancer for balancer in found if balancer.type == kind}.values())


def kept(world: World, nic: Resource, found: Resource | None) -> None:
    """Free what the interface no longer has; let new dynamic addresses come if the VM runs."""
    holders.free_left(world, found, nic, CONFIGURATIONS)
    set_power(world, nic.id, running=bool(nic.sim.get("running")))


def dropped(world: World, nic: Resource) -> None:
    """Free all addresses of an interface that is gone."""
    holders.free_left(world, nic, None, CONFIGURATIONS)
    for public in _public_addresses(nic):
        publicip.set_running(world, public["id"], running=False)


def _public_addresses(nic: Resource) -> list[Json]:
    held = [one["properties"].get("publicIPAddress") for _, one in parts.children(nic)]
    return [one for one in held if one]


def refuse_delete(world: World, nic: Resource) -> None:
    """Raise if a VM has the interface, or Azure keeps it for one."""
    vm = nic.properties.get("virtualMachine")
    if vm:
        raise errors.in_use(nic.id, vm["id"])
    _refuse_if_reserved(world, nic, "")


# -- for the VM -----------------------------------------------------------------------------------


def refuse_unless_claimable(
    world: World, nic_id: str, vm_id: str, *, location: str | None = None
) -> Resource:
    """Raise unless this VM may have the interface; return it. `location` is the VM's region."""
    nic = world.find(nic_id)
    if nic is None or (location and not same_location(nic.location, location)):
        raise invalid_reference(nic_id, vm_id)
    vm = nic.properties.get("virtualMachine")
    if vm and key_of(vm["id"]) != key_of(vm_id):
        raise errors.in_use(nic.id, vm["id"])
    _refuse_if_reserved(world, nic, vm_id)
    return nic


def _refuse_if_reserved(world: World, nic: Resource, vm_id: str) -> None:
    kept_for = nic.sim.get("reserved")
    if not kept_for or key_of(kept_for["vm"]) == key_of(vm_id):
        return
    if world.now < datetime.fromisoformat(kept_for["until"]):
        raise errors.reserved(kept_for["vm"])


def refuse_unless_one_network(world: World, vm_id: str, nic_ids: list[str]) -> None:
    """Raise unless all interfaces of a VM are in one virtual network."""
    network = ""
    for nic_id in nic_ids:
        nic = world.find(nic_id)
        if nic is None:
            raise invalid_reference(nic_id, vm_id)
        network = network or _vnet_of(nic)
        if key_of(_vnet_of(nic)) != key_of(network):
            subnet = nic.properties["ipConfigurations"][0]["properties"]["subnet"]["id"]
            raise vnet_errors.subnets_of_several_vnets(vm_id, subnet, network)


def claim(world: World, nic_id: str, vm_id: str, *, primary: bool = True) -> Resource:
    """Give an interface to a VM: its MAC address is decided, once and for all. Repeatable."""
    nic = refuse_unless_claimable(world, nic_id, vm_id)
    if "macAddress" not in nic.properties:
        dice = world.dice()
        tail = "-".join(f"{dice.randrange(256):02X}" for _ in range(3))
        nic.properties["macAddress"] = f"{dice.choice(_MAC_PREFIXES)}-{tail}"
    nic.properties.update({"primary": primary, "virtualMachine": {"id": vm_id}})
    nic.sim.pop("reserved", None)
    parts.save(world, nic)
    return nic


def set_power(world: World, nic_id: str, *, running: bool) -> None:
    """Note that the VM runs, or no longer has a host: dynamic public addresses come and go."""
    nic = world.find(nic_id)
    if nic is None:
        return
    nic.sim["running"] = running
    world.save(nic)
    for public in _public_addresses(nic):
        publicip.set_running(world, public["id"], running=running)


def reserve(world: World, nic_id: str, vm_id: str, seconds: float = errors.RESERVED_S) -> None:
    """Keep an interface for one VM id for a while; nothing if there is no interface."""
    nic = world.find(nic_id)
    if nic is None:
        return
    until = world.now + timedelta(seconds=seconds)
    nic.sim["reserved"] = {"vm": vm_id, "until": until.isoformat()}
    world.save(nic)


def release(world: World, nic_id: str, *, reserve_for_s: float = 0) -> None:
    """Take an interface from its VM, perhaps to be kept for it; nothing if no VM has it."""
    nic = world.find(nic_id)
    vm = nic.properties.pop("virtualMachine", None) if nic else None
    if nic is None or vm is None:
        return
    parts.save(world, nic)
    set_power(world, nic_id, running=False)
    if reserve_for_s:
        reserve(world, nic_id, vm["id"], reserve_for_s)


def delete(world: World, nic_id: str) -> None:
    """Delete an interface with its VM, and the public addresses that are to go with it."""
    nic = world.find(nic_id)
    if nic is None:
        return
    release(world, nic_id)
    writing.forget(world, nic)
    for public in _public_addresses(nic):
        address = world.find(public["id"])
        if address and public.get("properties", {}).get("deleteOption") == "Delete":
            writing.forget(world, address)
