import json
from datetime import timedelta
from typing import Any

import pytest

from shared.model.ids import node_key
from shared.model.run import Operation, OperationKind, Retained, Status, Waiting
from store.node_rows import NodeRecord
from tests.api.harness import ACCOUNT, PATH, Api
from tests.store.worlds import NOON, HandClock
from tests.unit.model.documents import body
from triggers.disk_routes import ATTACH, DETACH, SWAP
from triggers.openapi_examples import DELETE, UPDATE

KINDS = ("network", "disk", "snapshot", "publicIp")


def deallocation(ttl_h: int | None = 0, *, terminate: bool = True, **kinds: bool) -> dict[str, Any]:
    chosen: dict[str, Any] = {"shouldTerminateVm": terminate}
    for kind in KINDS:
        if kind in kinds:
            part: dict[str, Any] = {"shouldDeallocate": kinds[kind]}
            chosen[f"{kind}DeallocationConfig"] = part | (
                {} if ttl_h is None else {"ttlInHours": ttl_h}
            )
    return {"deallocationConfig": chosen}


async def active(api: Api, document: dict[str, Any] | None = None) -> str:
    node_id = await api.created(body(document))
    await api.settle(node_id, Status.ACTIVE)
    return node_id


async def test_delete_locks_the_node_and_hands_the_choice_to_the_workflow(api: Api) -> None:
    """S20, S21."""
    node_id = await active(api)
    api.starts.operations.clear()

    answer = await api.call("DELETE", f"{PATH}/{node_id}", DELETE)

    assert answer.status == 200
    assert answer.body["response"] == {
        "status": {"code": 200, "message": "OK"},
        "items": [],
        "count": 0,
    }
    (operation,) = api.starts.operations
    assert (operation.kind, operation.orchestrator) == (OperationKind.DELETE, "delete")
    kinds = dict.fromkeys(("network", "disks", "snapshots", "public_ips"), True)
    assert json.loads(operation.input)["deallocation"] == {
        "terminate_vm": True,
        **kinds,
        **{f"{kind}_ttl_h": 0 for kind in kinds},
        "deregister": True,
        "revert_to_od": False,
        "lets_go": True,
    }
    assert (await api.call("GET", f"{PATH}/{node_id}/status")).items[0]["status"] == "DEALLOCATE"
    assert (await api.call("GET", PATH)).items == []
    assert (await api.call("GET", f"{PATH}/{node_id}")).status == 200


async def test_a_delete_whose_start_is_lost_is_watched(api: Api, clock: HandClock) -> None:
    node_id = await active(api)
    api.starts.lost = True

    answer = await api.call("DELETE", f"{PATH}/{node_id}", DELETE)

    await clock.sleep(200)
    due = await api.stores.due.read_due(clock.now())
    assert answer.status == 200
    assert any("-delete-" in item.item_id for item in due)


async def test_a_second_delete_finds_the_node_on_its_way_out(api: Api) -> None:
    node_id = await active(api)
    await api.call("DELETE", f"{PATH}/{node_id}", DELETE)

    answer = await api.call("DELETE", f"{PATH}/{node_id}", DELETE)

    assert answer.codes == ["ACTION_NOT_ALLOWED"]
    assert "DEALLOCATE" in answer.errors[0]["message"]


async def test_a_deleted_node_is_unknown(api: Api) -> None:
    node_id = await active(api)
    await api.stores.nodes.delete(node_key(ACCOUNT, node_id))

    answer = await api.call("DELETE", f"{PATH}/{node_id}", DELETE)

    assert answer.codes == ["GROUP_DOESNT_EXIST", "STATEFUL_NODE_DOES_NOT_EXIST"]


async def test_a_node_held_by_its_first_launch_is_not_deleted_under_it(api: Api) -> None:
    node_id = await api.created(body())

    answer = await api.call("DELETE", f"{PATH}/{node_id}", DELETE)

    assert answer.status == 400
    assert "create" in answer.errors[0]["message"]
    assert (await api.call("GET", f"{PATH}/{node_id}/status")).items[0]["status"] == "PENDING"


