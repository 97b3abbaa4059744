"""Somebody else's write between our reading a row and our writing it."""

import pytest

from shared.model.ids import NodeKey, OperationId
from shared.model.run import RunState
from store.due import DueIndex
from store.errors import Conflict, Gone
from store.nodes import Nodes
from store.notices import Notices
from store.stores import Stores
from store.vms import VmIndex
from tests.store.interleaved import Interleaved
from tests.store.test_due import due, item
from tests.store.test_notices import ids, notice
from tests.store.worlds import SUBSCRIPTION, VM_ID, HandClock, after, document, operation, running

OP_1 = OperationId("op-1")


@pytest.fixture
async def record(stores: Stores, key: NodeKey) -> None:
    await stores.nodes.create(key, document(), RunState(), operation())


@pytest.mark.usefixtures("record")
async def test_an_operation_that_ends_while_its_late_write_is_under_way_fences_it_off(
    stores: Stores, key: NodeKey
) -> None:
    table = Interleaved(
        stores.nodes._nodes, lambda: stores.nodes.finish(key, OP_1, running(9), after(60))
    )

    with pytest.raises(Conflict):
        await Nodes(table, stores.nodes._listed).put_run(key, running(), OP_1)

    found = await stores.nodes.get(key)
    assert found
    assert found.run.generation == 9


@pytest.mark.usefixtures("record")
async def test_a_claim_that_meets_the_end_of_its_operation_is_refused(
    stores: Stores, key: NodeKey
) -> None:
    table = Interleaved(
        stores.nodes._nodes, lambda: stores.nodes.finish(key, OP_1, running(), after(60))
    )

    assert await Nodes(table, stores.nodes._listed).claim(key, OP_1, after(1)) is None


@pytest.mark.usefixtures("record")
async def test_a_finish_that_meets_a_claim_finishes_all_the_same(
    stores: Stores, key: NodeKey
) -> None:
    table = Interleaved(stores.nodes._nodes, lambda: stores.nodes.claim(key, OP_1, after(1)))

    assert await Nodes(table, stores.nodes._listed).finish(key, OP_1, running(), after(60))

    found = await stores.nodes.get(key)
    assert found
    assert found.operation
    assert (found.operation.claimed_at, found.operation.finished_at) == (after(1), after(60))


@pytest.mark.usefixtures("record")
@pytest.mark.parametrize("call", ["finish", "claim", "put_run"])
async def test_a_node_deleted_meanwhile_does_not_come_back(
    stores: Stores, key: NodeKey, call: str
) -> None:
    table = Interleaved(stores.nodes._nodes, lambda: stores.nodes.delete(key))
    nodes = Nodes(table, stores.nodes._listed)

    if call == "finish":
        assert not await nodes.finish(key, OP_1, running(), after(60))
    elif call == "claim":
        assert await nodes.claim(key, OP_1, after(60)) is None
    else:
        with pytest.raises(Gone):
            await nodes.put_run(key, running(), OP_1)

    assert await stores.nodes.get(key) is None
    assert await stores.nodes.list(key.account_id) == []


@pytest.mark.usefixtures("record")
async def test_a_list_row_mended_while_its_node_is_deleted_goes_too(
    stores: Stores, key: NodeKey
) -> None:
    table = Interleaved(stores.nodes._listed, lambda: stores.nodes.delete(key))

    await Nodes(stores.nodes._nodes, table).repair(key)

    assert await stores.nodes.list(key.account_id) == []


async def test_a_vms_later_generation_is_not_overwritten_by_an_earlier(
    stores: Stores, key: NodeKey
) -> None:
    await stores.vms.put(SUBSCRIPTION, VM_ID, key, 1)
    table = Interleaved(stores.vms._table, lambda: stores.vms.put(SUBSCRIPTION, VM_ID, key, 3))

    await VmIndex(table).put(SUBSCRIPTION, VM_ID, key, 2)

    assert await stores.vms.find(VM_ID) == (key, 3)


async def test_a_vms_later_generation_is_not_removed_with_an_earlier(
    stores: Stores, key: NodeKey
) -> None:
    await stores.vms.put(SUBSCRIPTION, VM_ID, key, 1)
    table = Interleaved(stores.vms._table, lambda: stores.vms.put(SUBSCRIPTION, VM_ID, key, 2))

    await VmIndex(table).remove(VM_ID, 1)

    assert await stores.vms.find(VM_ID) == (key, 2)


async def test_two_notices_that_want_one_place_get_two(stores: Stores, key: NodeKey) -> None:
    await stores.notices.add(key, notice("e-1"))
    table = Interleaved(stores.notices._table, lambda: stores.notices.add(key, notice("e-2")))

    assert await Notices(table, stores.notices._random_bytes).add(key, notice("e-3"))

    assert ids(await stores.notices.since(key, "")) == ["e-1", "e-2", "e-3"]


async def test_one_event_heard_by_two_at_once_is_heard_once(stores: Stores, key: NodeKey) -> None:
    table = Interleaved(stores.notices._table, lambda: stores.notices.add(key, notice("e-1")))

    assert not await Notices(table, stores.notices._random_bytes).add(key, notice("e-1"))

    assert ids(await stores.notices.since(key, "")) == ["e-1"]


async def test_a_slower_tick_does_not_turn_the_watermark_back(
    stores: Stores, clock: HandClock
) -> None:
    await stores.due.add(item(after(100)))
    await stores.due.advance(after(60))
    table = Interleaved(stores.due._table, lambda: stores.due.advance(after(7_200)))

    await DueIndex(table, clock).advance(after(120))

    assert await due(stores, after(7_200)) == []
