import pytest

from local.arm.nic import state as nics
from local.arm.wire import ArmProblem
from local.clock import scaled_clock
from tests.arm import networks
from tests.arm.networks import GROUP, NETWORK, SUBNET, VM, VNET, static
from tests.simulator import Azure, start

NIC = f"{NETWORK}/networkInterfaces/n1"
OTHER_VM = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/vm2"


def addresses(nic: networks.Json) -> list[str]:
    held = nic["properties"]["ipConfigurations"]
    return [one["properties"]["privateIPAddress"] for one in held]


async def test_a_new_interface_is_provisioned_at_once_and_keeps_its_etag(azure: Azure) -> None:
    await networks.put_network(azure)

    status, made, headers = await azure.arm("PUT", NIC, networks.interface())
    _, vnet, _ = await azure.arm("GET", VNET)
    await azure.finish(headers)
    _, now, _ = await azure.arm("GET", NIC)

    assert (status, made["properties"]["provisioningState"]) == (201, "Succeeded")
    assert now["etag"] == made["etag"]
    used = vnet["properties"]["subnets"][0]["properties"]["ipConfigurations"]
    assert used == [{"id": f"{NIC}/ipConfigurations/ip1"}]


async def test_addresses_stay_when_they_become_static_and_dynamic_again(azure: Azure) -> None:
    await networks.put_network(azure)
    await networks.put_interface(azure)
    before = await networks.put_interface(azure, "n1", static("10.0.0.77"))
    after = await networks.put_interface(azure, "n1", {"privateIPAllocationMethod": "Dynamic"})
    other = await networks.put_interface(azure, "n2")

    assert addresses(before) == addresses(after) == ["10.0.0.77"]
    assert addresses(other) == ["10.0.0.4"]


async def test_an_interface_may_have_several_configurations_of_both_versions(azure: Azure) -> None:
    prefixes = {"addressPrefixes": ["10.0.0.0/24", "fd00:1::/64"]}
    body = networks.located(
        {
            "addressSpace": {"addressPrefixes": ["10.0.0.0/16", "fd00::/16"]},
            "subnets": [{"name": "s1", "properties": prefixes}],
        }
    )
    await azure.put(VNET, body)

    nic = await networks.put_interface(
        azure, "n1", {}, {"primary": True}, {"privateIPAddressVersion": "IPv6"}
    )

    held = nic["properties"]["ipConfigurations"]
    assert addresses(nic) == ["10.0.0.4", "10.0.0.5", "fd00:1::4"]
    assert [one["properties"]["primary"] for one in held] == [False, True, False]


@pytest.mark.parametrize(
    ("address", "code", "words"),
    [
        (
            "10.0.0.4",
            "PrivateIPAddressIsAllocated",
            (
                "IP configuration "
                f"{NETWORK}/networkInterfaces/n2/ipConfigurations/ip1 is using the "
                "private IP address 10.0.0.4 which is already allocated to resource "
                f"{NIC}/ipConfigurations/ip1."
            ),
        ),
        (
            "10.0.9.4",
            "PrivateIPAddressNotInSubnet",
            (
                "Private static IP address 10.0.9.4 does not belong to the range of subnet prefix "
                "10.0.0.0/24."
            ),
        ),
        (
            "10.0.0.3",
            "PrivateIPAddressInReservedRange",
            (
                "Private static IP address 10.0.0.3 falls within reserved IP range "
                "of subnet prefix "
                "10.0.0.0/24."
            ),
        ),
    ],
    ids=["taken", "outside", "reserved"],
)
async def test_a_static_address_that_cannot_be_had_is_refused(
    azure: Azure, address: str, code: str, words: str
) -> None:
    await networks.put_network(azure)
    await networks.put_interface(azure)

    refusal = await networks.refused(
        azure, "PUT", f"{NETWORK}/networkInterfaces/n2", networks.interface(static(address))
    )

    assert refusal == (400, code, words)


async def test_a_refused_interface_takes_no_address(azure: Azure) -> None:
    await networks.put_network(azure)
    await networks.put_interface(azure)

    await networks.refused(
        azure,
        "PUT",
        f"{NETWORK}/networkInterfaces/n2",
        networks.interface({}, static("10.0.0.4")),
    )
    next_one = await networks.put_interface(azure, "n3")

    assert addresses(next_one) == ["10.0.0.5"]


