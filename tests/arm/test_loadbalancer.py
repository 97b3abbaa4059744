from tests.arm import networks
from tests.arm.networks import NETWORK, SUBNET, VNET, Json, located
from tests.simulator import Azure

BALANCER = f"{NETWORK}/loadBalancers/lb"
POOL = f"{BALANCER}/backendAddressPools/pool"
FRONT = f"{BALANCER}/frontendIPConfigurations/front"
PROBE = f"{BALANCER}/probes/tcp"


def balancer(front_end: Json | None = None, **more: object) -> Json:
    front = {"name": "front", "properties": front_end or {"subnet": {"id": SUBNET}}}
    properties = {"frontendIPConfigurations": [front], "backendAddressPools": [{"name": "pool"}]}
    return located({**properties, **more}, sku={"name": "Standard"})


def with_rule(port: int = 80) -> Json:
    rule = {
        "frontendIPConfiguration": {"id": FRONT},
        "backendAddressPool": {"id": POOL},
        "probe": {"id": PROBE},
        "protocol": "Tcp",
        "frontendPort": port,
        "backendPort": 80,
    }
    probe = {"name": "tcp", "properties": {"protocol": "Tcp", "port": 80}}
    return balancer(probes=[probe], loadBalancingRules=[{"name": "web", "properties": rule}])


async def test_interfaces_that_join_a_pool_are_seen_in_it(azure: Azure) -> None:
    await networks.put_network(azure)
    await azure.put(BALANCER, balancer())
    nic = await networks.put_interface(
        azure, "n1", {"loadBalancerBackendAddressPools": [{"id": POOL}]}
    )
    config = f"{nic['id']}/ipConfigurations/ip1"

    _, joined, _ = await azure.arm("GET", POOL)
    _, members, _ = await azure.arm("GET", f"{BALANCER}/networkInterfaces")
    _, balancers, _ = await azure.arm("GET", f"{nic['id']}/loadBalancers")
    await networks.put_interface(azure, "n1")
    _, left, _ = await azure.arm("GET", POOL)

    assert joined["properties"]["backendIPConfigurations"] == [{"id": config}]
    assert [one["id"] for one in members["value"]] == [nic["id"]]
    assert [one["id"] for one in balancers["value"]] == [BALANCER]
    assert "backendIPConfigurations" not in left["properties"]


async def test_parts_tell_which_rules_use_them(azure: Azure) -> None:
    await networks.put_network(azure)
    made = await azure.put(BALANCER, with_rule())

    rule = [{"id": f"{BALANCER}/loadBalancingRules/web"}]
    properties = made["properties"]
    for name in ("frontendIPConfigurations", "backendAddressPools", "probes"):
        assert properties[name][0]["properties"]["loadBalancingRules"] == rule
    assert properties["loadBalancingRules"][0]["properties"]["idleTimeoutInMinutes"] == 4


async def test_a_pool_that_a_rule_uses_cannot_be_deleted(azure: Azure) -> None:
    await networks.put_network(azure)
    await azure.put(BALANCER, with_rule())

    refusal = await networks.refused(azure, "DELETE", POOL)

    assert refusal[:2] == (400, "InvalidResourceReference")


async def test_a_rule_of_nothing_and_two_rules_on_one_port_are_refused(azure: Azure) -> None:
    await networks.put_network(azure)
    body = with_rule()
    dangling = {**body, "properties": {**body["properties"], "probes": []}}
    nat = {"frontendIPConfiguration": {"id": FRONT}, "frontendPort": 80, "protocol": "Tcp"}
    twice = {
        **body,
        "properties": {
            **body["properties"],
            "inboundNatRules": [{"name": "n", "properties": {**nat, "backendPort": 22}}],
        },
    }

    assert (await networks.refused(azure, "PUT", BALANCER, dangling))[1] == (
        "InvalidResourceReference"
    )
    assert (await networks.refused(azure, "PUT", BALANCER, twice))[1] == (
        "RulesUseSameFrontendPortProtocolAndIPConfig"
    )


