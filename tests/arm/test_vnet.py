import pytest

from tests.arm import networks
from tests.arm.networks import NETWORK, SUBNET, VNET
from tests.simulator import Azure


async def test_a_new_network_is_updating_until_its_operation_ends() -> None:
    async with networks.slow() as azure:
        status, made, headers = await azure.arm("PUT", VNET, networks.network())
        end = await azure.finish(headers)
        _, now, got = await azure.arm("GET", VNET)

        assert status == 201
        assert "location" not in headers
        assert made["properties"]["provisioningState"] == "Updating"
        assert made["properties"]["subnets"][0]["properties"]["provisioningState"] == "Updating"
        assert end["status"] == "Succeeded"
        assert now["properties"]["subnets"][0]["properties"]["provisioningState"] == "Succeeded"
        assert now["etag"] == got["etag"] == now["properties"]["subnets"][0]["etag"] != made["etag"]


async def test_an_interface_on_a_network_that_is_being_written_is_to_be_tried_again() -> None:
    async with networks.slow() as azure:
        await azure.arm("PUT", VNET, networks.network())

        status, answer, _ = await azure.arm(
            "PUT", f"{NETWORK}/networkInterfaces/n1", networks.interface()
        )

        assert (status, answer["error"]["code"]) == (429, "RetryableError")
        assert answer["error"]["details"][0] == {
            "code": "ReferencedResourceNotProvisioned",
            "message": f"Cannot proceed with operation because resource {SUBNET} used by resource "
            f"{NETWORK}/networkInterfaces/n1 is not in Succeeded state. Resource is in Updating "
            "state and the last operation that updated/is updating the resource is "
            "PutVirtualNetworkOperation.",
        }


async def test_a_second_write_meanwhile_is_to_be_tried_again() -> None:
    async with networks.slow() as azure:
        await azure.arm("PUT", VNET, networks.network())

        status, answer, headers = await azure.arm("PUT", VNET, networks.network())

        assert (status, answer["error"]["code"]) == (429, "RetryableError")
        assert answer["error"]["details"][0]["code"] == "RetryableErrorDueToAnotherOperation"
        assert int(headers["retry-after"]) >= 1


async def test_a_write_with_an_old_etag_is_refused(azure: Azure) -> None:
    absent, _, _ = await azure.arm("PUT", VNET, networks.network(), if_match='W/"old"')
    made = await networks.put_network(azure)

    old, answer, _ = await azure.arm(
        "PUT", VNET, networks.network("10.0.1.0/24"), if_match='W/"old"'
    )
    current, _, _ = await azure.arm(
        "PUT", VNET, networks.network("10.0.1.0/24"), if_match=made["etag"]
    )

    assert (absent, old, answer["error"]["code"]) == (412, 412, "PreconditionFailed")
    assert answer["error"]["details"][0]["code"] == "PreconditionFailedEtagMismatch"
    assert current == 200


async def test_a_subnet_in_use_cannot_be_deleted(azure: Azure) -> None:
    await networks.put_network(azure)
    await networks.put_interface(azure)

    for method, path, body in (
        ("DELETE", SUBNET, None),
        ("DELETE", VNET, None),
        ("PUT", VNET, networks.located({**networks.network()["properties"], "subnets": []})),
    ):
        assert await networks.refused(azure, method, path, body) == (
            400,
            "InUseSubnetCannotBeDeleted",
            (
                f"Subnet s1 is in use by {NETWORK}/networkInterfaces/n1/ipConfigurations/ip1 and "
                "cannot be deleted. In order to delete the subnet, delete all the "
                "resources within the "
                "subnet. See aka.ms/deletesubnet."
            ),
        )


async def test_a_prefix_with_addresses_in_use_cannot_be_taken_away(azure: Azure) -> None:
    await networks.put_network(azure)
    await networks.put_interface(azure)

    status, code, words = await networks.refused(
        azure, "PUT", VNET, networks.network("10.0.5.0/24")
    )
    grown, _, _ = await azure.arm("PUT", VNET, networks.network("10.0.0.0/23"))

    assert (status, code) == (400, "InUsePrefixCannotBeDeleted")
    assert (
        words == "IpPrefix 10.0.0.0/24 on Subnet s1 has active allocations and cannot be deleted."
    )
    assert grown == 200