async def test_a_reference_to_nothing_is_refused(azure: Azure) -> None:
    refusal = await networks.refused(azure, "PUT", NIC, networks.interface())

    assert refusal == (
        400,
        "InvalidResourceReference",
        (
            f"Resource {SUBNET} referenced by resource {NIC} was not found. Please "
            "make sure that the "
            "referenced resource exists, and that both resources are in the same region."
        ),
    )


async def test_configurations_of_one_interface_share_a_subnet(azure: Azure) -> None:
    await azure.put(VNET, networks.network("10.0.0.0/24", "10.0.1.0/24"))
    elsewhere = {"subnet": {"id": f"{VNET}/subnets/s2"}}

    refusal = await networks.refused(azure, "PUT", NIC, networks.interface({}, elsewhere))

    assert refusal[:2] == (400, "IpConfigurationsOnSameNicCannotUseDifferentSubnets")


async def test_a_vm_gives_its_interface_a_mac_address_for_good(azure: Azure) -> None:
    await networks.put_network(azure)
    nic_id = (await networks.put_interface(azure))["id"]

    nics.claim(azure.world, nic_id.upper(), VM)
    _, held, _ = await azure.arm("GET", NIC)
    nics.release(azure.world, nic_id)
    nics.claim(azure.world, nic_id, OTHER_VM)
    _, again, _ = await azure.arm("GET", NIC)

    assert held["properties"]["virtualMachine"] == {"id": VM}
    assert held["properties"]["primary"] is True
    assert again["properties"]["macAddress"] == held["properties"]["macAddress"]


async def test_an_interface_of_a_vm_is_neither_deleted_nor_given_away(azure: Azure) -> None:
    await networks.put_network(azure)
    nic_id = (await networks.put_interface(azure))["id"]
    nics.claim(azure.world, nic_id, VM)

    refusal = await networks.refused(azure, "DELETE", NIC)
    with pytest.raises(ArmProblem) as given_away:
        nics.claim(azure.world, nic_id, OTHER_VM)

    assert refusal == (
        400,
        "NicInUse",
        (
            f"Network Interface {NIC} is used by existing resource {VM}. In order to "
            "delete the network"
            " interface, it must be dissociated from the resource. To learn more, "
            "see aka.ms/deletenic."
        ),
    )
    assert given_away.value.error["code"] == "NicInUse"


async def test_a_reserved_interface_waits_for_its_vm_for_three_minutes() -> None:
    async with start(clock=scaled_clock(300)) as azure:
        await azure.arm("PUT", GROUP, {"location": "eastus"})
        await networks.put_network(azure)
        nic_id = (await networks.put_interface(azure))["id"]
        nics.claim(azure.world, nic_id, VM)
        nics.release(azure.world, nic_id, reserve_for_s=180)

        refusal = await networks.refused(azure, "DELETE", NIC)
        nics.refuse_unless_claimable(azure.world, nic_id, VM.lower())
        with pytest.raises(ArmProblem) as reserved:
            nics.refuse_unless_claimable(azure.world, nic_id, OTHER_VM)
        await azure.world.clock.sleep(181)
        azure.world.settle()

        assert refusal == (
            400,
            "NicReservedForAnotherVm",
            (
                "Nic(s) in request is reserved for another Virtual Machine for 180 "
                "seconds. Please provide "
                f"another nic(s) or retry after 180 seconds. Reserved VM: {VM}"
            ),
        )
        assert reserved.value.error["code"] == "NicReservedForAnotherVm"
        nics.refuse_unless_claimable(azure.world, nic_id, OTHER_VM)
        assert (await azure.arm("DELETE", NIC))[0] == 202


