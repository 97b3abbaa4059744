"""Refusals of public IP addresses, in Azure's words.

Sources: a recorded reply (cannot be deleted); public issues MicrosoftLearning/AZ-100 15 (in use),
MicrosoftDocs/azure-docs 42889 (static), cloudfoundry/bosh-azure-cpi-release 608 (zones).
"""

from local.arm.network.errors import bad_request
from local.arm.wire import ArmProblem


def in_use(user_id: str, address_id: str, holder_id: str) -> ArmProblem:
    """Return the refusal to bind an address that another configuration has."""
    return bad_request(
        "PublicIPAddressInUse",
        f"Resource {user_id} is referencing public IP address {address_id} that is already "
        f"allocated to resource {holder_id}.",
    )


def cannot_be_deleted(address_id: str, holder_id: str) -> ArmProblem:
    """Return the refusal to delete an address that is bound."""
    return bad_request(
        "PublicIPAddressCannotBeDeleted",
        f"Public IP address {address_id} can not be deleted since it is still allocated to resource"
        f" {holder_id}. In order to delete the public IP, disassociate/detach the Public IP "
        "address from the resource.  To learn how to do this, see aka.ms/deletepublicip.",
    )


def must_be_static(address_id: str, sku: str) -> ArmProblem:
    """Return the refusal of a Standard address that comes and goes."""
    return bad_request(
        "StandardSkuPublicIPAddressesMustBeStatic",
        f"{sku} sku publicIp {address_id} must have AllocationMethod set to Static.",
    )


def no_zones_in_basic(address_id: str) -> ArmProblem:
    """Return the refusal of zones for a Basic address."""
    return bad_request(
        "ZonesNotAllowedInBasicSkuResource",
        f"Zones not allowed in basic SKU resource {address_id} in this region. Please use standard "
        "SKU.",
    )


def zones_are_fixed(address_id: str, has: list[str], wanted: list[str]) -> ArmProblem:
    """Return the refusal to change the zones of an address."""
    return bad_request(
        "ResourceAvailabilityZonesCannotBeModified",
        f"Resource {address_id} has an existing availability zone constraint {', '.join(has)} and "
        f"the request has availability zone constraint {', '.join(wanted)}, which do not match. "
        "Zones cannot be added/updated/removed once the resource is created. The resource cannot "
        "be updated from regional to zonal or vice-versa.",
    )


def in_use_cannot_become_dynamic(address_id: str, holder_id: str) -> ArmProblem:
    """Return the refusal to let go of a bound address's constancy."""
    return bad_request(
        "PublicIPAddressInUseCannotUpdateToDynamic",
        f"Public IP address {address_id} is in use by ipconfig {holder_id} and cannot be updated "
        "from static to dynamic.",
    )


def sku_is_fixed(address_id: str, has: str, wanted: str) -> ArmProblem:
    """Return the refusal to change the SKU of a bound address, or to lower it."""
    return bad_request(
        "PublicIPAddressSkuCannotBeChanged",
        f"Sku of public IP address {address_id} cannot be changed from {has} to {wanted}.",
    )


def name_in_use(fqdn: str) -> ArmProblem:
    """Return the refusal of a DNS label that another address has."""
    return bad_request("DnsRecordInUse", f"DNS record {fqdn} is already used by another public IP.")
