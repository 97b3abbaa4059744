"""The lock: one operation at a time writes a node."""

import asyncio
from dataclasses import replace

import pytest

from shared.model.ids import NodeKey, OperationId
from shared.model.run import OperationKind, RunState, Status
from store.errors import Conflict
from store.stores import Stores
from tests.store.nodes_at import OP_1, created, idle, read
from tests.store.worlds import after, operation, running


async def test_a_lock_on_an_idle_node_is_granted_once(stores: Stores, key: NodeKey) -> None:
    record = await idle(stores, key)

    first = await stores.nodes.lock(record, operation("op-2"))
    second = await stores.nodes.lock(record, operation("op-3"))

    assert (first, second) == (True, False)
    assert (await read(stores, key)).operation == operation("op-2")


async def test_a_lock_is_refused_while_another_operation_is_unfinished(
    stores: Stores, key: NodeKey
) -> None:
    record = await created(stores, key)

    assert not await stores.nodes.lock(record, operation("op-2"))


async def test_a_lock_repeated_after_a_lost_reply_is_still_granted(
    stores: Stores, key: NodeKey
) -> None:
    record = await idle(stores, key)
    assert await stores.nodes.lock(record, operation("op-2"))

    assert await stores.nodes.lock(record, operation("op-2"))


async def test_of_sixteen_that_lock_at_once_one_wins(stores: Stores, key: NodeKey) -> None:
    record = await idle(stores, key)
    operations = [operation(f"op-{n}") for n in range(2, 18)]

    answers = await asyncio.gather(*(stores.nodes.lock(record, one) for one in operations))

    winners = [one for one, won in zip(operations, answers, strict=True) if won]
    assert [(await read(stores, key)).operation] == winners


async def test_a_lock_on_a_deleted_node_is_refused_and_leaves_no_row(
    stores: Stores, key: NodeKey
) -> None:
    record = await idle(stores, key)
    await stores.nodes.delete(key)

    for seen in (record, replace(record, operation=None)):
        assert not await stores.nodes.lock(seen, operation("op-2"))

    assert await stores.nodes.get(key) is None


async def test_a_caller_killed_between_lock_and_start_leaves_what_a_tick_needs(
    stores: Stores, key: NodeKey
) -> None:
    record = await idle(stores, key)
    assert await stores.nodes.lock(record, operation("op-2", OperationKind.REPLACE))

    # The tick finds the node held, the operation never claimed, and all it takes to start it.
    found = (await read(stores, key)).operation

    assert found == operation("op-2", OperationKind.REPLACE)
    assert await stores.nodes.claim(key, OperationId("op-2"), after(90))


async def test_a_claim_says_when_and_a_repeat_keeps_it(stores: Stores, key: NodeKey) -> None:
    await created(stores, key)

    first = await stores.nodes.claim(key, OP_1, after(1))
    second = await stores.nodes.claim(key, OP_1, after(2))

    assert first
    assert first.operation
    assert first.operation.claimed_at == after(1)
    assert second == first


async def test_what_finished_cannot_be_claimed_again(stores: Stores, key: NodeKey) -> None:
    await idle(stores, key)

    assert await stores.nodes.claim(key, OP_1, after(61)) is None


async def test_what_finished_cannot_be_locked_again(stores: Stores, key: NodeKey) -> None:
    record = await idle(stores, key)

    assert not await stores.nodes.lock(record, operation("op-1"))


async def test_another_operations_id_cannot_claim(stores: Stores, key: NodeKey) -> None:
    await created(stores, key)

    assert await stores.nodes.claim(key, OperationId("op-2"), after(1)) is None


async def test_a_claim_of_a_deleted_node_is_refused(stores: Stores, key: NodeKey) -> None:
    await created(stores, key)
    await stores.nodes.delete(key)

    assert await stores.nodes.claim(key, OP_1, after(1)) is None


async def test_finishing_writes_the_result_and_frees_the_node(stores: Stores, key: NodeKey) -> None:
    await created(stores, key)

    assert await stores.nodes.finish(key, OP_1, running(), after(60))

    record = await read(stores, key)
    assert record.run == running()
    assert record.operation
    assert record.operation.finished_at == after(60)
    (line,) = await stores.nodes.list(key.account_id)
    assert line.status is Status.ACTIVE
    assert await stores.nodes.lock(record, operation("op-2"))


async def test_finishing_again_keeps_the_first_result(stores: Stores, key: NodeKey) -> None:
    await idle(stores, key)

    assert await stores.nodes.finish(key, OP_1, RunState(), after(99))

    assert (await read(stores, key)).run == running()


async def test_an_operation_that_lost_the_node_cannot_finish(stores: Stores, key: NodeKey) -> None:
    record = await idle(stores, key)
    await stores.nodes.lock(record, operation("op-2"))

    assert not await stores.nodes.finish(key, OP_1, RunState(), after(99))

    assert (await read(stores, key)).run == running()


async def test_a_late_write_of_a_finished_operation_is_fenced_off(
    stores: Stores, key: NodeKey
) -> None:
    await created(stores, key)
    await stores.nodes.put_run(key, running(), OP_1)
    await stores.nodes.finish(key, OP_1, running(2), after(60))

    with pytest.raises(Conflict):
        await stores.nodes.put_run(key, running(), OP_1)

    assert (await read(stores, key)).run.generation == 2


async def test_whatever_the_interleaving_one_operation_writes_at_a_time(
    stores: Stores, key: NodeKey
) -> None:
    await idle(stores, key)
    holders: set[str] = set()
    crowds: list[int] = []

    async def work(worker: int) -> None:
        for turn in range(6):
            record = await read(stores, key)
            mine = operation(f"op-{worker}-{turn}")
            if not await stores.nodes.lock(record, mine):
                continue
            assert await stores.nodes.claim(key, mine.id, after(70))
            holders.add(mine.id)
            crowds.append(len(holders))
            await stores.nodes.put_run(key, running(worker), mine.id)
            assert (await read(stores, key)).run.generation == worker
            holders.discard(mine.id)
            assert await stores.nodes.finish(key, mine.id, running(worker), after(80))

    await asyncio.gather(*(work(worker) for worker in range(1, 7)))

    assert crowds
    assert max(crowds) == 1
