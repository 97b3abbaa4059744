"""What does not go together on an interface, and what an interface does not go with."""

import pytest

from tests.arm import machines, networks
from tests.arm.machines import VM, nic_id
from tests.arm.networks import NETWORK, Json, located
from tests.simulator import Azure

NIC = nic_id("nic1")
SLOW = "Standard_DS1_v2"
"""A size without accelerated networking."""
FAST = "Standard_D2ds_v5"
"""One with it, and a temporary disk as the slow one has."""


@pytest.fixture
async def azure(azure: Azure) -> Azure:
    """With a network and two interfaces of it."""
    await machines.furnish(azure)
    return azure


def interface(*configurations: Json, **properties: object) -> Json:
    subnet = {"id": f"{NETWORK}/virtualNetworks/v/subnets/s"}
    held = [
        {"name": f"c{number}", "properties": {"subnet": subnet, **one}}
        for number, one in enumerate(configurations or ({},), 1)
    ]
    return located({"ipConfigurations": held, **properties})


async def test_ipv4_configurations_are_in_the_same_groups(azure: Azure) -> None:
    group = await azure.put(f"{NETWORK}/applicationSecurityGroups/g", located({}))
    member = {"applicationSecurityGroups": [{"id": group["id"]}]}

    one = await networks.refused(azure, "PUT", NIC, interface({"primary": True, **member}, {}))
    both = await azure.arm("PUT", NIC, interface({"primary": True, **member}, member))

    assert one[:2] == (
        400,
        "AllIpConfigurationsOnANicMustBelongToTheSameApplicationSecurityGroups",
    )
    assert group["id"] in one[2]
    assert both[0] == 200


async def test_an_ipv6_configuration_is_never_primary(azure: Azure) -> None:
    six = {"privateIPAddressVersion": "IPv6", "primary": True}

    refusal = await networks.refused(azure, "PUT", NIC, interface({}, six))

    assert refusal[:2] == (400, "IPv6IpConfigurationCannotBePrimary")


async def test_all_balancers_and_addresses_of_an_interface_are_of_one_sku(azure: Azure) -> None:
    pools = []
    for sku in ("Basic", "Standard"):
        front = {
            "name": "f",
            "properties": {"subnet": {"id": f"{NETWORK}/virtualNetworks/v/subnets/s"}},
        }
        body = located(
            {"frontendIPConfigurations": [front], "backendAddressPools": [{"name": "p"}]},
            sku={"name": sku},
        )
        made = await azure.put(f"{NETWORK}/loadBalancers/{sku}", body)
        pools.append({"id": f"{made['id']}/backendAddressPools/p"})

    both = {"loadBalancerBackendAddressPools": pools}
    refusal = await networks.refused(azure, "PUT", NIC, interface(both))

    assert refusal[1] == "DifferentSkuLoadBalancersAndPublicIPAddressNotAllowed"


async def test_accelerated_networking_needs_a_size_that_has_it(azure: Azure) -> None:
    await azure.put(NIC, interface(enableAcceleratedNetworking=True))

    refusal = await networks.refused(azure, "PUT", VM, machines.from_image(size=SLOW, spot=False))
    await azure.put(VM, machines.from_image(size=FAST))
    _, _, headers = await azure.arm("POST", f"{VM}/deallocate")
    await azure.finish(headers)
    smaller = {"properties": {"hardwareProfile": {"vmSize": SLOW}}}
    resize = await networks.refused(azure, "PATCH", VM, smaller)

    assert refusal[1] == resize[1] == "VMSizeIsNotPermittedToEnableAcceleratedNetworking"
    assert SLOW in refusal[2]


async def test_an_interface_of_a_slow_vm_cannot_be_accelerated(azure: Azure) -> None:
    await azure.put(VM, machines.from_image(size=SLOW, spot=False, zone=None))
    _, _, headers = await azure.arm("POST", f"{VM}/deallocate")
    await azure.finish(headers)

    refusal = await networks.refused(azure, "PUT", NIC, interface(enableAcceleratedNetworking=True))

    assert refusal[1] == "VMSizeIsNotPermittedToEnableAcceleratedNetworking"


@pytest.mark.parametrize(
    ("zones", "sku", "told"), [(["2"], "Standard", "2"), ([], "Basic", "Regional")]
)
async def test_an_address_serves_its_own_zone_only(
    azure: Azure, zones: list[str], sku: str, told: str
) -> None:
    body = located({"publicIPAllocationMethod": "Static"}, sku={"name": sku}, zones=zones)
    address = await azure.put(f"{NETWORK}/publicIPAddresses/a", body)
    await azure.put(NIC, interface({"publicIPAddress": {"id": address["id"]}}))

    elsewhere = await networks.refused(azure, "PUT", VM, machines.from_image(size=FAST, zone="1"))
    regional = await azure.arm("PUT", VM, machines.from_image(size=FAST, zone=None))

    assert elsewhere[1] == "ComputeResourceZoneConstraintDoesNotMatchPublicIPAddressZoneConstraint"
    assert f"zone constraint {told}" in elsewhere[2]
    assert regional[0] == 201