@pytest.mark.parametrize(
    ("prefixes", "code"),
    [
        (("10.0.0.0/24", "10.0.0.128/25"), "NetcfgSubnetRangesOverlap"),
        (("10.1.0.0/24",), "NetcfgSubnetRangeOutsideVnet"),
        (("10.0.0.0/30",), "NetcfgInvalidSubnet"),
        (("10.0.0.7/24",), "InvalidCIDRNotation"),
        (("ten",), "InvalidAddressPrefixFormat"),
    ],
    ids=lambda value: value if isinstance(value, str) else "+".join(value),
)
async def test_a_subnet_must_have_addresses_of_its_own(
    azure: Azure, prefixes: tuple[str, ...], code: str
) -> None:
    refusal = await networks.refused(azure, "PUT", VNET, networks.network(*prefixes))

    assert refusal[:2] == (400, code)
    assert (await azure.arm("GET", VNET))[0] == 404


async def test_who_does_not_speak_of_subnets_keeps_them(azure: Azure) -> None:
    await networks.put_network(azure)
    space = networks.located({"addressSpace": {"addressPrefixes": ["10.0.0.0/16", "10.9.0.0/16"]}})

    after = await azure.put(VNET, space)

    assert [subnet["name"] for subnet in after["properties"]["subnets"]] == ["s1"]


async def test_addresses_run_from_the_fourth_to_the_last_but_one(azure: Azure) -> None:
    await azure.put(VNET, networks.network("10.0.0.0/29"))
    given = [
        (await networks.put_interface(azure, f"n{number}"))["properties"]["ipConfigurations"][0][
            "properties"
        ]["privateIPAddress"]
        for number in range(3)
    ]

    full = await networks.refused(
        azure, "PUT", f"{NETWORK}/networkInterfaces/n9", networks.interface()
    )

    assert given == ["10.0.0.4", "10.0.0.5", "10.0.0.6"]
    assert full == (
        400,
        "SubnetIsFull",
        (
            "Subnet s1 with address prefix 10.0.0.0/29 does not have enough capacity for 1 IP "
            "addresses."
        ),
    )


async def test_an_address_that_no_subnet_has_is_told_so(azure: Azure) -> None:
    await networks.put_network(azure)

    refusal = await networks.refused(
        azure, "GET", f"{VNET}/CheckIPAddressAvailability?ipAddress=10.1.0.4"
    )

    assert refusal == (
        400,
        "PrivateIPAddressNotInAnySubnet",
        (
            "Private static IP address 10.1.0.4 does not belong to the range of any subnet in the "
            f"virtual network {VNET}."
        ),
    )


async def test_the_child_of_an_absent_network_names_its_parent(azure: Azure) -> None:
    body = {"properties": {"addressPrefix": "10.0.0.0/24"}}

    written = await networks.refused(azure, "PUT", SUBNET, body)
    read = await networks.refused(azure, "GET", SUBNET)
    deleted, _, _ = await azure.arm("DELETE", SUBNET)

    assert written[:2] == (404, "ParentResourceNotFound")
    assert read[:2] == (404, "ResourceNotFound")
    assert deleted == 204


async def test_a_deleted_network_is_followed_by_both_headers() -> None:
    async with networks.slow() as azure:
        await networks.put_network(azure)

        status, _, headers = await azure.arm("DELETE", VNET)
        location = headers["location"].removeprefix(azure.url)
        during, _, _ = await azure.arm("GET", location)
        await azure.finish(headers)
        after, _, _ = await azure.arm("GET", location)

        assert status == 202
        assert "/operationResults/" in location
        assert (during, after) == (202, 204)
        assert (await azure.arm("GET", VNET))[0] == 404
