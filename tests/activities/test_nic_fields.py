"""Each network field of the document, and what it changes in Azure's body of a NIC."""

from typing import Any

import pytest

from shared.contracts.disk import DELETE_RESOURCES, DeleteResources
from tests.activities.nic_scenes import (
    FIRST,
    ask,
    configurations,
    dual,
    interfaces,
    named,
    put_address,
    shown,
)
from tests.activities.scenes import played
from tests.activities.stage import NETWORK, Stage


def made(*wanted: dict[str, Any], **more: Any) -> tuple[Any, Stage]:
    """Make a document's NICs; return the answer, and the stage to look at."""

    async def scene(stage: Stage) -> tuple[Any, Stage]:
        await dual(stage)
        for kind, name in (
            ("networkSecurityGroups", "guard"),
            ("applicationSecurityGroups", "web"),
            ("applicationSecurityGroups", "db"),
        ):
            body = {"location": "eastus", "properties": {}}
            await stage.arm("PUT", f"{NETWORK}/{kind}/{name}", body)
        await stage.ports.clock.sleep(30)
        await stage.node(**interfaces(*wanted))
        return await ask(stage, **more), stage

    return played(scene)


def test_each_interface_becomes_a_nic_in_its_subnet_the_primary_one_first() -> None:
    """R77, R80, S85: one NIC or more, each in a subnet of the document's network."""
    back = {"isPrimary": False, "subnetName": "back"}

    answer, stage = made(back, FIRST)

    assert [nic.is_primary for nic in answer.nics] == [True, False]
    subnets = [
        configurations(stage, index)["primary"]["subnet"]["id"].rsplit("/", 1)[-1]
        for index in (0, 1)
    ]
    assert subnets == ["dual", "back"]
    assert [nic.private_ip for nic in answer.nics] == ["10.0.1.4", "10.0.2.4"]


def test_two_interfaces_may_share_a_subnet() -> None:
    """S85: interfaces of one node in one subnet, each with its address."""
    answer, _ = made(FIRST, {**FIRST, "isPrimary": False})

    assert [nic.private_ip for nic in answer.nics] == ["10.0.1.4", "10.0.1.5"]


def test_additional_ip_configurations_are_made_in_both_versions() -> None:
    more = [
        {"name": "second", "privateIpAddressVersion": "IPv4"},
        {"name": "six", "privateIpAddressVersion": "IPv6"},
    ]

    _, stage = made({**FIRST, "additionalIpConfigurations": more})

    held = configurations(stage)
    versions = {name: one["privateIPAddressVersion"] for name, one in held.items()}
    assert versions == {"primary": "IPv4", "second": "IPv4", "six": "IPv6"}
    assert [one["primary"] for one in held.values()] == [True, False, False]
    assert held["six"]["privateIPAddress"].startswith("fd00:1::")


def test_a_network_security_group_guards_its_nic_alone() -> None:
    """R81, S86: one security group for each NIC that names one."""
    guarded = {**FIRST, "networkSecurityGroup": named("guard")[0]}

    _, stage = made(guarded, {"isPrimary": False, "subnetName": "back"})

    group = {"id": f"{NETWORK}/networkSecurityGroups/guard"}
    assert shown(stage)["networkSecurityGroup"] == group
    assert "networkSecurityGroup" not in shown(stage, 1)


def test_application_security_groups_are_on_every_configuration_of_the_nic() -> None:
    """R82, S86: several groups; Azure wants the same ones on all configurations of a NIC."""
    more = [{"name": "second"}, {"name": "six", "privateIpAddressVersion": "IPv6"}]
    grouped = {
        **FIRST,
        "applicationSecurityGroups": named("web", "db"),
        "additionalIpConfigurations": more,
    }

    answer, stage = made(grouped)

    groups = [{"id": f"{NETWORK}/applicationSecurityGroups/{name}"} for name in ("web", "db")]
    assert answer.kind == "nics_ready"
    assert [one["applicationSecurityGroups"] for one in configurations(stage).values()] == (
        [groups] * 3
    )


@pytest.mark.parametrize("wanted", [True, False, None])
def test_ip_forwarding_is_switched_by_its_field(wanted: bool | None) -> None:  # noqa: FBT001
    _, stage = made({**FIRST, "enableIpForwarding": wanted})

    assert shown(stage)["enableIPForwarding"] is bool(wanted)


