"""Endpoint 20: a VM speaks."""

from typing import Any

import pytest

from shared.contracts.signal import Signal
from shared.model.ids import AccountId, NodeKey, OperationId, node_key
from shared.model.run import OperationKind, Status
from store.accounts import Account
from store.signals import Said
from tests.api.harness import ACCOUNT, OTHER_ACCOUNT, Api
from tests.store.worlds import NOON, SUBSCRIPTION, HandClock
from tests.unit.model.documents import body

URL = "/azure/compute/vm/signal"
GROUP = "fleet"
NAME = "web-1"
VM_ID = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"
    f"/providers/Microsoft.Compute/virtualMachines/{NAME}"
)


def call(**changes: Any) -> dict[str, Any]:
    return {"vmName": NAME, "signalType": "vmReady", "resourceGroupName": GROUP} | changes


async def launching(api: Api) -> NodeKey:
    """Make a node whose first VM is being launched."""
    for account_id in (ACCOUNT, OTHER_ACCOUNT):
        account = Account(id=AccountId(account_id), name="a", subscription_id=SUBSCRIPTION)
        await api.stores.accounts.put(account)
    key = node_key(ACCOUNT, await api.created(body()))
    await api.stores.vms.put(SUBSCRIPTION, VM_ID, key, 1)
    return key


async def said(api: Api, key: NodeKey, signal: Signal = Signal.READY) -> list[Said]:
    return await api.stores.signals.of(key, signal, NOON)


async def told(api: Api, key: NodeKey) -> list[str]:
    lines = await api.stores.log.read(key, NOON, NOON.replace(year=2030))
    return [line.message for line in lines if "says" in line.message]


async def test_a_vm_that_is_being_launched_says_that_it_is_ready(api: Api) -> None:
    key = await launching(api)

    answer = await api.call("POST", f"{URL}?accountId={ACCOUNT}", call())

    assert answer.status == 200
    assert answer.body["response"]["items"] == []
    assert [one.generation for one in await said(api, key)] == [1]
    assert await said(api, key, Signal.READY_TO_SHUTDOWN) == []
    assert await told(api, key) == ["web-1 says vmReady"]


async def test_a_signal_said_twice_is_one(api: Api, clock: HandClock) -> None:
    key = await launching(api)
    await api.call("POST", f"{URL}?accountId={ACCOUNT}", call())
    await clock.sleep(30)

    answer = await api.call(
        "POST", f"{URL}?accountId={ACCOUNT}", call(vmName=NAME.upper(), resourceGroupName="FLEET")
    )

    assert answer.status == 200
    assert len(await said(api, key)) == 1
    assert len(await told(api, key)) == 1


@pytest.mark.parametrize(
    "kind",
    [
        None,
        OperationKind.OBSERVE,
        OperationKind.SNAPSHOT,
        OperationKind.SWAP_OS_DISK,
        OperationKind.DEALLOCATE,
    ],
    ids=lambda kind: kind or "idle",
)
async def test_a_signal_that_nobody_waits_for_is_refused_and_forgotten(
    api: Api, kind: OperationKind | None
) -> None:
    key = await launching(api)
    await api.settle(key.node_id, Status.ACTIVE, generation=1)
    if kind:
        record = await api.stores.nodes.get(key)
        assert record is not None
        assert record.operation is not None
        changes = {"id": OperationId("op-2"), "kind": kind, "finished_at": None}
        assert await api.stores.nodes.lock(record, record.operation.model_copy(update=changes))

    answer = await api.call("POST", f"{URL}?accountId={ACCOUNT}", call())

    assert (answer.status, answer.codes, answer.fields) == (
        400,
        ["SIGNAL_NOT_AWAITED"],
        ["signalType"],
    )
    assert "ACTIVE" in answer.errors[0]["message"]
    assert await said(api, key) == []


async def test_an_earlier_vm_is_not_heard(api: Api) -> None:
    key = await launching(api)
    record = await api.stores.nodes.get(key)
    assert record is not None
    await api.stores.nodes.put_run(key, record.run.model_copy(update={"generation": 2}))

    answer = await api.call("POST", f"{URL}?accountId={ACCOUNT}", call())

    assert answer.codes == ["VM_DOES_NOT_EXIST"]
    assert key.node_id in answer.errors[0]["message"]
    assert await said(api, key) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"vmName": "web-2"},
        {"resourceGroupName": "elsewhere"},
        {"vmName": "web-1/extensions/x"},
    ],
    ids=str,
)
async def test_an_unknown_vm_is_told_so(api: Api, changes: dict[str, Any]) -> None:
    await launching(api)

    answer = await api.call("POST", f"{URL}?accountId={ACCOUNT}", call(**changes))

    assert (answer.status, answer.codes, answer.fields) == (400, ["VM_DOES_NOT_EXIST"], ["vmName"])


async def test_another_accounts_vm_is_unknown(api: Api) -> None:
    key = await launching(api)

    answer = await api.call("POST", f"{URL}?accountId={OTHER_ACCOUNT}", call())

    assert answer.codes == ["VM_DOES_NOT_EXIST"]
    assert key.node_id not in answer.errors[0]["message"]


async def test_a_node_that_was_deleted_hears_nothing_more(api: Api) -> None:
    key = await launching(api)
    await api.stores.nodes.delete(key)

    answer = await api.call("POST", f"{URL}?accountId={ACCOUNT}", call())

    assert answer.codes == ["VM_DOES_NOT_EXIST"]


@pytest.mark.parametrize(
    ("sent", "fields"),
    [
        ([], ["body"]),
        ({}, ["resourceGroupName", "signalType", "vmName"]),
        (call(signalType="vmBored"), ["signalType"]),
        (call(vmName=7), ["vmName"]),
        (call(vmName=""), ["vmName"]),
        (call(vmName="x" * 65), ["vmName"]),
        (call(resourceGroupName="a/b"), ["resourceGroupName"]),
        (call(force=True), ["force"]),
        (call(vmName=None), ["vmName"]),
    ],
    ids=str,
)
async def test_a_bad_body_names_its_fields(api: Api, sent: Any, fields: list[str]) -> None:
    answer = await api.call("POST", URL, sent)

    assert answer.status == 400
    assert sorted(answer.fields) == fields
