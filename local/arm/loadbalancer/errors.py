"""Refusals of load balancers, in Azure's words.

Source: public issues Azure/terraform-azurerm-loadbalancer 32 (SKUs). Words that no source gave are
marked as reasoned.
"""

from local.arm.network.errors import bad_request
from local.arm.wire import ArmProblem


def skus_differ(balancer_id: str, sku: str, address_id: str, address_sku: str) -> ArmProblem:
    """Return the refusal of a front end whose address is of another SKU."""
    return bad_request(
        "PublicIPAndLBSkuDoNotMatch",
        f"{sku} sku load balancer {balancer_id} cannot reference {address_sku} sku publicIP "
        f"{address_id}.",
    )


def sku_is_fixed(balancer_id: str, has: str, wanted: str) -> ArmProblem:
    """Return the refusal to change a SKU; words reasoned."""
    return bad_request(
        "LoadBalancerSkuCannotBeChanged",
        f"Sku of load balancer {balancer_id} cannot be changed from {has} to {wanted}.",
    )


def front_end_without_address(front_end_id: str) -> ArmProblem:
    """Return the refusal of a front end with neither subnet nor public address; words reasoned."""
    return bad_request(
        "LoadBalancerFrontendIPConfigurationMustHaveSubnetOrPublicIP",
        f"Frontend IP configuration {front_end_id} must reference either a subnet or a public IP "
        "address.",
    )


def same_front_end_port(rule: str, other: str) -> ArmProblem:
    """Return the refusal of two rules on one port of one front end; found: the code."""
    return bad_request(
        "RulesUseSameFrontendPortProtocolAndIPConfig",
        f"Load balancer rules {other} and {rule} with the same frontend port, protocol and frontend"
        " IP configuration conflict.",
    )
