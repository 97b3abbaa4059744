"""Whether a document and the network resources that it names go together.

The model's own rules see the document alone; these see what Azure told besides. What it did not
tell is not held against the document: Azure itself decides at the launch.
"""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

from shared.model.network import LoadBalancer, Named, NetworkInterface
from shared.model.network_facts import BalancerFacts, NetworkFacts, key_of
from shared.model.node import NodeDocument
from shared.model.problems import Code, Loc, Problem

LAUNCH: Final[Loc] = ("compute", "launchSpecification")
NETWORK: Final[Loc] = (*LAUNCH, "network")
BALANCERS: Final[Loc] = (*LAUNCH, "loadBalancersConfig", "loadBalancers")
KEPT_FIRST: Final = 4
"""Addresses at the beginning of a subnet that Azure keeps to itself, besides the last one.
Source: Azure docs, virtual-networks-faq."""
ELSEWHERE: Final = "is in another region than the node"


def problems(document: NodeDocument, facts: NetworkFacts) -> Iterator[Problem]:
    """Yield what keeps the node's NICs from being made as the document says."""
    if not facts.has_group:
        yield _bad(("resourceGroupName",), "names no resource group of the subscription")
    yield from _network(document, facts)
    for index, nic in enumerate(document.compute.launch_specification.network.network_interfaces):
        at = (*NETWORK, "networkInterfaces", index)
        yield from _groups(document, facts, nic, at)
        yield from _addresses(document, facts, nic, at)
    config = document.compute.launch_specification.load_balancers_config
    for index, one in enumerate((config.load_balancers if config else None) or ()):
        yield from _balancer(document, facts, one, (*BALANCERS, index))


def _bad(at: Loc, message: str) -> Problem:
    return Problem(at, Code.VALUE, message)


def _same(one: str, other: str) -> bool:
    return one.replace(" ", "").lower() == other.replace(" ", "").lower()


# -- network --------------------------------------------------------------------------------------


def vnet_of(document: NodeDocument) -> Named:
    """Return the virtual network that a document names."""
    network = document.compute.launch_specification.network
    return Named(name=network.virtual_network_name, resource_group_name=network.resource_group_name)


def _network(document: NodeDocument, facts: NetworkFacts) -> Iterator[Problem]:
    key, at = key_of(vnet_of(document)), (*NETWORK, "virtualNetworkName")
    if key not in facts.vnets:
        return
    vnet = facts.vnets[key]
    if vnet is None:
        yield _bad(at, "names no virtual network of that resource group")
        return
    if not _same(vnet.region, document.region):
        yield _bad(at, ELSEWHERE)
        return
    for index, nic in enumerate(document.compute.launch_specification.network.network_interfaces):
        place: Loc = (*NETWORK, "networkInterfaces", index)
        prefixes = vnet.subnets.get(nic.subnet_name.lower())
        if prefixes is None:
            yield _bad((*place, "subnetName"), "names no subnet of the virtual network")
        else:
            yield from _in_subnet(nic, [ip_network(one, strict=False) for one in prefixes], place)


def _in_subnet(
    nic: NetworkInterface, prefixes: list[IPv4Network | IPv6Network], at: Loc
) -> Iterator[Problem]:
    versions = {one.version for one in prefixes}
    for index, more in enumerate(nic.additional_ip_configurations or ()):
        version = more.private_ip_address_version
        if int(str(version)[-1]) not in versions:
            place = (*at, "additionalIpConfigurations", index, "privateIpAddressVersion")
            yield _bad(place, f"the subnet has no {version} addresses")
    for index, text in enumerate(nic.private_ip_addresses or ()):
        address, place = ip_address(text), (*at, "privateIpAddresses", index)
        prefix = next((one for one in prefixes if address in one), None)
        if prefix is None:
            yield _bad(place, "is not an address of the subnet")
            continue
        offset = int(address) - int(prefix.network_address)
        if offset < KEPT_FIRST or offset == prefix.num_addresses - 1:
            yield _bad(place, "is an address that Azure keeps to itself")


# -- groups and addresses -------------------------------------------------------------------------


def _groups(
    document: NodeDocument, facts: NetworkFacts, nic: NetworkInterface, at: Loc
) -> Iterator[Problem]:
    if nic.network_security_group:
        place = (*at, "networkSecurityGroup", "name")
        yield from _group(document, facts.guards, nic.network_security_group, place)
    for index, one in enumerate(nic.application_security_groups or ()):
        place = (*at, "applicationSecurityGroups", index, "name")
        yield from _group(document, facts.groups, one, place)


def _group(
    document: NodeDocument, regions: dict[tuple[str, str], str | None], named: Named, at: Loc
) -> Iterator[Problem]:
    region = regions.get(key_of(named), document.region)
    if region is None:
        yield _bad(at, "names no such group of that resource group")
    elif not _same(region, document.region):
        yield _bad(at, ELSEWHERE)


def _addresses(
    document: NodeDocument, facts: NetworkFacts, nic: NetworkInterface, at: Loc
) -> Iterator[Problem]:
    for index, one in enumerate(nic.public_ips or ()):
        place = (*at, "publicIps", index, "name")
        if key_of(one) not in facts.addresses:
            continue
        address = facts.addresses[key_of(one)]
        if address is None:
            yield _bad(place, "names no public IP address of that resource group")
        elif not _same(address.region, document.region):
            yield _bad(place, ELSEWHERE)
        elif address.version == "IPv6":
            yield _bad(place, "is of IPv6; a NIC's public address is of IPv4")
        elif nic.public_ip_sku and not _same(address.sku, nic.public_ip_sku):
            yield _bad(place, f"is {address.sku}, not as publicIpSku says")


# -- load balancers -------------------------------------------------------------------------------


def _balancer(
    document: NodeDocument, facts: NetworkFacts, one: LoadBalancer, at: Loc
) -> Iterator[Problem]:
    is_gateway = one.type == "applicationGateway"
    known = facts.gateways if is_gateway else facts.balancers
    key = one.resource_group_name.lower(), one.name.lower()
    if key not in known:
        return
    told = known[key]
    noun = "application gateway" if is_gateway else "load balancer"
    if told is None:
        yield _bad((*at, "name"), f"names no {noun} of that resource group")
        return
    if not _same(told.region, document.region):
        yield _bad((*at, "name"), ELSEWHERE)
    yield from _pools(one, told, at, noun)
    if not is_gateway:
        yield from _one_sku(document, told, at)


def _pools(one: LoadBalancer, told: BalancerFacts, at: Loc, noun: str) -> Iterator[Problem]:
    if one.load_balancer_sku and told.sku and not _same(one.load_balancer_sku, told.sku):
        yield _bad((*at, "loadBalancerSku"), f"the {noun} is {told.sku}")
    for index, name in enumerate(one.backend_pool_names):
        if name.lower() not in told.pools:
            yield _bad((*at, "backendPoolNames", index), f"names no backend pool of the {noun}")


def _one_sku(document: NodeDocument, told: BalancerFacts, at: Loc) -> Iterator[Problem]:
    interfaces = document.compute.launch_specification.network.network_interfaces
    sku = next((nic.public_ip_sku for nic in interfaces if nic.public_ip_sku), None)
    if sku and told.sku and not _same(sku, told.sku):
        message = f"is {told.sku}: Azure joins it to no NIC with a {sku} public address"
        yield Problem((*at, "name"), Code.CONFLICT, message)