async def test_a_node_that_waits_for_capacity_can_be_edited_and_deleted(api: Api) -> None:
    node_id = await api.created(body())
    waiting = Waiting(reason="no capacity", until=NOON + timedelta(minutes=5), attempt=2)
    await api.settle(node_id, Status.RESUMING, waiting=waiting)

    shown = (await api.call("GET", f"{PATH}/{node_id}/status")).items[0]["waiting"]

    assert shown == {"reason": "no capacity", "until": "2026-11-23T12:05:00.000Z", "attempt": 2}
    assert (await api.call("PUT", f"{PATH}/{node_id}", UPDATE)).status == 200
    assert (await api.call("DELETE", f"{PATH}/{node_id}", DELETE)).status == 200


CONFIG = "deallocationConfig"
BAD_DELETES = [
    pytest.param({}, [CONFIG], id="empty"),
    pytest.param({CONFIG: {}}, [f"{CONFIG}.shouldTerminateVm"], id="nothing-chosen"),
    pytest.param(
        {CONFIG: {"shouldTerminateVm": "yes"}}, [f"{CONFIG}.shouldTerminateVm"], id="text"
    ),
    pytest.param(
        {CONFIG: {"shouldTerminateVm": True, "force": True}}, [f"{CONFIG}.force"], id="unknown"
    ),
    pytest.param(
        {CONFIG: {"shouldTerminateVm": True, "shouldDeregisterFromLb": False}},
        [f"{CONFIG}.shouldDeregisterFromLb"],
        id="S21-keeps-registration",
    ),
    pytest.param(
        {CONFIG: {"shouldTerminateVm": True, "shouldRevertToOd": True}},
        [f"{CONFIG}.shouldRevertToOd"],
        id="reverts-a-vm-that-goes",
    ),
    pytest.param(
        deallocation(terminate=False, disk=True, network=True, publicIp=True, snapshot=True),
        [
            f"{CONFIG}.networkDeallocationConfig.shouldDeallocate",
            f"{CONFIG}.diskDeallocationConfig.shouldDeallocate",
            f"{CONFIG}.publicIpDeallocationConfig.shouldDeallocate",
        ],
        id="S22-parts-of-a-kept-vm",
    ),
    pytest.param(
        deallocation(publicIp=True, network=False),
        [f"{CONFIG}.networkDeallocationConfig.shouldDeallocate"],
        id="S23-address-without-interface",
    ),
    pytest.param(
        deallocation(372, disk=True), [f"{CONFIG}.diskDeallocationConfig.ttlInHours"], id="ttl-372"
    ),
    pytest.param(
        deallocation(-1, snapshot=True),
        [f"{CONFIG}.snapshotDeallocationConfig.ttlInHours"],
        id="ttl-negative",
    ),
    pytest.param(
        {CONFIG: {"shouldTerminateVm": True, "diskDeallocationConfig": True}},
        [f"{CONFIG}.diskDeallocationConfig"],
        id="kind-no-object",
    ),
    pytest.param(
        {CONFIG: {"shouldTerminateVm": True, "diskDeallocationConfig": {"ttlInHours": 0}}},
        [f"{CONFIG}.diskDeallocationConfig.shouldDeallocate"],
        id="kind-without-choice",
    ),
]


@pytest.mark.parametrize(("sent", "fields"), BAD_DELETES)
async def test_a_bad_delete_names_its_fields_and_changes_nothing(
    api: Api, sent: dict[str, Any], fields: list[str]
) -> None:
    """S21, S22, S23."""
    node_id = await active(api)

    answer = await api.call("DELETE", f"{PATH}/{node_id}", sent)

    assert answer.status == 400
    assert answer.fields == fields
    assert (await api.call("GET", f"{PATH}/{node_id}/status")).items[0]["status"] == "ACTIVE"


async def chosen(api: Api, sent: dict[str, Any]) -> dict[str, Any]:
    """Delete a node; return what its workflow is told."""
    node_id = await active(api)
    api.starts.operations.clear()
    answer = await api.call("DELETE", f"{PATH}/{node_id}", sent)
    assert answer.status == 200, answer.body
    (operation,) = api.starts.operations
    told: dict[str, Any] = json.loads(operation.input)["deallocation"]
    return told


