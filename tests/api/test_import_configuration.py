"""importConfiguration: what an existing VM would be as a node."""

import pytest
from spotinst_sdk2 import SpotinstSession
from spotinst_sdk2.client import Client as Published

from tests.api.harness import PATH
from tests.api.imports import COMPUTE, GROUP, VM, WATCH, Bench, bench, codes_and_fields

__all__ = ["bench"]


async def test_a_vm_is_told_as_the_node_that_it_would_be(bench: Bench) -> None:
    """S67, S69: what the review page shows before an import."""
    await bench.vm()

    answer = await bench.configuration()

    (told,) = answer.items
    assert answer.body["response"]["kind"] == "spotinst:azure:statefulNode"
    assert "id" not in told
    assert told["description"] == "Imported from virtual machine: legacy"
    assert (told["name"], told["region"], told["resourceGroupName"]) == ("legacy", "eastus", "rg")
    assert told["strategy"] == {"fallbackToOd": True}
    assert told["persistence"] == {
        "shouldPersistOsDisk": True,
        "osDiskPersistenceMode": "reattach",
        "shouldPersistDataDisks": True,
        "dataDisksPersistenceMode": "reattach",
        "shouldPersistNetwork": False,
    }
    assert told["compute"]["zones"] == ["1"]
    assert told["compute"]["vmSizes"] == {
        "odSizes": ["standard_d2s_v5"],
        "spotSizes": ["standard_d2s_v5"],
    }
    launch = told["compute"]["launchSpecification"]
    assert not launch.keys() & {"image", "login", "customData", "shutdownScript"}
    assert launch["tags"] == [{"tagKey": "team", "tagValue": "core"}]
    assert launch["network"]["virtualNetworkName"] == "v"


async def test_a_configuration_tells_all_that_a_vm_is_launched_with(bench: Bench) -> None:
    """S75: extensions come along, without the protected settings that Azure never tells."""
    group = f"{COMPUTE}/proximityPlacementGroups/near"
    await bench.lay(group, {"proximityPlacementGroupType": "Standard"})
    identity = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/who"
    await bench.vm(
        properties__diagnosticsProfile={"bootDiagnostics": {"enabled": True}},
        properties__securityProfile={
            "securityType": "TrustedLaunch",
            "uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True},
        },
        properties__userData="aGVsbG8=",
        properties__licenseType="RHEL_BYOS",
        properties__proximityPlacementGroup={"id": group},
        identity={"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {identity: {}}},
    )
    await bench.lay(f"{VM}/extensions/watch", WATCH)

    launch = (await bench.configuration()).items[0]["compute"]["launchSpecification"]

    assert launch["bootDiagnostics"] == {"isEnabled": True, "type": "managed"}
    assert launch["security"] == {
        "securityType": "TrustedLaunch",
        "secureBootEnabled": True,
        "vTpmEnabled": True,
    }
    assert (launch["userData"], launch["licenseType"]) == ("aGVsbG8=", "RHEL_BYOS")
    near = {"name": "near", "resourceGroupName": "rg"}
    assert launch["proximityPlacementGroups"] == [near]
    assert launch["managedServiceIdentities"] == [{"name": "who", "resourceGroupName": "rg"}]
    (extension,) = launch["extensions"]
    assert extension["publicSettings"] == WATCH["settings"]
    assert "protectedSettings" not in extension


async def test_a_configuration_goes_through_the_published_client_and_comes_back(
    bench: Bench,
) -> None:
    """S69: fed back unchanged as `node`, camel to snake and back, it passes, and is the node's."""
    await bench.vm()
    await bench.lay(f"{VM}/extensions/watch", WATCH)
    (told,) = (await bench.configuration()).items
    session = SpotinstSession(auth_token="t", account_id="act-1", base_url="http://none")  # noqa: S106
    client = Published(session=session.session)
    snake = client.convert_json(told, client.camel_to_underscore)

    answer = await bench.imported(client.convert_json(snake, client.underscore_to_camel))

    node = answer.items[0]["node"]
    assert answer.status == 200
    assert {name: node[name] for name in told if name != "strategy"} == {
        name: value for name, value in told.items() if name != "strategy"
    }


@pytest.mark.parametrize(
    ("group", "name", "fields"),
    [
        ("rg", "nobody", ["virtualMachineName"]),
        ("nowhere", "legacy", ["virtualMachineName"]),
        ("rg", "a%20b", ["virtualMachineName"]),
        ("rg.", "x", ["resourceGroupName"]),
        ("rg.", "a%20b", ["virtualMachineName", "resourceGroupName"]),
    ],
)
async def test_a_vm_that_is_not_there_is_400_with_its_field(
    bench: Bench, group: str, name: str, fields: list[str]
) -> None:
    path = f"{PATH}/resourceGroup/{group}/virtualMachine/{name}/importConfiguration"

    answer = await bench.api.call("GET", path)

    assert codes_and_fields(answer) == [("INVALID_VALUE", field) for field in fields]
