"""Import as clients see it: the real SDKs against a simulated Azure, tables in memory."""

import asyncio
import json
from datetime import timedelta

import pytest

from shared.contracts.source import ImportState
from shared.model.ids import node_key
from shared.model.run import OperationKind, Status
from store.imports import Import
from tests.api.harness import ACCOUNT, PATH
from tests.api.imports import VM, WATCH, Bench, bench
from tests.unit.model.documents import TERRAFORM_CREATE

__all__ = ["bench"]


async def test_an_import_answers_with_its_node_and_is_begun(bench: Bench) -> None:
    """S73: the operation knows whether the VM ran; the status is there at once."""
    await bench.vm()

    answer = await bench.imported({}, drainingTimeout=30, resourcesRetentionTime=2)

    (made,) = answer.items
    node_id = made["node"]["id"]
    assert answer.body["response"]["kind"] == "spotinst:azure:stateful:import:node"
    assert made["statefulImportId"] == node_id.replace("ssn-", "sin-")
    assert (made["originalVmName"], made["resourceGroupName"]) == ("legacy", "rg")
    assert (made["drainingTimeout"], made["resourcesRetentionTime"]) == (30, 2)
    (operation,) = bench.api.starts.operations
    told = json.loads(operation.input)
    assert (operation.kind, operation.orchestrator) == (OperationKind.IMPORT, "import_vm")
    assert (told["was_running"], told["retention_h"], told["drain_s"]) == (True, 2, 30)
    assert told["source"]["vm_resource_id"].lower() == VM.lower()
    shown = (await bench.api.call("GET", f"{PATH}/{node_id}/status")).items[0]
    assert shown["status"] == "IMPORTING"


async def test_how_far_an_import_is_is_told_by_its_id_and_by_its_nodes(bench: Bench) -> None:
    """The ids sin- and ssn- mean the same import; its four words in order."""
    await bench.vm()
    made = (await bench.imported()).items[0]
    key = node_key(ACCOUNT, made["node"]["id"])
    stores, (operation,) = bench.api.stores, bench.api.starts.operations

    begun = await bench.state(made["statefulImportId"])
    await stores.nodes.claim(key, operation.id, bench.clock.now())
    claimed = await bench.state(key.node_id)
    await stores.imports.end(key, ImportState.COMPLETED)
    over = await bench.state(made["statefulImportId"])

    assert begun.body["response"]["kind"] == "spotinst:stateful:import:node"
    assert begun.items == [
        {
            "statefulImportId": made["statefulImportId"],
            "statefulNodeId": key.node_id,
            "vmName": "legacy",
            "state": "ImportStart",
        }
    ]
    assert claimed.items[0]["state"] == "ImportInProgress"
    assert over.items[0]["state"] == "ImportCompleted"


@pytest.mark.parametrize("asked", ["sin-deadbeef", "ssn-deadbeef", "nonsense", "..", "sin-"])
async def test_an_unknown_import_is_400_in_the_envelope(bench: Bench, asked: str) -> None:
    answer = await bench.state(asked)

    assert answer.codes == ["GROUP_DOESNT_EXIST", "STATEFUL_NODE_DOES_NOT_EXIST"]


async def test_nulls_and_the_other_spelling_mean_what_clients_mean(bench: Bench) -> None:
    """S72: 96 hours unless said otherwise; 0 is 0."""
    await bench.vm("legacy")
    await bench.vm("other")
    nothing = {"drainingTimeout": None, "convertUnmanagedDisks": None, "statefulImportId": None}

    defaults = await bench.imported(None, resourceRetentionTime=None, **nothing)
    zero = await bench.imported({}, originalVmName="other", resourceRetentionTime=0)

    assert defaults.items[0]["resourcesRetentionTime"] == 96
    assert defaults.items[0]["drainingTimeout"] == 120
    assert defaults.items[0]["convertUnmanagedDisks"] is False
    assert zero.items[0]["resourcesRetentionTime"] == 0


