"""Refusals of virtual networks and subnets, in Azure's words.

Sources: recorded replies (in use, not in any subnet); the provider's messages quoted in public
issues: MicrosoftDocs/azure-docs 88211 (full) and 123869 (overlap, outside), Azure/azure-cli 10917.
"""

from local.arm.network.errors import bad_request
from local.arm.wire import ArmProblem, name_of


def in_use(subnet: str, user_id: str) -> ArmProblem:
    """Return the refusal to delete a subnet that something is in."""
    return bad_request(
        "InUseSubnetCannotBeDeleted",
        f"Subnet {subnet} is in use by {user_id} and cannot be deleted. In order to delete the "
        "subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.",
    )


def prefix_in_use(subnet: str, prefix: str) -> ArmProblem:
    """Return the refusal to take a prefix away from addresses that are in it."""
    return bad_request(
        "InUsePrefixCannotBeDeleted",
        f"IpPrefix {prefix} on Subnet {subnet} has active allocations and cannot be deleted.",
    )


def full(subnet: str, prefix: str) -> ArmProblem:
    """Return the refusal of one more address."""
    return bad_request(
        "SubnetIsFull",
        f"Subnet {subnet} with address prefix {prefix} does not have enough capacity for 1 IP "
        "addresses.",
    )


def overlaps(subnet: str, vnet: str) -> ArmProblem:
    """Return the refusal of a subnet that shares addresses with another."""
    return bad_request(
        "NetcfgSubnetRangesOverlap",
        f"Subnet '{subnet}' is not valid because its IP address range overlaps with that of an "
        f"existing subnet in virtual network '{vnet}'.",
    )


def outside(subnet: str, vnet: str) -> ArmProblem:
    """Return the refusal of a subnet that its network has no addresses for."""
    return bad_request(
        "NetcfgSubnetRangeOutsideVnet",
        f"Subnet '{subnet}' is not valid because its IP address range is outside the IP address "
        f"range of virtual network '{vnet}'.",
    )


def invalid_subnet(subnet: str, vnet: str) -> ArmProblem:
    """Return the refusal of a subnet for another reason: none, or too few addresses."""
    return bad_request(
        "NetcfgInvalidSubnet", f"Subnet '{subnet}' is not valid in virtual network '{vnet}'."
    )


def host_bits(prefix: str, owner_id: str, corrected: str) -> ArmProblem:
    """Return the refusal of a prefix whose address is not its first."""
    return bad_request(
        "InvalidCIDRNotation",
        f"The address prefix {prefix} in resource {owner_id} has an invalid CIDR notation. For the "
        f"given prefix length, the address prefix should be {corrected}.",
    )


def not_a_prefix(prefix: str, owner_id: str) -> ArmProblem:
    """Return the refusal of a text that is no prefix."""
    return bad_request(
        "InvalidAddressPrefixFormat",
        f"Address prefix {prefix} of resource {owner_id} is not formatted correctly. It should "
        "follow CIDR notation, for example 10.0.0.0/24.",
    )


def no_address_space(vnet_id: str) -> ArmProblem:
    """Return the refusal of a network without addresses."""
    return bad_request(
        "InvalidAddressPrefixFormat",
        f"Virtual network {name_of(vnet_id)} has no address space: at least one address prefix is "
        "required.",
    )


def not_in_any_subnet(address: str, vnet_id: str) -> ArmProblem:
    """Return the answer about an address that no subnet has."""
    return bad_request(
        "PrivateIPAddressNotInAnySubnet",
        f"Private static IP address {address} does not belong to the range of any subnet in the "
        f"virtual network {vnet_id}.",
    )


def not_in_subnet(address: str, prefix: str) -> ArmProblem:
    """Return the refusal of a static address outside its subnet."""
    return bad_request(
        "PrivateIPAddressNotInSubnet",
        f"Private static IP address {address} does not belong to the range of subnet prefix "
        f"{prefix}.",
    )


def reserved(address: str, prefix: str) -> ArmProblem:
    """Return the refusal of a static address that Azure keeps to itself."""
    return bad_request(
        "PrivateIPAddressInReservedRange",
        f"Private static IP address {address} falls within reserved IP range of subnet prefix "
        f"{prefix}.",
    )


def allocated(user_id: str, address: str, holder_id: str) -> ArmProblem:
    """Return the refusal of a static address that another configuration holds."""
    return bad_request(
        "PrivateIPAddressIsAllocated",
        f"IP configuration {user_id} is using the private IP address {address} which is already "
        f"allocated to resource {holder_id}.",
    )


def subnets_of_several_vnets(user_id: str, subnet_id: str, vnet_id: str) -> ArmProblem:
    """Return the refusal of a VM whose NICs are in several virtual networks."""
    return bad_request(
        "SubnetsNotInSameVnet",
        f"Subnet {subnet_id} referenced by resource {user_id} is not in the same Virtual Network "
        f"{vnet_id} as the subnets of other network interfaces of the VM.",
    )