async def test_a_kind_whose_time_is_left_out_stays_for_96_hours(api: Api) -> None:
    """S24."""
    told = await chosen(api, deallocation(None, disk=True, publicIp=True))

    assert (told["disks"], told["disks_ttl_h"]) == (True, 96)
    assert (told["public_ips"], told["public_ips_ttl_h"]) == (True, 96)
    assert (told["snapshots"], told["network"]) == (False, False)


@pytest.mark.parametrize("ttl_h", [0, 1, 371])
async def test_each_kind_has_a_time_of_its_own(api: Api, ttl_h: int) -> None:
    """S24."""
    told = await chosen(api, deallocation(ttl_h, disk=True, snapshot=True))

    assert (told["disks_ttl_h"], told["snapshots_ttl_h"]) == (ttl_h, ttl_h)


async def test_a_vm_that_stays_may_leave_its_load_balancers_and_go_on_demand(api: Api) -> None:
    """S20, S22."""
    sent = {"shouldTerminateVm": False, "shouldDeregisterFromLb": True, "shouldRevertToOd": True}

    told = await chosen(api, {CONFIG: sent})

    assert (told["terminate_vm"], told["deregister"], told["revert_to_od"]) == (False, True, True)


GOOD_DELETES = [
    pytest.param(deallocation(None, disk=False, network=False), id="absent-ttl-of-what-stays"),
    pytest.param(deallocation(disk=True, publicIp=True), id="address-implies-interface"),
    pytest.param(deallocation(terminate=False, snapshot=True), id="S22-snapshots-of-a-kept-vm"),
    pytest.param(
        {CONFIG: {"shouldTerminateVm": False, "shouldDeregisterFromLb": False}},
        id="S100-leave-it-all",
    ),
]


@pytest.mark.parametrize("sent", GOOD_DELETES)
async def test_a_delete_that_this_version_serves_is_accepted(
    api: Api, sent: dict[str, Any]
) -> None:
    """S22, S100."""
    node_id = await active(api)

    assert (await api.call("DELETE", f"{PATH}/{node_id}", sent)).status == 200


async def test_while_it_is_going_a_node_answers_by_id_and_allows_nothing(api: Api) -> None:
    """S24: the config list hides it, its status and its document stay until the last time ends."""
    node_id = await active(api)
    await api.call("DELETE", f"{PATH}/{node_id}", deallocation(96, disk=True))
    disk = Retained(id="/subscriptions/s/x/disks/os", until=NOON + timedelta(hours=96))
    await api.settle(node_id, Status.DEALLOCATING, retained=(disk,))

    listed = (await api.call("GET", PATH)).items
    read = await api.call("GET", f"{PATH}/{node_id}")
    shown = (await api.call("GET", f"{PATH}/{node_id}/status")).items[0]["status"]
    shown_all = [one["status"] for one in (await api.call("GET", f"{PATH}/status")).items]
    refused = [
        await api.call("PUT", f"{PATH}/{node_id}", UPDATE),
        await api.call("DELETE", f"{PATH}/{node_id}", DELETE),
        await api.call("PUT", f"{PATH}/{node_id}/state", {"state": "resume"}),
        await api.call("PUT", f"{PATH}/{node_id}/dataDisk/attach", ATTACH),
        await api.call("PUT", f"{PATH}/{node_id}/dataDisk/detach", DETACH),
        await api.call("PUT", f"{PATH}/{node_id}/osDisk/swap", SWAP),
    ]

    assert (listed, read.status, shown, shown_all) == ([], 200, "DEALLOCATING", ["DEALLOCATING"])
    assert [answer.codes for answer in refused] == [["ACTION_NOT_ALLOWED"]] * 6


async def test_a_delete_that_the_watch_has_ended_already_is_answered_all_the_same(api: Api) -> None:
    """I6: the tick may start what was locked, and see it through, before the call goes on."""
    node_id = await active(api)
    key, nodes = node_key(ACCOUNT, node_id), api.stores.nodes
    lock = nodes.lock

    async def overtaken(record: NodeRecord, operation: Operation) -> bool:
        locked = await lock(record, operation)
        await nodes.delete(key)
        return locked

    nodes.lock = overtaken  # type: ignore[method-assign]

    answer = await api.call("DELETE", f"{PATH}/{node_id}", DELETE)

    assert answer.status == 200
    assert (await api.call("GET", f"{PATH}/{node_id}")).status == 400