async def test_sizes_that_are_not_said_are_those_like_the_vms(bench: Bench) -> None:
    """S74: without spotSizes and spotSizeAttributes, sizes with the attributes of the VM's."""
    await bench.vm("legacy")
    await bench.vm("other")
    od = {"odSizes": ["standard_d4s_v5"], "spotSizes": None}

    silent = await bench.imported({"compute": {"vmSizes": od}})
    named = await bench.imported(
        {"compute": {"vmSizes": {"spotSizes": ["standard_d8s_v5"]}}}, originalVmName="other"
    )

    assert silent.items[0]["node"]["compute"]["vmSizes"] == {
        "odSizes": ["standard_d4s_v5"],
        "spotSizeAttributes": {
            "minCpu": 2,
            "maxCpu": 2,
            "minMemory": 8,
            "maxMemory": 8,
            "minStorage": 0,
            "maxStorage": 0,
        },
    }
    assert named.items[0]["node"]["compute"]["vmSizes"] == {
        "odSizes": ["standard_d2s_v5"],
        "spotSizes": ["standard_d8s_v5"],
    }


async def test_terraforms_body_with_all_its_nulls_is_taken(bench: Bench) -> None:
    await bench.vm()
    node = json.loads(json.dumps(TERRAFORM_CREATE["statefulNode"]))
    node |= {"resourceGroupName": "rg", "persistence": {"shouldPersistOsDisk": True}}
    launch = node["compute"]["launchSpecification"]
    for name in ("image", "login", "customData", "dataDisks"):
        launch[name] = None
    launch["network"] |= {"resourceGroupName": "rg", "virtualNetworkName": "v"}
    launch["network"]["networkInterfaces"][0] |= {"subnetName": "s", "networkSecurityGroup": None}

    answer = await bench.imported(node, drainingTimeout=0, resourcesRetentionTime=0)

    assert answer.status == 200, answer.body
    assert answer.items[0]["node"]["id"].startswith("ssn-")
    assert answer.items[0]["node"]["strategy"]["drainingTimeout"] == 30


async def test_protected_settings_given_at_import_are_kept_as_secrets(bench: Bench) -> None:
    """S75: they must be set again at import, and are never told."""
    await bench.vm()
    await bench.lay(f"{VM}/extensions/watch", WATCH)
    (told,) = (await bench.configuration()).items
    (extension,) = told["compute"]["launchSpecification"]["extensions"]
    extension["protectedSettings"] = {"workspaceKey": "canary-5d1c"}

    answer = await bench.imported(told)

    record = await bench.api.stores.nodes.get(node_key(ACCOUNT, answer.items[0]["node"]["id"]))
    assert record is not None
    (kept,) = record.document["compute"]["launchSpecification"]["extensions"]
    secret = await bench.api.stores.secrets.get(kept["protectedSettingsRef"])
    assert secret is not None
    assert "canary-5d1c" in secret.get_secret_value()
    assert "canary-5d1c" not in json.dumps(answer.body) + json.dumps(record.document)


async def test_of_two_imports_of_one_vm_the_second_is_refused(bench: Bench) -> None:
    await bench.vm()

    answers = await asyncio.gather(*(bench.imported() for _ in range(4)))

    taken = [one for one in answers if one.status == 200]
    assert len(taken) == 1
    assert {one.codes[0] for one in answers if one.status != 200} == {"VM_NOT_IMPORTABLE"}
    assert len(bench.api.starts.operations) == 1


async def test_a_vm_whose_import_failed_may_be_imported_again(bench: Bench) -> None:
    await bench.vm()
    first = (await bench.imported()).items[0]["node"]["id"]
    await bench.api.stores.imports.end(node_key(ACCOUNT, first), ImportState.FAILED)

    again = await bench.imported()

    assert again.status == 200
    assert (await bench.state(first)).items[0]["state"] == "ImportFailed"


async def test_an_import_that_ended_without_a_word_has_failed(bench: Bench) -> None:
    """Whatever its orchestration met: the node stands in ERROR, and the VM is free."""
    await bench.vm()
    first = (await bench.imported()).items[0]["node"]["id"]
    await bench.api.settle(first, Status.ERROR, error_reason="lost")

    state = await bench.state(first)

    assert state.items[0]["state"] == "ImportFailed"
    assert (await bench.imported()).status == 200


async def test_a_claim_whose_request_was_killed_ends_by_itself(bench: Bench) -> None:
    vm_id = await bench.vm()
    source = await bench.azure.ask("GET", vm_id)
    one = Import(
        account_id=ACCOUNT,
        node_id="ssn-0000dead",
        vm_resource_id=source["id"],
        vm_id=source["properties"]["vmId"],
        began_at=bench.clock.now(),
    )
    await bench.api.stores.imports.claim(one, None)

    early = await bench.imported()
    await bench.clock.sleep(timedelta(minutes=3).total_seconds())
    late = await bench.imported()

    assert early.codes == ["VM_NOT_IMPORTABLE"]
    assert late.status == 200
