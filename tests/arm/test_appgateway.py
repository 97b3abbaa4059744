"""Application gateways: parts and members, and what their probes find."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from azure.mgmt.network.aio import NetworkManagementClient as AioNetwork

from tests.arm import machines, networks
from tests.arm.networks import NETWORK, SUBNET, Json, located
from tests.simulator import SUBSCRIPTION, AioNoCredential, Azure, start

GATEWAY = f"{NETWORK}/applicationGateways/gw"
POOL = f"{GATEWAY}/backendAddressPools/web"
SETTINGS = f"{GATEWAY}/backendHttpSettingsCollection/http"
OWN = f"{NETWORK}/virtualNetworks/v1/subnets/s2"


def part(name: str, **properties: Any) -> Json:
    return {"name": name, "properties": properties}


def gateway(sku: str = "Standard_v2", **more: Any) -> Json:
    listener = {
        "frontendIPConfiguration": {"id": f"{GATEWAY}/frontendIPConfigurations/front"},
        "frontendPort": {"id": f"{GATEWAY}/frontendPorts/p80"},
        "protocol": "Http",
    }
    rule = {
        "ruleType": "Basic",
        "priority": 10,
        "httpListener": {"id": f"{GATEWAY}/httpListeners/all"},
        "backendAddressPool": {"id": POOL.upper()},
        "backendHttpSettings": {"id": SETTINGS},
    }
    properties = {
        "sku": {"name": sku, "tier": sku, "capacity": 1},
        "gatewayIPConfigurations": [part("own", subnet={"id": OWN})],
        "frontendIPConfigurations": [part("front", subnet={"id": OWN})],
        "frontendPorts": [part("p80", port=80)],
        "backendAddressPools": [part("web"), part("spare")],
        "backendHttpSettingsCollection": [part("http", port=80, protocol="Http")],
        "httpListeners": [part("all", **listener)],
        "requestRoutingRules": [part("rule", **rule)],
    }
    return located({**properties, **more})


@pytest.fixture
async def azure() -> AsyncIterator[Azure]:
    """A simulator with a network of two subnets, and a gateway in the second."""
    quick = {"latency": "median", "latency_of": {"gateway.*": 0.001}}
    async with start(settings=quick) as azure:
        await azure.arm("PUT", networks.GROUP, {"location": "eastus"})
        await azure.put(networks.VNET, networks.network("10.0.0.0/24", "10.0.1.0/24"))
        await azure.put(GATEWAY, gateway())
        yield azure


def member(*pools: str) -> Json:
    return {"applicationGatewayBackendAddressPools": [{"id": one} for one in pools]}


async def joined(azure: Azure, name: str = "n1") -> Json:
    return await networks.put_interface(azure, name, member(POOL))


async def test_a_gateway_is_told_with_its_parts_and_where_it_stands(azure: Azure) -> None:
    _, made, _ = await azure.arm("GET", GATEWAY)
    _, vnet, _ = await azure.arm("GET", networks.VNET)

    properties = made["properties"]
    assert properties["sku"] == {"name": "Standard_v2", "tier": "Standard_v2", "capacity": 1}
    assert (properties["provisioningState"], properties["operationalState"]) == (
        "Succeeded",
        "Running",
    )
    assert properties["requestRoutingRules"][0]["properties"]["backendAddressPool"] == {"id": POOL}
    used = vnet["properties"]["subnets"][1]["properties"]["applicationGatewayIPConfigurations"]
    assert used == [{"id": f"{GATEWAY}/gatewayIPConfigurations/own"}]


async def test_interfaces_that_join_a_pool_are_seen_in_it_and_leave_with_it(azure: Azure) -> None:
    nic = await joined(azure)

    _, full, _ = await azure.arm("GET", GATEWAY)
    without = gateway(backendAddressPools=[part("spare")], requestRoutingRules=[])
    await azure.put(GATEWAY, without)
    _, after, _ = await azure.arm("GET", nic["id"])

    config = {"id": f"{nic['id']}/ipConfigurations/ip1"}
    pools = {one["name"]: one["properties"] for one in full["properties"]["backendAddressPools"]}
    assert pools["web"]["backendIPConfigurations"] == [config]
    assert "backendIPConfigurations" not in pools["spare"]
    left = after["properties"]["ipConfigurations"][0]["properties"]
    assert "applicationGatewayBackendAddressPools" not in left


async def test_interfaces_leave_the_pools_of_a_deleted_gateway(azure: Azure) -> None:
    nic = await joined(azure)

    _, _, headers = await azure.arm("DELETE", GATEWAY)
    await azure.finish(headers)
    _, after, _ = await azure.arm("GET", nic["id"])
    in_subnet, _, _ = await azure.arm("DELETE", OWN)

    left = after["properties"]["ipConfigurations"][0]["properties"]
    assert "applicationGatewayBackendAddressPools" not in left
    assert in_subnet == 202


async def test_a_pool_that_is_not_there_and_a_rule_of_nothing_are_refused(azure: Azure) -> None:
    nowhere = f"{GATEWAY}/backendAddressPools/nowhere"
    nic = await networks.refused(
        azure, "PUT", f"{NETWORK}/networkInterfaces/n1", networks.interface(member(nowhere))
    )
    dangling = await networks.refused(azure, "PUT", GATEWAY, gateway(frontendPorts=[]))

    assert nic[:2] == dangling[:2] == (400, "InvalidResourceReference")
    assert nowhere in nic[2]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (gateway(sku="Huge"), "ApplicationGatewaySkuIsNotSpecified"),
        (gateway(gatewayIPConfigurations=[]), "ApplicationGatewaySubnetIsNotSpecified"),
    ],
)
async def test_a_gateway_needs_a_sku_and_a_subnet(azure: Azure, body: Json, code: str) -> None:
    assert (await networks.refused(azure, "PUT", GATEWAY, body))[1] == code


async def test_gateway_and_address_are_of_one_generation(azure: Azure) -> None:
    basic = await networks.put_address(azure, "basic", "Basic")
    front = [part("front", publicIPAddress={"id": basic["id"]})]

    second = await networks.refused(azure, "PUT", GATEWAY, gateway(frontendIPConfigurations=front))
    first = gateway("Standard_Small", frontendIPConfigurations=front)

    assert second[1] == "ApplicationGatewaySkuDoesNotMatchPublicIPAddressSku"
    assert (await azure.arm("PUT", GATEWAY, first))[0] == 200


async def probed(azure: Azure, expand: str | None = None) -> Any:
    async with AioNetwork(AioNoCredential(), SUBSCRIPTION, **azure.client_options) as client:
        poller = await client.application_gateways.begin_backend_health("rg", "gw", expand=expand)
        return await poller.result()


def servers(told: Any) -> list[tuple[str, str]]:
    pools = told.backend_address_pools
    assert [pool.backend_address_pool.id for pool in pools] == [POOL]
    (settings,) = pools[0].backend_http_settings_collection
    assert settings.backend_http_settings.id == SETTINGS
    return [
        (one.address, str(getattr(one.health, "value", one.health))) for one in settings.servers
    ]


async def test_health_follows_the_vm_and_what_the_world_says(azure: Azure) -> None:
    nic = await joined(azure)
    nobody = servers(await probed(azure))
    vm = machines.from_image(zone=None)
    vm["properties"]["networkProfile"] = {"networkInterfaces": [{"id": nic["id"]}]}
    await azure.put(machines.VM, vm)
    await azure.world.clock.sleep(120)
    up = await probed(azure)
    said = {"nic": nic["id"], "health": "Unhealthy"}
    assert (await azure.send("PUT", "/_world/backends", said))[0] == 200
    down = servers(await probed(azure))

    address = nic["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"]
    assert nobody == down == [(address, "Unhealthy")]
    assert servers(up) == [(address, "Healthy")]
    server = up.backend_address_pools[0].backend_http_settings_collection[0].servers[0]
    assert server.ip_configuration.id == f"{nic['id']}/ipConfigurations/ip1"
    assert not azure.world.calls.unknown


async def test_the_first_generation_has_its_own_words_and_expands_on_demand(azure: Azure) -> None:
    await azure.put(GATEWAY, gateway("Standard_Medium"))
    await joined(azure)

    told = await probed(azure, "BackendAddressPool,BackendHttpSettings")

    assert [word for _, word in servers(told)] == ["Down"]
    assert told.backend_address_pools[0].backend_address_pool.name == "web"


async def test_a_nic_that_is_not_there_has_no_health_to_be_said(azure: Azure) -> None:
    status, _, _ = await azure.send("PUT", "/_world/backends", {"nic": SUBNET, "health": "Up"})

    assert status == 404


async def test_the_aio_client_creates_reads_tags_lists_and_deletes_gateways(azure: Azure) -> None:
    async with AioNetwork(AioNoCredential(), SUBSCRIPTION, **azure.client_options) as client:
        operations = client.application_gateways
        body: Any = gateway()
        made = await (await operations.begin_create_or_update("rg", "gw", body)).result()
        await operations.update_tags("rg", "GW", {"tags": {"a": "b"}})
        got = await operations.get("RG", "gw")
        listed = [one.name async for one in operations.list("rg")]
        everywhere = [one.name async for one in operations.list_all()]
        await (await operations.begin_delete("rg", "gw")).result()
        left = [one.name async for one in operations.list("rg")]

    assert made.properties is not None
    assert got.tags == {"a": "b"}
    assert (listed, everywhere, left) == (["gw"], ["gw"], [])
    assert not azure.world.calls.unknown
