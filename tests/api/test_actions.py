"""What may be asked of a node's state, and what a call sets going."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.actions import ASKED
from shared.model.ids import node_key
from shared.model.run import OperationKind, Status, Waiting
from shared.policy.actions import Action
from store.memory import Database
from store.stores import Stores
from tests.api.harness import ACCOUNT, PATH, Answer, Api, nowhere, open_api
from tests.store.worlds import NOON, HandClock
from tests.unit.model.documents import body
from tests.unit.policy.test_actions import COLUMNS, TABLE
from triggers.disk_routes import ATTACH, DETACH, SWAP
from triggers.openapi_examples import DELETE

EDIT = {"statefulNode": {"description": "another"}}
PERSISTENCE = {"statefulNode": {"persistence": {"shouldPersistNetwork": True}}}
CALLS: dict[Action, tuple[tuple[str, str, Any], ...]] = {
    Action.EDIT: (("PUT", "", EDIT),),
    Action.EDIT_PERSISTENCE: (("PUT", "", PERSISTENCE),),
    Action.SWAP_OS_DISK: (("PUT", "/osDisk/swap", SWAP),),
    Action.ATTACH_DETACH: (
        ("PUT", "/dataDisk/attach", ATTACH),
        ("PUT", "/dataDisk/detach", DETACH),
    ),
    Action.DELETE: (("DELETE", "", DELETE),),
    **{asked.action: (("PUT", "/state", {"state": word}),) for word, asked in ASKED.items()},
}
NOT_NOW = "ACTION_NOT_ALLOWED"


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture
async def quick(clock: HandClock) -> AsyncIterator[Api]:
    """The API over tables in this process, and no Azure."""
    database, azure = Database(), nowhere()
    stores = Stores(database.table, clock, database.secrets)
    yield await open_api(stores, clock, azure=azure)
    await azure.close()


async def made(api: Api, status: Status, **run: Any) -> str:
    """Make a node of a status that nobody works on."""
    node_id = await api.created(body())
    await api.settle(node_id, status, **run)
    api.starts.operations.clear()
    return node_id


async def asks(api: Api, node_id: str, state: object) -> Answer:
    return await api.call("PUT", f"{PATH}/{node_id}/state", {"state": state})


def is_refused(answer: Answer, action: Action) -> bool:
    """Tell whether a call was refused for the node's status; a locked field is refused so, too."""
    if answer.status == 200:
        return False
    locked = action is Action.EDIT_PERSISTENCE and answer.codes == ["LOCKED_FIELD"]
    return answer.codes == [NOT_NOW] or locked


@pytest.mark.parametrize("status", [*Status])
async def test_each_cell_of_the_table_through_the_api(quick: Api, status: Status) -> None:
    """S17, S18, S40: what is not allowed now is a 400 that says so; what is, is not."""
    wrong = []
    for action, answer in zip(COLUMNS, TABLE[status], strict=True):
        for method, path, sent in CALLS[action]:
            node_id = await made(quick, status)
            told = await quick.call(method, f"{PATH}/{node_id}{path}", sent)
            if is_refused(told, action) == (answer == "y"):
                wrong.append((action, answer, told.status, told.body["response"]))

    assert wrong == []


async def test_a_refusal_says_what_is_allowed_now_and_changes_nothing(quick: Api) -> None:
    """S17: a stopped node cannot be resumed."""
    node_id = await made(quick, Status.STOPPED)

    answer = await asks(quick, node_id, "resume")

    (error,) = answer.errors
    assert error["message"] == (
        "cannot resume while the node is STOPPED; allowed now: recycle, start, swap OS disk"
    )
    assert quick.starts.operations == []
    assert (await quick.call("GET", f"{PATH}/{node_id}/status")).items[0]["status"] == "STOPPED"


@pytest.mark.parametrize(
    ("word", "before", "shown"),
    [
        ("pause", Status.ACTIVE, "PAUSE"),
        ("resume", Status.PAUSED, "RESUME"),
        ("resume", Status.ERROR, "RESUME"),
        ("recycle", Status.ACTIVE, "RECYCLE"),
        ("recycle", Status.STOPPED, "RECYCLE"),
        ("recycle", Status.ERROR, "RECYCLE"),
        ("stop", Status.ACTIVE, "STOPPING"),
        ("start", Status.STOPPED, "STARTING"),
    ],
)
async def test_what_is_allowed_is_accepted_shown_and_started(
    quick: Api, word: str, before: Status, shown: str
) -> None:
    """S12, S13, S14, S18, S19: the answer is empty, the status tells that it was accepted."""
    node_id = await made(quick, before)

    answer = await asks(quick, node_id, word)

    assert answer.status == 200
    assert (answer.items, answer.body["response"]["count"]) == ([], 0)
    (operation,) = quick.starts.operations
    assert (operation.kind, operation.orchestrator) == (OperationKind(word), word)
    assert json.loads(operation.input)["operation_id"] == operation.id
    assert (await quick.call("GET", f"{PATH}/{node_id}/status")).items[0]["status"] == shown


