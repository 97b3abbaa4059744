from shared.model.ids import node_key
from shared.model.run import DiskRef, Status
from tests.api import in_memory
from tests.api.harness import ACCOUNT, PATH, Api
from tests.unit.model.documents import body, node

stores = in_memory.stores
LS = "compute.launchSpecification"
CONVERT = f"{PATH}/terraform"
SECRET = "Marked-Secret-1"  # noqa: S105 - a made-up password is the subject here


async def test_a_node_is_read_as_code_with_what_it_leaves_out(api: Api) -> None:
    document = node(compute__launchSpecification__osDisk={"type": "Premium_LRS"})
    node_id = await api.created(body(document))
    disk = DiskRef(id="/disk", name="disk", size_gib=30)
    await api.settle(node_id, Status.ACTIVE, os_disk=disk)

    found = await api.call("GET", f"{PATH}/{node_id}/terraform")

    (code,) = found.items
    assert found.body["response"]["kind"] == "spotinst:azure:statefulNode:terraform"
    assert f"terraform import spotinst_stateful_node_azure.web {node_id}" in code["hcl"]
    assert "size_gb = 30" in code["hcl"]
    assert [one["field"] for one in code["warnings"]] == [
        f"{LS}.image",
        f"{LS}.login",
        f"{LS}.osDisk.sizeGB",
    ]


async def test_neither_password_nor_script_of_a_stored_node_is_in_its_code(api: Api) -> None:
    document = node(
        persistence__shouldPersistOsDisk=False,
        compute__launchSpecification__login={"userName": "mooring", "password": SECRET},
        compute__launchSpecification__shutdownScript="TWFya2VkLVNlY3JldA==",
    )
    node_id = await api.created(body(document))

    found = await api.call("GET", f"{PATH}/{node_id}/terraform")

    assert SECRET not in str(found.body)
    assert "TWFya2VkLVNlY3JldA==" not in str(found.body)
    assert "shutdown_script = var.web_shutdown_script" in found.items[0]["hcl"]


async def test_code_of_a_document_creates_the_node_that_it_describes(api: Api) -> None:
    """R110: code made of a document, read back and sent, is accepted as it is."""
    code = (await api.call("POST", CONVERT, {"node": node()})).items[0]["hcl"]

    read = (await api.call("POST", CONVERT, {"hcl": code})).items[0]

    assert [one["field"] for one in read["warnings"]] == ["delete"]
    assert await api.created({"statefulNode": read["node"]})


async def test_nothing_is_stored_by_a_conversion(api: Api) -> None:
    await api.call("POST", CONVERT, {"node": node()})

    assert await api.stores.nodes.list(ACCOUNT) == []


async def test_bad_code_is_400_with_its_line(api: Api) -> None:
    answer = await api.call("POST", CONVERT, {"hcl": 'resource "x" "y" {\n  a = \n}'})

    assert answer.status == 400
    assert answer.fields == ["hcl"]
    assert answer.errors[0]["message"].startswith("line 2: ")


async def test_a_bad_document_is_400_with_its_field(api: Api) -> None:
    answer = await api.call("POST", CONVERT, {"node": node(compute__os="Beos", extra=1)})

    assert answer.status == 400
    assert answer.fields == ["node.extra", "node.compute.os"]


async def test_a_conversion_takes_one_of_the_two(api: Api) -> None:
    wrong: list[object] = [{}, {"node": {}, "hcl": ""}, [], {"hcl": 1}, {"hcl": "", "more": 1}]
    for sent in wrong:
        answer = await api.call("POST", CONVERT, sent)

        assert answer.status == 400, sent
    assert (await api.call("POST", CONVERT, {"hcl": "", "variables": [1]})).fields == ["variables"]


async def test_the_code_of_an_unknown_node_is_refused_in_both_codes(api: Api) -> None:
    answer = await api.call("GET", f"{PATH}/ssn-00000000/terraform")

    assert answer.codes == ["GROUP_DOESNT_EXIST", "STATEFUL_NODE_DOES_NOT_EXIST"]
    assert await api.stores.nodes.get(node_key(ACCOUNT, "ssn-00000000")) is None
