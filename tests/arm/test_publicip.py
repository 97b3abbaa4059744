import pytest

from local.arm.nic import state as nics
from tests.arm import networks
from tests.arm.networks import NETWORK, VM, located
from tests.simulator import Azure

ADDRESS = f"{NETWORK}/publicIPAddresses/p1"


async def test_a_static_address_comes_with_the_end_of_its_operation_and_stays() -> None:
    async with networks.slow() as azure:
        body = located({"publicIPAllocationMethod": "Static"}, sku={"name": "Standard"})

        status, made, headers = await azure.arm("PUT", ADDRESS, body)
        await azure.finish(headers)
        _, now, _ = await azure.arm("GET", ADDRESS)
        again = await azure.put(ADDRESS, {**body, "tags": {"a": "b"}})

        assert (status, made["properties"]["provisioningState"]) == (201, "Updating")
        assert "ipAddress" not in made["properties"]
        assert now["properties"]["ipAddress"] == again["properties"]["ipAddress"]
        assert again["tags"] == {"a": "b"}


async def test_a_dynamic_address_is_there_while_the_vm_runs(azure: Azure) -> None:
    await networks.put_network(azure)
    made = await networks.put_address(azure, sku="Basic")
    nic = await networks.put_interface(azure, "n1", {"publicIPAddress": {"id": made["id"]}})
    nics.claim(azure.world, nic["id"], VM)

    nics.set_power(azure.world, nic["id"], running=True)
    _, running, _ = await azure.arm("GET", ADDRESS)
    nics.set_power(azure.world, nic["id"], running=False)
    _, deallocated, _ = await azure.arm("GET", ADDRESS)

    assert "ipAddress" not in made["properties"]
    assert running["properties"]["ipAddress"].startswith("20.")
    assert "ipAddress" not in deallocated["properties"]


async def test_an_address_in_use_is_neither_deleted_nor_bound_again(azure: Azure) -> None:
    await networks.put_network(azure)
    await networks.put_address(azure)
    bound = {"publicIPAddress": {"id": ADDRESS.replace("p1", "P1")}}
    await networks.put_interface(azure, "n1", bound)
    holder = f"{NETWORK}/networkInterfaces/n1/ipConfigurations/ip1"
    other = f"{NETWORK}/networkInterfaces/n2"

    deleted = await networks.refused(azure, "DELETE", ADDRESS)
    again = await networks.refused(azure, "PUT", other, networks.interface(bound))
    _, shown, _ = await azure.arm("GET", ADDRESS)

    assert deleted == (
        400,
        "PublicIPAddressCannotBeDeleted",
        (
            f"Public IP address {ADDRESS} can not be deleted since it is still "
            "allocated to resource "
            f"{holder}. In order to delete the public IP, disassociate/detach the "
            "Public IP address "
            "from the resource.  To learn how to do this, see aka.ms/deletepublicip."
        ),
    )
    assert again == (
        400,
        "PublicIPAddressInUse",
        (
            f"Resource {other}/ipConfigurations/ip1 is referencing public IP address "
            f"{ADDRESS} that is "
            f"already allocated to resource {holder}."
        ),
    )
    assert shown["properties"]["ipConfiguration"] == {"id": holder}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (
            located({"publicIPAllocationMethod": "Dynamic"}, sku={"name": "Standard"}),
            "StandardSkuPublicIPAddressesMustBeStatic",
        ),
        (
            located({"publicIPAllocationMethod": "Static"}, zones=["1"]),
            "ZonesNotAllowedInBasicSkuResource",
        ),
        ({"properties": {}}, "LocationRequired"),
    ],
    ids=["dynamic standard", "zonal basic", "nowhere"],
)
async def test_an_address_that_azure_does_not_offer_is_refused(
    azure: Azure, body: networks.Json, code: str
) -> None:
    assert (await networks.refused(azure, "PUT", ADDRESS, body))[:2] == (400, code)


async def test_zones_and_region_of_an_address_are_fixed(azure: Azure) -> None:
    body = located({"publicIPAllocationMethod": "Static"}, sku={"name": "Standard"}, zones=["1"])
    await azure.put(ADDRESS, body)

    zone = await networks.refused(azure, "PUT", ADDRESS, {**body, "zones": ["2"]})
    region = await networks.refused(azure, "PUT", ADDRESS, {**body, "location": "westeurope"})

    assert zone[:2] == (400, "ResourceAvailabilityZonesCannotBeModified")
    assert region[:2] == (409, "InvalidResourceLocation")


async def test_a_dns_label_belongs_to_one_address(azure: Azure) -> None:
    labelled = located({"dnsSettings": {"domainNameLabel": "woot"}})
    made = await azure.put(ADDRESS, labelled)

    again = await networks.refused(azure, "PUT", f"{NETWORK}/publicIPAddresses/p2", labelled)

    assert made["properties"]["dnsSettings"]["fqdn"] == "woot.eastus.cloudapp.azure.com"
    assert again[:2] == (400, "DnsRecordInUse")
