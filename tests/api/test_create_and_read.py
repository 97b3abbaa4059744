import base64
import json
from random import Random

import pytest

from shared.model.ids import node_key
from shared.model.run import Status
from tests.api.harness import ACCOUNT, PATH, Api
from tests.store.worlds import running
from tests.unit.model.documents import PASSWORD, TERRAFORM_CREATE, body, node, windows
from triggers.openapi_examples import CREATE


async def test_a_created_node_comes_back_in_the_envelope_with_its_id_and_moments(api: Api) -> None:
    """R4, R6, R7, R8, R111."""
    made = await api.call("POST", f"{PATH}?accountId={ACCOUNT}", body())

    assert made.status == 200
    assert made.body["request"] == {
        "id": made.body["request"]["id"],
        "url": f"{PATH}?accountId={ACCOUNT}",
        "method": "POST",
        "timestamp": "2026-11-23T12:00:00.000Z",
    }
    response = made.body["response"]
    assert response["status"] == {"code": 200, "message": "OK"}
    assert response["kind"] == "spotinst:azure:statefulNode"
    assert response["count"] == 1
    item = made.items[0]
    assert item["id"].startswith("ssn-")
    assert len(item["id"]) == 12
    assert item["createdAt"] == item["updatedAt"] == "2026-11-23T12:00:00.000Z"
    assert item["name"] == "web"


async def test_creation_locks_the_node_and_starts_its_first_launch(api: Api) -> None:
    node_id = await api.created(body())

    record = await api.stores.nodes.get(node_key(ACCOUNT, node_id))
    assert record is not None
    assert record.operation is not None
    assert [one.id for one in api.starts.operations] == [record.operation.id]
    assert record.operation.orchestrator == "create"
    assert json.loads(record.operation.input) == {
        "key": {"account_id": ACCOUNT, "node_id": node_id},
        "operation_id": record.operation.id,
    }
    assert record.run.status is Status.PENDING


async def test_a_start_that_is_lost_does_not_fail_the_request_and_is_watched(api: Api) -> None:
    api.starts.lost = True

    node_id = await api.created(body())

    record = await api.stores.nodes.get(node_key(ACCOUNT, node_id))
    assert record is not None
    assert record.operation is not None
    assert record.operation.claimed_at is None
    due = await api.stores.due.read_due(api.stores.due._clock.now())
    await api.stores.due._clock.sleep(200)
    due = await api.stores.due.read_due(api.stores.due._clock.now())
    assert [item.item_id for item in due] == [record.operation.id]


async def test_a_document_larger_than_a_row_is_refused_and_not_a_crash(api: Api) -> None:
    script = base64.b64encode(Random(1).randbytes(700_000)).decode()  # noqa: S311 - bulk
    extension = {
        "name": "script",
        "type": "CustomScript",
        "publisher": "Microsoft.Azure.Extensions",
        "apiVersion": "2.1",
        "minorVersionAutoUpgrade": True,
        "publicSettings": {"script": script},
    }
    document = node(compute__launchSpecification__extensions=[extension])

    refused = await api.call("POST", PATH, body(document))

    assert (refused.status, refused.codes) == (400, ["DOCUMENT_TOO_LARGE"])
    assert (await api.call("GET", PATH)).items == []


async def test_a_refused_creation_leaves_nothing_behind(api: Api) -> None:
    refused = await api.call("POST", PATH, body(node(compute__zones=["9"])))

    assert refused.status == 400
    assert refused.fields == ["statefulNode.compute.zones[0]"]
    assert (await api.call("GET", PATH)).items == []
    assert api.starts.operations == []


async def test_what_terraform_sends_is_accepted_and_read_back_without_drift(api: Api) -> None:
    node_id = await api.created(TERRAFORM_CREATE)

    item = (await api.call("GET", f"{PATH}/{node_id}")).items[0]

    sent = TERRAFORM_CREATE["statefulNode"]
    assert item["compute"]["vmSizes"] == {
        name: sent["compute"]["vmSizes"][name] for name in ("odSizes", "spotSizes")
    }
    assert item["compute"]["zones"] == ["1", "3"]
    assert item["compute"]["launchSpecification"]["osDisk"] == {
        "type": "Standard_LRS",
        "sizeGB": 30,
    }
    assert "loadBalancersConfig" not in item["compute"]["launchSpecification"]
    assert "scheduling" not in item


async def test_the_example_of_the_api_document_is_accepted(api: Api) -> None:
    assert await api.created(CREATE)