@pytest.mark.parametrize(("sku", "zones"), [("Standard", ["1", "2", "3"]), ("Basic", None)])
def test_an_assigned_public_ip_is_of_its_sku_and_serves_every_zone(
    sku: str, zones: list[str] | None
) -> None:
    """R79, R83, S87: a new address of the one SKU; a Standard one is in all zones."""
    answer, stage = made({**FIRST, "assignPublicIp": True, "publicIpSku": sku})

    (nic,) = answer.nics
    address = stage.find(nic.public_ip_id)
    assert address.body["sku"]["name"] == sku
    assert address.body.get("zones") == zones
    assert address.properties["publicIPAllocationMethod"] == "Static"
    assert nic.public_ip == address.properties["ipAddress"]
    assert configurations(stage)["primary"]["publicIPAddress"]["id"] == address.id


def test_no_public_ip_is_made_where_none_is_assigned() -> None:
    """R83: without assignPublicIp a NIC has a private address alone."""
    answer, stage = made({**FIRST, "publicIpSku": "Standard"})

    assert answer.nics[0].public_ip is None
    assert not stage.there("publicIPAddresses")


@pytest.mark.parametrize(("size_has_it", "on"), [(True, True), (False, False), (None, False)])
def test_accelerated_networking_is_on_where_the_size_has_it(
    size_has_it: bool | None,  # noqa: FBT001
    on: bool,  # noqa: FBT001
) -> None:
    answer, stage = made(FIRST, accelerated=size_has_it)

    assert shown(stage)["enableAcceleratedNetworking"] is on
    assert answer.nics[0].accelerated is on


def test_the_network_is_found_in_its_own_resource_group() -> None:
    """R78, S85: the network's resource group need not be the node's."""

    async def scene(stage: Stage) -> tuple[Any, Any]:
        group = NETWORK.replace("/fleet/", "/nets/").split("/providers/")[0]
        vnet = f"{group}/providers/Microsoft.Network/virtualNetworks/corp"
        subnet = {"name": "s", "properties": {"addressPrefix": "10.7.0.0/24"}}
        space = {"addressSpace": {"addressPrefixes": ["10.7.0.0/16"]}, "subnets": [subnet]}
        await stage.arm("PUT", group, {"location": "eastus"})
        await stage.arm("PUT", vnet, {"location": "eastus", "properties": space})
        await stage.ports.clock.sleep(30)
        network = {
            "resourceGroupName": "nets",
            "virtualNetworkName": "corp",
            "networkInterfaces": [{"isPrimary": True, "subnetName": "s"}],
        }
        await stage.node(compute__launchSpecification__network=network)
        return await ask(stage), configurations(stage)["primary"]

    answer, primary = played(scene)

    assert answer.nics[0].private_ip == "10.7.0.4"
    assert "/resourceGroups/nets/" in primary["subnet"]["id"]


def test_user_tags_are_on_nics_and_on_addresses_of_ours() -> None:
    """R100: tags of the document are applied to what is made with the VM."""

    async def scene(stage: Stage) -> list[dict[str, str]]:
        await dual(stage)
        wanted = {**FIRST, "assignPublicIp": True, "publicIpSku": "Standard"}
        tags = [{"tagKey": "team", "tagValue": "sea"}]
        document = interfaces(wanted, compute__launchSpecification__tags=tags)
        await stage.node(**document)
        await ask(stage)
        return [one.body["tags"] for one in stage.there().values()]

    tags = played(scene)

    assert len(tags) == 2
    assert all(one["team"] == "sea" and one["mooring-node"] == "ssn-0000cafe" for one in tags)


def test_addresses_of_ours_are_deleted_with_their_nic_and_those_of_a_pool_are_kept() -> None:
    """S88, S89: what we made goes, what the user lent stays."""

    async def scene(stage: Stage) -> tuple[Any, set[str]]:
        await dual(stage)
        await put_address(stage, "lent")
        public = {"assignPublicIp": True, "publicIpSku": "Standard"}
        pooled = {**FIRST, **public, "publicIps": named("lent")}
        await stage.node(**interfaces(pooled, {**FIRST, **public, "isPrimary": False}))
        ready = await ask(stage)
        ids = tuple(one for nic in ready.nics for one in (nic.id, nic.public_ip_id))
        gone = await stage.ask(
            DELETE_RESOURCES, DeleteResources(work=stage.work("rest"), resource_ids=ids)
        )
        return gone, set(stage.there())

    gone, left = played(scene)

    assert gone.kind == "done"
    assert left == {"lent"}
