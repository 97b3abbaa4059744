"""What an import refuses before it begins, with the field that is at fault."""

import pytest

from shared.contracts.source import ImportState
from shared.model.ids import node_key
from shared.model.run import Lifecycle, Status, Vm
from tests.api.harness import ACCOUNT, PATH
from tests.api.imports import LS, VM, Bench, Json, bench, call, codes_and_fields
from tests.simulator import SUBSCRIPTION
from tests.unit.model.documents import PUBLIC_KEY

__all__ = ["bench"]

OS_FIELDS = ("image", "login", "customData", "shutdownScript")
SAID: Json = {
    "image": {"custom": {"resourceGroupName": "rg", "name": "golden"}},
    "login": {"userName": "ada", "sshPublicKey": PUBLIC_KEY},
    "customData": "aGVsbG8=",
    "shutdownScript": "aGVsbG8=",
    "network": {
        "resourceGroupName": "rg",
        "virtualNetworkName": "v",
        "networkInterfaces": [
            {
                "isPrimary": True,
                "subnetName": "s",
                "assignPublicIp": True,
                "publicIpSku": "Standard",
            }
        ],
    },
}


@pytest.mark.parametrize("name", [*OS_FIELDS, "network"])
async def test_what_persists_comes_with_the_vm_and_cannot_be_sent(bench: Bench, name: str) -> None:
    """R19, R23: the locks of R16-R18 and R22 hold in an import."""
    await bench.vm()
    node = {
        "persistence": {"shouldPersistNetwork": True},
        "compute": {"launchSpecification": {name: SAID[name]}},
    }

    answer = await bench.imported(node)

    assert codes_and_fields(answer) == [("LOCKED_FIELD", f"{LS}.{name}")]
    assert bench.api.starts.operations == []


async def test_what_does_not_persist_may_be_sent(bench: Bench) -> None:
    """R19, R23: without persistence the fields are the client's to set."""
    await bench.vm()
    launch = {name: SAID[name] for name in ("login", "customData", "network")}
    persistence = {"shouldPersistOsDisk": False, "shouldPersistNetwork": False}

    answer = await bench.imported(
        {"persistence": persistence, "compute": {"launchSpecification": launch}}
    )

    shown = answer.items[0]["node"]["compute"]["launchSpecification"]
    assert shown["login"]["userName"] == "ada"
    assert shown["image"]["marketplace"]["offer"] == "0001-com-ubuntu-server-jammy"
    assert shown["network"]["networkInterfaces"][0]["assignPublicIp"] is True


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subnetName": "nowhere"}, "networkInterfaces[0].subnetName"),
        (
            {"networkSecurityGroup": {"name": "none", "resourceGroupName": "rg"}},
            "networkInterfaces[0].networkSecurityGroup.name",
        ),
    ],
)
async def test_a_network_of_the_nodes_own_that_azure_does_not_have_is_refused(
    bench: Bench, change: Json, field: str
) -> None:
    """R78: the completed document is looked up as a create's is; nothing is begun."""
    await bench.vm()
    (nic,) = SAID["network"]["networkInterfaces"]
    network = SAID["network"] | {"networkInterfaces": [nic | change]}

    answer = await bench.imported({"compute": {"launchSpecification": {"network": network}}})

    assert codes_and_fields(answer) == [("INVALID_VALUE", f"{LS}.network.{field}")]
    assert bench.api.starts.operations == []


async def test_a_network_that_is_sent_as_it_was_told_is_no_change(bench: Bench) -> None:
    """R23: equal values are accepted, as in an edit."""
    await bench.vm()
    (told,) = (await bench.configuration()).items
    told["persistence"]["shouldPersistNetwork"] = True

    assert (await bench.imported(told)).status == 200


async def test_a_generalized_vm_is_refused(bench: Bench) -> None:
    """S68."""
    await bench.vm()
    await bench.act("deallocate")
    await bench.azure.ask("POST", f"{VM}/generalize")

    answers = [await bench.imported(), await bench.configuration()]

    assert [one.codes for one in answers] == [["VM_NOT_IMPORTABLE"]] * 2
    assert answers[0].fields == ["statefulNodeImport.originalVmName"]
    assert "generalized" in answers[0].errors[0]["message"]


async def test_an_ephemeral_os_disk_is_refused(bench: Bench) -> None:
    """S68."""
    disk = {
        "createOption": "FromImage",
        "caching": "ReadOnly",
        "diffDiskSettings": {"option": "Local"},
    }
    await bench.vm(properties__storageProfile__osDisk=disk)

    answer = await bench.imported()

    assert answer.codes == ["VM_NOT_IMPORTABLE"]
    assert "ephemeral" in answer.errors[0]["message"]


