"""What Azure checks of an interface besides its subnet: addresses, pools, groups, its VM."""

from local.arm.network import parts
from local.arm.nic import errors
from local.arm.publicip import state as publicip
from local.arm.sku import state as sku
from local.arm.sku.state import Size
from local.arm.wire import Json, key_of
from local.arm.world import Resource, World

CONFIGURATIONS = "ipConfigurations"


def configurations(world: World, nic: Resource, held: list[Json]) -> None:
    """Raise unless the configurations of a draft go together, and with what they refer to."""
    bound: dict[str, str] = {}
    for one in held:
        config_id = parts.child_id(nic, CONFIGURATIONS, one)
        properties = one["properties"]
        if properties["primary"] and properties["privateIPAddressVersion"] == "IPv6":
            raise errors.primary_of_six(config_id)
        public = properties.get("publicIPAddress")
        if public:
            address = world.resources[key_of(public["id"])]
            if address.id in bound:
                raise errors.same_address_twice(config_id, bound[address.id], address.id)
            bound[address.id] = config_id
            publicip.refuse_unless_free(world, address, config_id)
        for rule in properties.get("loadBalancerInboundNatRules") or []:
            for user in parts.users(world, rule["id"], "backendIPConfiguration"):
                if key_of(user) != key_of(config_id):
                    raise errors.rule_in_use(rule["id"], user)
    _refuse_several_skus(world, held)
    _refuse_several_sets_of_groups(nic, held)


def _refuse_several_skus(world: World, held: list[Json]) -> None:
    """Raise unless all load balancers and public addresses of the interface are of one SKU."""
    first: Resource | None = None
    for one in held:
        properties = one["properties"]
        ids = [pool["id"] for pool in properties.get("loadBalancerBackendAddressPools") or []]
        ids += [properties["publicIPAddress"]["id"]] if "publicIPAddress" in properties else []
        for target in ids:
            part = parts.find(world, target)
            if part is None:
                continue
            first = first or part.owner
            if part.owner.body["sku"]["name"] != first.body["sku"]["name"]:
                raise errors.skus_differ(first.id, part.owner.id)


def _refuse_several_sets_of_groups(nic: Resource, held: list[Json]) -> None:
    """Raise unless all IPv4 configurations are in the same application security groups."""
    seen: tuple[str, str] | None = None
    for one in held:
        if one["properties"]["privateIPAddressVersion"] == "IPv6":
            continue
        groups = [group["id"] for group in one["properties"].get("applicationSecurityGroups") or []]
        told = parts.child_id(nic, CONFIGURATIONS, one), ", ".join(sorted(groups))
        seen = seen or told
        if key_of(told[1]) != key_of(seen[1]):
            raise errors.several_sets_of_groups(seen, told)


def fit(world: World, vm: Resource | None, nic: Resource) -> None:
    """Raise unless an interface goes with the VM that has it: its size, its zone."""
    if vm is None:
        return
    size = sku.size(world, str(vm.properties["hardwareProfile"]["vmSize"]))
    if size:
        acceleration(nic, vm.id, size)
    zones(world, vm, nic)


def zones(world: World, vm: Resource, nic: Resource) -> None:
    """Raise unless the public addresses of an interface serve the zone of its VM.

    A Basic address serves no zone; a Standard one without zones, and any for a regional VM, is let
    pass: nothing was found that says otherwise.
    """
    if not vm.zone:
        return
    for _, one in parts.children(nic):
        public = one["properties"].get("publicIPAddress")
        address = world.find(public["id"]) if public else None
        if address is None:
            continue
        has = [str(zone) for zone in address.body.get("zones") or []]
        if address.body["sku"]["name"] == "Basic" or (has and vm.zone not in has):
            told = ", ".join(has) or "Regional"
            raise errors.zones_differ((vm.body["name"], vm.zone), address.id, told)


def acceleration(nic: Resource, vm_id: str, size: Size) -> None:
    """Raise if an interface is accelerated and the size of its VM cannot do that."""
    wanted = nic.properties.get("enableAcceleratedNetworking")
    if wanted and not size.supports("AcceleratedNetworkingEnabled"):
        raise errors.size_is_not_accelerated(vm_id, size.name)
