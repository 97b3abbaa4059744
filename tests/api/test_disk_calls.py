"""What all calls about disks have in common."""

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ServiceRequestError

from shared.model.run import Status
from store.tokens import Role
from tests.api.disks import Client, attach, swap
from tests.api.harness import ACCOUNT, PATH
from triggers.disk_routes import ATTACH, DETACH, SWAP

# -- all ------------------------------------------------------------------------------------------

CALLS = [
    pytest.param("dataDisk/attach", ATTACH, Status.ACTIVE, id="attach"),
    pytest.param("dataDisk/detach", DETACH, Status.ACTIVE, id="detach"),
    pytest.param("osDisk/swap", SWAP, Status.PAUSED, id="swap"),
]


@pytest.mark.parametrize(("path", "sent", "status"), CALLS)
async def test_bad_bodies_are_refused_field_by_field(
    client: Client, path: str, sent: dict[str, Any], status: Status
) -> None:
    await client.node(status)

    empty = await client.put(path, {})
    listed = await client.put(path, [])
    odd = await client.put(path, sent | {"force": True})

    assert {empty.status, listed.status, odd.status} == {400}
    assert len(empty.fields) >= 2
    assert (listed.fields, odd.fields) == (["body"], ["force"])


@pytest.mark.parametrize(("path", "sent", "status"), CALLS)
async def test_an_unknown_node_has_no_disks(
    client: Client, path: str, sent: dict[str, Any], status: Status
) -> None:
    await client.node(status)
    client.node_id = "ssn-00000000"

    answer = await client.put(path, sent)

    assert answer.codes == ["GROUP_DOESNT_EXIST", "STATEFUL_NODE_DOES_NOT_EXIST"]


@pytest.mark.parametrize(("path", "sent", "status"), CALLS)
async def test_a_viewer_changes_no_disks(
    client: Client, path: str, sent: dict[str, Any], status: Status
) -> None:
    await client.node(status)
    viewer = await client.api.as_({ACCOUNT: Role.VIEWER})

    answer = await viewer.call("PUT", f"{PATH}/{client.node_id}/{path}", sent)

    assert answer.status == 403


async def test_while_azure_is_silent_the_call_may_be_repeated(client: Client) -> None:
    await client.node()
    client.disks.failure = ServiceRequestError("connection broke")

    answer = await client.put("dataDisk/attach", attach())

    assert (answer.status, answer.codes) == (500, ["UNAVAILABLE"])
    assert client.api.starts.operations == []


async def test_a_disk_that_azure_keeps_from_us_is_refused_by_name(client: Client) -> None:
    await client.node(Status.PAUSED)
    refusal = HttpResponseError("(AuthorizationFailed) no role here")
    refusal.status_code = 403
    client.disks.failure = refusal

    answer = await client.put("osDisk/swap", swap())

    assert (answer.status, answer.fields) == (400, ["osDiskName"])
