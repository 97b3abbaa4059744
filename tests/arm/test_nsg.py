import pytest

from tests.arm import networks
from tests.arm.networks import NETWORK, SUBNET, VNET, located
from tests.simulator import Azure

GROUP = f"{NETWORK}/networkSecurityGroups/g1"
RULE = {"protocol": "tcp", "access": "Allow", "direction": "inbound", "priority": 100}


def rules(*given: networks.Json) -> networks.Json:
    held = [{"name": f"r{number}", "properties": one} for number, one in enumerate(given, 1)]
    return located({"securityRules": held})


async def test_every_group_has_six_rules_of_its_own(azure: Azure) -> None:
    made = await azure.put(GROUP, rules(RULE))

    defaults = made["properties"]["defaultSecurityRules"]
    assert [rule["properties"]["priority"] for rule in defaults] == [65000, 65001, 65500] * 2
    assert made["properties"]["securityRules"][0]["properties"]["protocol"] == "Tcp"
    assert made["properties"]["securityRules"][0]["properties"]["direction"] == "Inbound"


async def test_a_group_in_use_names_its_users_and_stays(azure: Azure) -> None:
    await azure.put(GROUP, rules())
    body = networks.network()
    body["properties"]["subnets"][0]["properties"]["networkSecurityGroup"] = {"id": GROUP}
    await azure.put(VNET, body)
    nic = f"{NETWORK}/networkInterfaces/n1"
    await azure.put(nic, networks.interface(networkSecurityGroup={"id": GROUP}))

    refusal = await networks.refused(azure, "DELETE", GROUP)
    _, shown, _ = await azure.arm("GET", GROUP)

    assert refusal == (
        400,
        "InUseNetworkSecurityGroupCannotBeDeleted",
        (
            f"Network security group {GROUP} cannot be deleted because it is in use "
            "by the following "
            f"resources: {SUBNET}, {nic}. In order to delete the Network security "
            "group, remove the "
            "association with the resource(s). To learn how to do this, see aka.ms/deletensg."
        ),
    )
    assert shown["properties"]["subnets"] == [{"id": SUBNET}]
    assert shown["properties"]["networkInterfaces"] == [{"id": nic}]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([{**RULE, "priority": 99}], "SecurityRuleInvalidPriority"),
        ([RULE, RULE], "SecurityRuleConflict"),
        ([{**RULE, "access": "Maybe"}], "SecurityRuleInvalidAccess"),
    ],
    ids=["priority", "conflict", "access"],
)
async def test_rules_that_contradict_are_refused(
    azure: Azure, given: list[networks.Json], code: str
) -> None:
    assert (await networks.refused(azure, "PUT", GROUP, rules(*given)))[:2] == (400, code)


async def test_a_named_group_of_applications_cannot_be_deleted(azure: Azure) -> None:
    await networks.put_network(azure)
    applications = f"{NETWORK}/applicationSecurityGroups/a1"
    await azure.put(applications, located({}))
    await networks.put_interface(azure, "n1", {"applicationSecurityGroups": [{"id": applications}]})

    refusal = await networks.refused(azure, "DELETE", applications)

    assert refusal[:2] == (400, "InUseApplicationSecurityGroupCannotBeDeleted")
