"""Refusals of network interfaces, in Azure's words.

Sources: a recorded reply (in use); public issues taskcluster/taskcluster 7196 and
gardenlinux/gardenlinux 4133 (reserved), pivotal-cf/terraforming-azure 41 (SKUs of load balancer and
address), Azure/azure-cli 21551 (application security groups), Azure/azurehpc 317 and
fortinet/azure-templates 43 (zones), Azure/azure-cli 19182 (accelerated networking). Where only the
code, or nothing, was found, the docstring says so.
"""

from local.arm.network.errors import bad_request
from local.arm.wire import ArmProblem

RESERVED_S = 180
"""How long Azure reserves a NIC for the VM that failed to be created with it."""


def in_use(nic_id: str, vm_id: str) -> ArmProblem:
    """Return the refusal to delete, or give to another VM, what a VM has."""
    return bad_request(
        "NicInUse",
        f"Network Interface {nic_id} is used by existing resource {vm_id}. In order to delete the "
        "network interface, it must be dissociated from the resource. To learn more, see "
        "aka.ms/deletenic.",
    )


def reserved(vm_id: str) -> ArmProblem:
    """Return the refusal of what Azure keeps for a VM that may come again."""
    return bad_request(
        "NicReservedForAnotherVm",
        f"Nic(s) in request is reserved for another Virtual Machine for {RESERVED_S} seconds. "
        f"Please provide another nic(s) or retry after {RESERVED_S} seconds. Reserved VM: {vm_id}",
    )


def several_subnets(nic_id: str) -> ArmProblem:
    """Return the refusal of configurations in several subnets; found: the code."""
    return bad_request(
        "IpConfigurationsOnSameNicCannotUseDifferentSubnets",
        f"IpConfigurations on the same network interface {nic_id} cannot use different subnets.",
    )


def one_primary(nic_id: str) -> ArmProblem:
    """Return the refusal of none or several primary configurations; words reasoned."""
    return bad_request(
        "NetworkInterfaceMustHaveOnePrimaryIpConfiguration",
        f"Network interface {nic_id} must have exactly one primary IP configuration.",
    )


def same_address_twice(config_id: str, other_id: str, address_id: str) -> ArmProblem:
    """Return the refusal of one public address in two configurations; found: the code."""
    return bad_request(
        "PublicIPReferencedByMultipleIPConfigs",
        f"Public IP address {address_id} is referenced by multiple ipconfigs {other_id}, "
        f"{config_id}.",
    )


def skus_differ(balancer_id: str, address_id: str) -> ArmProblem:
    """Return the refusal of a Basic address behind a Standard load balancer, or the reverse."""
    return bad_request(
        "DifferentSkuLoadBalancersAndPublicIPAddressNotAllowed",
        "Different basic sku and standard sku load balancer or public Ip resources in availability "
        f"set is not allowed {balancer_id} and {address_id}.",
    )


def rule_in_use(rule_id: str, config_id: str) -> ArmProblem:
    """Return the refusal of an inbound NAT rule that has its backend; words reasoned."""
    return bad_request(
        "InboundNatRuleInUse",
        f"Inbound NAT rule {rule_id} is already associated with IP configuration {config_id}.",
    )


def running(nic_id: str, vm_id: str) -> ArmProblem:
    """Return the refusal to change accelerated networking under a running VM; words reasoned."""
    return bad_request(
        "OperationNotAllowed",
        f"Accelerated networking of network interface {nic_id} cannot be changed while virtual "
        f"machine {vm_id} is running. Please deallocate and try again.",
    )


def several_sets_of_groups(configuration: tuple[str, str], other: tuple[str, str]) -> ArmProblem:
    """Return the refusal of configurations in different application security groups.

    Each is told by its id and the ids of its groups.
    """
    return bad_request(
        "AllIpConfigurationsOnANicMustBelongToTheSameApplicationSecurityGroups",
        "All IPConfigurations on a Network Interface should reference the same set of Application "
        f"Security Groups. IPConfiguration {configuration[0]} references ASG(s) {configuration[1]},"
        f" wheras IPConfiguration {other[0]} references ASG(s) {other[1]}.",
    )


def primary_of_six(config_id: str) -> ArmProblem:
    """Return the refusal of a primary configuration with IPv6; words reasoned."""
    return bad_request(
        "IPv6IpConfigurationCannotBePrimary",
        f"IP configuration {config_id} is of version IPv6 and cannot be primary.",
    )


def zones_differ(vm: tuple[str, str], address_id: str, has: str) -> ArmProblem:
    """Return the refusal of an address that does not serve the zone of the VM (name, zone)."""
    return bad_request(
        "ComputeResourceZoneConstraintDoesNotMatchPublicIPAddressZoneConstraint",
        f"Compute resource {vm[0]} has a zone constraint {vm[1]} but the PublicIPAddress "
        f"{address_id} used by the compute resource via NetworkInterface or LoadBalancer has a "
        f"different zone constraint {has}.",
    )


def size_is_not_accelerated(vm_id: str, size: str) -> ArmProblem:
    """Return the refusal of accelerated networking on a size that has none."""
    return bad_request(
        "VMSizeIsNotPermittedToEnableAcceleratedNetworking",
        f"Virtual machine {vm_id} has size {size}, which is not compatible with enabling "
        "accelerated networking on network interface(s) on the VM.",
    )