async def test_secrets_are_in_no_table_and_in_no_answer(api: Api) -> None:
    """R51, S78: a password goes to the secret store, the tables keep its name."""
    document = windows(
        compute__launchSpecification__extensions=[
            {
                "name": "script",
                "type": "CustomScriptExtension",
                "publisher": "Microsoft.Compute",
                "apiVersion": "1.10",
                "minorVersionAutoUpgrade": True,
                "publicSettings": {"keep": None, "n": 1},
                "protectedSettings": {"commandToExecute": "whisper"},
            }
        ],
        compute__launchSpecification__shutdownScript="c2h1dGRvd24=",
    )
    made = await api.call("POST", PATH, body(document))
    node_id = made.items[0]["id"]

    record = await api.stores.nodes.get(node_key(ACCOUNT, node_id))
    shown = json.dumps(made.body) + json.dumps((await api.call("GET", f"{PATH}/{node_id}")).body)

    assert record is not None
    kept = json.dumps(record.document)
    for text in (kept, shown):
        assert PASSWORD not in text
        assert "whisper" not in text
    assert "Ref" not in shown
    assert "shutdownScript" not in json.dumps(made.items)
    launch = record.document["compute"]["launchSpecification"]
    secret = await api.stores.secrets.get(launch["login"]["passwordRef"])
    assert secret is not None
    assert secret.get_secret_value() == PASSWORD
    settings = await api.stores.secrets.get(launch["extensions"][0]["protectedSettingsRef"])
    assert settings is not None
    assert json.loads(settings.get_secret_value()) == {"commandToExecute": "whisper"}
    extension = made.items[0]["compute"]["launchSpecification"]["extensions"][0]
    assert extension["publicSettings"] == {"keep": None, "n": 1}
    assert "protectedSettings" not in extension


async def test_the_list_filters_by_exact_name_and_region(api: Api) -> None:
    for name in ("a", "b"):
        await api.created(body(node(name=name)))
    await api.created(body(node(name="a", region="westus2")))

    async def names(query: str) -> list[str]:
        return sorted(item["name"] for item in (await api.call("GET", PATH + query)).items)

    assert await names("") == ["a", "a", "b"]
    assert await names("?name=a&region=eastus") == ["a"]
    assert await names("?name=A") == []


async def test_an_empty_list_still_has_items_and_count(api: Api) -> None:
    response = (await api.call("GET", PATH)).body["response"]

    assert response["items"] == []
    assert response["count"] == 0


async def test_the_status_carries_both_spellings_and_the_vm(api: Api) -> None:
    """S45."""
    node_id = await api.created(body())
    await api.settle(
        node_id, Status.ACTIVE, vm=running().vm, private_ip="10.0.0.4", vm_health="HEALTHY"
    )

    one = await api.call("GET", f"{PATH}/{node_id}/status")
    listed = await api.call("GET", f"{PATH}/status")

    assert one.body["response"]["kind"] == "spotinst:azure:statefulNode:status"
    assert one.items == listed.items
    item = one.items[0]
    assert item["status"] == "ACTIVE"
    assert item["lifecycle"] == item["lifeCycle"] == "SPOT"
    assert (item["vmName"], item["vmSize"]) == ("web-1", "Standard_D4s_v5")
    assert (item["privateIp"], item["publicIp"]) == ("10.0.0.4", None)
    assert item["vmHealthStatus"] == "HEALTHY"


async def test_a_new_node_answers_its_status_at_once(api: Api) -> None:
    node_id = await api.created(body())

    item = (await api.call("GET", f"{PATH}/{node_id}/status")).items[0]

    assert item["status"] == "PENDING"
    assert item["vmName"] is None


@pytest.mark.parametrize("node_id", ["ssn-ffffffff", "ssn-1", "nonsense", "ssn-%00%2F", "a'b"])
@pytest.mark.parametrize("tail", ["", "/status"])
async def test_an_unknown_node_is_told_in_the_codes_of_all_clients(
    api: Api, node_id: str, tail: str
) -> None:
    answer = await api.call("GET", f"{PATH}/{node_id}{tail}")

    assert answer.status == 400
    assert answer.codes == ["GROUP_DOESNT_EXIST", "STATEFUL_NODE_DOES_NOT_EXIST"]
    assert "STATEFUL_NODE_DOES_NOT_EXIST" in answer.errors[1]["message"]


async def test_a_node_of_one_account_is_unknown_in_another(api: Api) -> None:
    node_id = await api.created(body())

    answer = await api.call("GET", f"{PATH}/{node_id}?accountId=act-0000bbbb")

    assert answer.status == 400
    assert "GROUP_DOESNT_EXIST" in answer.codes