async def test_a_second_ask_finds_the_node_on_its_way(quick: Api) -> None:
    node_id = await made(quick, Status.ACTIVE)
    await asks(quick, node_id, "pause")

    answer = await asks(quick, node_id, "pause")

    assert answer.codes == [NOT_NOW]
    assert "no action is allowed until it settles" in answer.errors[0]["message"]
    assert len(quick.starts.operations) == 1


async def test_a_node_that_another_operation_holds_is_left_to_it(quick: Api) -> None:
    node_id = await made(quick, Status.ACTIVE)
    record = await quick.stores.nodes.get(node_key(ACCOUNT, node_id))
    assert record
    assert record.operation
    replacing = record.operation.model_copy(
        update={"id": "other", "kind": OperationKind.REPLACE, "finished_at": None}
    )
    assert await quick.stores.nodes.lock(record, replacing)

    answer = await asks(quick, node_id, "pause")

    assert answer.codes == [NOT_NOW]
    assert "held by a running replace operation" in answer.errors[0]["message"]


async def test_a_node_whose_row_is_held_for_a_moment_takes_what_is_asked(
    quick: Api, clock: HandClock
) -> None:
    """Somebody notes what was seen of the VM: no operation that a client should hear of."""
    node_id = await made(quick, Status.ACTIVE)
    key = node_key(ACCOUNT, node_id)
    record = await quick.stores.nodes.get(key)
    assert record
    assert record.operation
    noting = record.operation.model_copy(
        update={"id": "noting", "kind": OperationKind.OBSERVE, "finished_at": None}
    )
    assert await quick.stores.nodes.lock(record, noting)
    sleep = clock.sleep

    async def over(seconds: float) -> None:
        await quick.stores.nodes.finish(key, noting.id, record.run, NOON)
        await sleep(seconds)

    clock.sleep = over  # type: ignore[method-assign]

    assert (await asks(quick, node_id, "pause")).status == 200


async def test_an_ask_whose_start_is_lost_is_watched(quick: Api, clock: HandClock) -> None:
    node_id = await made(quick, Status.ACTIVE)
    quick.starts.lost = True

    answer = await asks(quick, node_id, "stop")

    await clock.sleep(200)
    due = await quick.stores.due.read_due(clock.now())
    assert answer.status == 200
    assert any("-stop-" in item.item_id for item in due)


async def test_a_node_that_waits_for_capacity_can_be_paused_and_waits_no_more(quick: Api) -> None:
    waiting = Waiting(reason="no capacity", until=NOON + timedelta(minutes=5), attempt=2)
    node_id = await made(quick, Status.RESUMING, waiting=waiting)

    answer = await asks(quick, node_id, "pause")

    shown = (await quick.call("GET", f"{PATH}/{node_id}/status")).items[0]
    assert answer.status == 200
    assert (shown["status"], shown["waiting"]) == ("PAUSE", None)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "state"),
        ({"state": None}, "state"),
        ({"state": "PAUSE"}, "state"),
        ({"state": "terminate"}, "state"),
        ({"state": ["pause"]}, "state"),
        ({"state": "pause", "force": True}, "force"),
        ([], "body"),
        ("pause", "body"),
    ],
    ids=str,
)
async def test_a_bad_ask_names_its_field_and_changes_nothing(
    quick: Api, sent: object, field: str
) -> None:
    node_id = await made(quick, Status.ACTIVE)

    answer = await quick.call("PUT", f"{PATH}/{node_id}/state", sent)

    assert (answer.status, answer.fields) == (400, [field])
    assert quick.starts.operations == []


async def test_an_unknown_node_has_no_state(quick: Api) -> None:
    answer = await asks(quick, "ssn-00000bad", "pause")

    assert answer.codes == ["GROUP_DOESNT_EXIST", "STATEFUL_NODE_DOES_NOT_EXIST"]
