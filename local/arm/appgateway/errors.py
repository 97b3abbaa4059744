"""Refusals of application gateways, in Azure's words.

No recorded reply of the provider was found for these; the codes follow those of load balancers and
the words are reasoned.
"""

from local.arm.network.errors import bad_request
from local.arm.wire import ArmProblem


def no_sku(gateway_id: str) -> ArmProblem:
    """Return the refusal of a gateway without a SKU, or with one that Azure does not know."""
    return bad_request(
        "ApplicationGatewaySkuIsNotSpecified",
        f"Application gateway {gateway_id} must have a Sku: its name, tier and, without "
        "autoscaling, its capacity.",
    )


def no_subnet(gateway_id: str) -> ArmProblem:
    """Return the refusal of a gateway that is in no subnet."""
    return bad_request(
        "ApplicationGatewaySubnetIsNotSpecified",
        f"Application gateway {gateway_id} must have a gateway IP configuration with a subnet.",
    )


def skus_differ(gateway_id: str, sku: str, address_id: str, address_sku: str) -> ArmProblem:
    """Return the refusal of a front end whose address is of the other generation."""
    return bad_request(
        "ApplicationGatewaySkuDoesNotMatchPublicIPAddressSku",
        f"{sku} sku application gateway {gateway_id} cannot reference {address_sku} sku publicIP "
        f"{address_id}.",
    )