async def test_balancer_and_address_are_of_one_sku(azure: Azure) -> None:
    await networks.put_network(azure)
    basic = await networks.put_address(azure, "basic", "Basic")

    refusal = await networks.refused(
        azure, "PUT", BALANCER, balancer({"publicIPAddress": {"id": basic["id"]}})
    )
    await azure.put(BALANCER, balancer())
    joined = await networks.refused(
        azure,
        "PUT",
        f"{NETWORK}/networkInterfaces/n1",
        networks.interface(
            {
                "loadBalancerBackendAddressPools": [{"id": POOL}],
                "publicIPAddress": {"id": basic["id"]},
            }
        ),
    )

    assert refusal == (
        400,
        "PublicIPAndLBSkuDoNotMatch",
        f"Standard sku load balancer {BALANCER} cannot reference Basic sku publicIP {basic['id']}.",
    )
    assert joined[:2] == (400, "DifferentSkuLoadBalancersAndPublicIPAddressNotAllowed")


async def test_a_front_end_holds_its_addresses_until_the_balancer_is_gone(azure: Azure) -> None:
    await networks.put_network(azure)
    address = await networks.put_address(azure)
    await azure.put(BALANCER, balancer({"publicIPAddress": {"id": address["id"]}}))

    held = await networks.refused(azure, "DELETE", address["id"])
    _, _, headers = await azure.arm("DELETE", BALANCER)
    await azure.finish(headers)
    free, _, _ = await azure.arm("DELETE", address["id"])

    assert held[1] == "PublicIPAddressCannotBeDeleted"
    assert FRONT in held[2]
    assert free == 202


async def test_a_private_front_end_has_an_address_of_its_subnet(azure: Azure) -> None:
    await networks.put_network(azure)
    private = {"subnet": {"id": SUBNET}, **networks.static("10.0.0.50")}

    made = await azure.put(BALANCER, balancer(private))
    in_use = await networks.refused(azure, "DELETE", VNET)
    taken = await networks.refused(
        azure,
        "PUT",
        f"{NETWORK}/networkInterfaces/n1",
        networks.interface(networks.static("10.0.0.50")),
    )

    front = made["properties"]["frontendIPConfigurations"][0]["properties"]
    assert front["privateIPAddress"] == "10.0.0.50"
    assert in_use[1] == "InUseSubnetCannotBeDeleted"
    assert taken[1] == "PrivateIPAddressIsAllocated"


async def test_interfaces_leave_the_pools_of_a_deleted_balancer(azure: Azure) -> None:
    await networks.put_network(azure)
    await azure.put(BALANCER, balancer())
    await networks.put_interface(azure, "n1", {"loadBalancerBackendAddressPools": [{"id": POOL}]})

    _, _, headers = await azure.arm("DELETE", BALANCER)
    await azure.finish(headers)
    _, nic, _ = await azure.arm("GET", f"{NETWORK}/networkInterfaces/n1")

    assert (
        "loadBalancerBackendAddressPools"
        not in (nic["properties"]["ipConfigurations"][0]["properties"])
    )


async def test_a_nat_rule_serves_one_configuration(azure: Azure) -> None:
    await networks.put_network(azure)
    nat = {"frontendIPConfiguration": {"id": FRONT}, "frontendPort": 22, "backendPort": 22}
    rule = {"name": "ssh", "properties": {**nat, "protocol": "Tcp"}}
    await azure.put(BALANCER, balancer(inboundNatRules=[rule]))
    used = {"loadBalancerInboundNatRules": [{"id": f"{BALANCER}/inboundNatRules/ssh"}]}
    first = await networks.put_interface(azure, "n1", used)

    second = await networks.refused(
        azure, "PUT", f"{NETWORK}/networkInterfaces/n2", networks.interface(used)
    )
    _, shown, _ = await azure.arm("GET", f"{BALANCER}/inboundNatRules/ssh")

    assert second[:2] == (400, "InboundNatRuleInUse")
    assert shown["properties"]["backendIPConfiguration"] == {
        "id": f"{first['id']}/ipConfigurations/ip1"
    }