async def test_accelerated_networking_does_not_change_under_a_running_vm(azure: Azure) -> None:
    await networks.put_network(azure)
    nic_id = (await networks.put_interface(azure))["id"]
    nics.claim(azure.world, nic_id, VM)
    faster = networks.interface(enableAcceleratedNetworking=True)

    nics.set_power(azure.world, nic_id, running=True)
    running = await networks.refused(azure, "PUT", NIC, faster)
    nics.set_power(azure.world, nic_id, running=False)
    status, after, _ = await azure.arm("PUT", NIC, faster)

    assert running[:2] == (400, "OperationNotAllowed")
    assert status == 200
    assert after["properties"]["enableAcceleratedNetworking"] is True
    assert after["properties"]["virtualMachine"] == {"id": VM}


async def test_interfaces_of_one_vm_are_in_one_network(azure: Azure) -> None:
    await networks.put_network(azure)
    await networks.put_interface(azure)
    await azure.put(f"{NETWORK}/virtualNetworks/v2", networks.network())
    elsewhere = {"subnet": {"id": f"{NETWORK}/virtualNetworks/v2/subnets/s1"}}
    await networks.put_interface(azure, "n2", elsewhere)

    with pytest.raises(ArmProblem) as refused:
        nics.refuse_unless_one_network(azure.world, VM, [NIC, f"{NETWORK}/networkInterfaces/n2"])

    assert refused.value.error["code"] == "SubnetsNotInSameVnet"


async def test_deleting_an_interface_frees_all_that_it_had(azure: Azure) -> None:
    await networks.put_network(azure)
    address = await networks.put_address(azure)
    await networks.put_interface(azure, "n1", {"publicIPAddress": {"id": address["id"]}})

    _, _, headers = await azure.arm("DELETE", NIC)
    await azure.finish(headers)
    _, vnet, _ = await azure.arm("GET", VNET)
    _, left, _ = await azure.arm("GET", address["id"])

    assert "ipConfigurations" not in vnet["properties"]["subnets"][0]["properties"]
    assert "ipConfiguration" not in left["properties"]
    assert left["properties"]["ipAddress"] == address["properties"]["ipAddress"]
    assert addresses(await networks.put_interface(azure, "n2")) == ["10.0.0.4"]


async def test_a_deleted_group_leaves_no_trace_in_others(azure: Azure) -> None:
    other = GROUP.replace("/rg", "/other")
    await azure.arm("PUT", other, {"location": "eastus"})
    await networks.put_network(azure)
    await azure.put(
        f"{other}/providers/Microsoft.Network/networkInterfaces/n1", networks.interface()
    )

    _, _, headers = await azure.arm("DELETE", other)
    path = headers["location"].removeprefix(azure.url)
    while (await azure.arm("GET", path))[0] == 202:
        await azure.world.clock.sleep(5)
    status, _, _ = await azure.arm("DELETE", SUBNET)

    assert status == 202


async def test_a_write_under_a_vm_takes_its_time() -> None:
    async with networks.slow() as azure:
        await networks.put_network(azure)
        nic_id = (await networks.put_interface(azure))["id"]
        nics.claim(azure.world, nic_id, VM)

        status, during, headers = await azure.arm("PUT", NIC, networks.interface({}, {}))
        busy = await networks.refused(azure, "PUT", NIC, networks.interface())
        await azure.finish(headers)
        _, after, _ = await azure.arm("GET", NIC)

        assert (status, during["properties"]["provisioningState"]) == (200, "Updating")
        assert busy[:2] == (429, "RetryableError")
        assert after["properties"]["provisioningState"] == "Succeeded"


async def test_an_interface_deleted_with_its_vm_takes_along_what_it_was_told_to(
    azure: Azure,
) -> None:
    await networks.put_network(azure)
    kept = await networks.put_address(azure, "kept")
    gone = await networks.put_address(azure, "gone")
    with_option = {"id": gone["id"], "properties": {"deleteOption": "Delete"}}
    nic = await networks.put_interface(
        azure,
        "n1",
        {"publicIPAddress": {"id": kept["id"]}},
        {"publicIPAddress": with_option},
    )
    nics.claim(azure.world, nic["id"], VM)

    nics.delete(azure.world, nic["id"])

    assert (await azure.arm("GET", NIC))[0] == 404
    assert (await azure.arm("GET", kept["id"]))[0] == 200
    assert (await azure.arm("GET", gone["id"]))[0] == 404
    assert (await azure.arm("DELETE", SUBNET))[0] == 202