async def test_unmanaged_disks_are_refused_unless_they_are_to_be_converted(bench: Bench) -> None:
    """S76."""
    blob = {"vhd": {"uri": "https://legacy.blob.core.windows.net/vhds/os.vhd"}}
    await bench.vm(
        zones=[],
        properties__storageProfile__osDisk={"createOption": "FromImage", "name": "os", **blob},
        properties__storageProfile__dataDisks=[],
    )

    refused = await bench.imported()
    taken = await bench.imported(convertUnmanagedDisks=True)

    assert refused.codes == ["VM_NOT_IMPORTABLE"]
    assert "convertUnmanagedDisks" in refused.errors[0]["message"]
    assert taken.status == 200, taken.body


async def test_a_vm_of_a_node_is_refused(bench: Bench) -> None:
    """Tagged or known by our own records."""
    await bench.vm("tagged", tags={"mooring-node": "ssn-0000beef"})
    vm_id = await bench.vm("known")
    made = (await bench.imported({}, originalVmName="known")).items[0]
    key = node_key(ACCOUNT, made["node"]["id"])
    await bench.api.stores.imports.end(key, ImportState.FAILED)
    body = Vm(id=vm_id, name="known", size="Standard_D2s_v5", lifecycle=Lifecycle.SPOT)
    await bench.api.stores.vms.put(SUBSCRIPTION, vm_id, key, 1)
    await bench.api.settle(key.node_id, Status.ACTIVE, vm=body)

    answers = [await bench.imported(originalVmName=name) for name in ("tagged", "known")]

    assert [one.codes for one in answers] == [["VM_NOT_IMPORTABLE"]] * 2
    assert "ssn-0000beef" in answers[0].errors[0]["message"]
    assert key.node_id in answers[1].errors[0]["message"]


async def test_a_mark_of_somebody_elses_import_is_refused(bench: Bench) -> None:
    await bench.vm(tags={"mooring-import": "ssn-0000feed"})

    answer = await bench.imported()

    assert answer.codes == ["VM_NOT_IMPORTABLE"]
    assert "mooring-import" in answer.errors[0]["message"]


BAD_IMPORTS = [
    pytest.param({}, ["statefulNodeImport"], id="empty"),
    pytest.param({"statefulNodeImport": []}, ["statefulNodeImport"], id="a-list"),
    pytest.param(
        {"statefulNodeImport": {}},
        ["statefulNodeImport.originalVmName", "statefulNodeImport.resourceGroupName"],
        id="nothing-said",
    ),
    pytest.param(call(force=True), ["statefulNodeImport.force"], id="unknown-field"),
    pytest.param(call({"nmae": "x"}), ["statefulNodeImport.node.nmae"], id="unknown-node-field"),
    pytest.param(
        call(drainingTimeout=1_801, resourcesRetentionTime=732),
        ["statefulNodeImport.drainingTimeout", "statefulNodeImport.resourcesRetentionTime"],
        id="out-of-range",
    ),
    pytest.param(
        call(resourcesRetentionTime=1, resourceRetentionTime=2),
        ["statefulNodeImport.resourceRetentionTime"],
        id="two-spellings",
    ),
    pytest.param(call(originalVmName="../x"), ["statefulNodeImport.originalVmName"], id="a-path"),
    pytest.param(
        {"statefulNodeImport": {**call()["statefulNodeImport"], "node": "x"}},
        ["statefulNodeImport.node"],
        id="node-a-text",
    ),
    pytest.param(
        call({"region": "westus", "compute": {"os": "Windows"}}),
        ["statefulNodeImport.node.region", "statefulNodeImport.node.compute.os"],
        id="another-vm",
    ),
    pytest.param(
        call({"compute": {"launchSpecification": {"vmName": "LEGACY"}}}),
        [f"{LS}.vmName"],
        id="the-vms-own-name",
    ),
    pytest.param(
        call({"compute": {"zones": ["9"]}}),
        ["statefulNodeImport.node.compute.zones[0]"],
        id="no-such-zone",
    ),
]


@pytest.mark.parametrize(("sent", "fields"), BAD_IMPORTS)
async def test_a_bad_import_names_its_fields_and_begins_nothing(
    bench: Bench, sent: Json, fields: list[str]
) -> None:
    await bench.vm()

    answer = await bench.api.call("POST", f"{PATH}/import", sent)

    assert answer.status == 400
    assert answer.fields == fields
    assert bench.api.starts.operations == []
