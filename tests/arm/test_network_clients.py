"""The unmodified azure-mgmt-network clients against every kind of network resource."""

import asyncio
from typing import Any

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.network.aio import NetworkManagementClient as AioNetwork

from tests.arm import networks
from tests.simulator import SUBSCRIPTION, AioNoCredential, Azure, NoCredential

POOLS = {"backendAddressPools": [{"name": "pool"}]}
FRONT_END = {"name": "front", "properties": {"subnet": {"id": networks.SUBNET}}}
RULE = {"protocol": "Tcp", "access": "Allow", "direction": "Inbound", "priority": 100}
CASES: dict[str, Any] = {
    "application_security_groups": networks.located({}),
    "network_security_groups": networks.located(
        {"securityRules": [{"name": "ssh", "properties": RULE}]}
    ),
    "public_ip_addresses": networks.located(
        {"publicIPAllocationMethod": "Static"}, sku={"name": "Standard"}, zones=["1"]
    ),
    "network_interfaces": networks.interface(),
    "load_balancers": networks.located(
        {"frontendIPConfigurations": [FRONT_END], **POOLS}, sku={"name": "Standard"}
    ),
    "virtual_networks": networks.network("10.0.7.0/24"),
}


@pytest.mark.parametrize("kind", CASES)
async def test_the_aio_client_creates_reads_tags_lists_and_deletes(azure: Azure, kind: str) -> None:
    await networks.put_network(azure)

    async with AioNetwork(AioNoCredential(), SUBSCRIPTION, **azure.client_options) as client:
        operations = getattr(client, kind)
        made = await (await operations.begin_create_or_update("rg", "x1", CASES[kind])).result()
        again = await (await operations.begin_create_or_update("rg", "x1", CASES[kind])).result()
        await operations.update_tags("rg", "X1", {"tags": {"a": "b"}})
        got = await operations.get("RG", "x1")
        in_group = [one.name async for one in operations.list("rg")]
        in_all = [one.name async for one in operations.list_all()]
        await (await operations.begin_delete("rg", "x1")).result()
        with pytest.raises(ResourceNotFoundError):
            await operations.get("rg", "x1")
        await (await operations.begin_delete("rg", "x1")).result()

    assert made.properties.provisioning_state == "Succeeded"
    assert made.properties.resource_guid == again.properties.resource_guid
    assert (got.id, got.tags) == (made.id, {"a": "b"})
    assert "x1" in in_group
    assert "x1" in in_all
    assert not azure.world.calls.unknown


async def test_the_sync_client_creates_reads_updates_and_deletes(azure: Azure) -> None:
    def drive(client: NetworkManagementClient, kind: str) -> None:
        operations = getattr(client, kind)
        made = operations.begin_create_or_update("rg", "x1", CASES[kind]).result()
        operations.update_tags("rg", "x1", {"tags": {"a": "b"}})
        assert operations.get("rg", "x1").tags == {"a": "b"}
        assert made.id in [one.id for one in operations.list_all()]
        operations.begin_delete("rg", "x1").result()
        assert "x1" not in [one.name for one in operations.list("rg")]

    def drive_all() -> None:
        with NetworkManagementClient(
            NoCredential(), SUBSCRIPTION, **azure.client_options
        ) as client:
            for kind in CASES:
                drive(client, kind)

    await networks.put_network(azure)

    await asyncio.to_thread(drive_all)

    assert not azure.world.calls.unknown


CHILDREN: dict[str, tuple[str, Any]] = {
    "subnets": ("virtualNetworks/p", {"properties": {"addressPrefix": "10.0.9.0/24"}}),
    "security_rules": ("networkSecurityGroups/p", {"properties": {**RULE, "priority": 300}}),
    "load_balancer_backend_address_pools": ("loadBalancers/p", {"properties": {}}),
    "inbound_nat_rules": (
        "loadBalancers/p",
        {"properties": {"frontendPort": 22, "backendPort": 22, "protocol": "Tcp"}},
    ),
}
PARENTS = {
    "virtualNetworks/p": CASES["virtual_networks"],
    "networkSecurityGroups/p": CASES["network_security_groups"],
    "loadBalancers/p": CASES["load_balancers"],
}


@pytest.mark.parametrize("kind", CHILDREN)
async def test_children_are_created_read_listed_and_deleted_by_themselves(
    azure: Azure, kind: str
) -> None:
    await networks.put_network(azure)
    parent, body = CHILDREN[kind]
    await azure.put(f"{networks.NETWORK}/{parent}", PARENTS[parent])

    async with AioNetwork(AioNoCredential(), SUBSCRIPTION, **azure.client_options) as client:
        operations = getattr(client, kind)
        made = await (await operations.begin_create_or_update("rg", "p", "c1", body)).result()
        got = await operations.get("rg", "p", "C1")
        listed = [one.name async for one in operations.list("rg", "p")]
        await (await operations.begin_delete("rg", "p", "c1")).result()
        with pytest.raises(ResourceNotFoundError) as gone:
            await operations.get("rg", "p", "c1")

    assert made.properties.provisioning_state == "Succeeded"
    assert got.etag == made.etag
    assert "c1" in listed
    assert gone.value.error is not None
    assert gone.value.error.code == "NotFound"


async def test_parts_that_are_only_read_are_served_to_the_client(azure: Azure) -> None:
    await networks.put_network(azure)
    async with AioNetwork(AioNoCredential(), SUBSCRIPTION, **azure.client_options) as client:
        balancer: Any = networks.located({"frontendIPConfigurations": [FRONT_END], **POOLS})
        await (await client.load_balancers.begin_create_or_update("rg", "lb", balancer)).result()
        group: Any = networks.located({})
        await (
            await client.network_security_groups.begin_create_or_update("rg", "g", group)
        ).result()

        fronts = [f async for f in client.load_balancer_frontend_ip_configurations.list("rg", "lb")]
        probes = [p async for p in client.load_balancer_probes.list("rg", "lb")]
        defaults = [r.name async for r in client.default_security_rules.list("rg", "g")]
        usages = [u.limit async for u in client.virtual_networks.list_usage("rg", "v1")]
        free = await client.virtual_networks.check_ip_address_availability(
            "rg", "v1", ip_address="10.0.0.4"
        )

    assert fronts[0].private_ip_address == "10.0.0.4"
    assert probes == []
    assert defaults[0] == "AllowVnetInBound"
    assert usages == [251.0]
    assert (free.available, (free.available_ip_addresses or [])[:1]) == (False, ["10.0.0.5"])
