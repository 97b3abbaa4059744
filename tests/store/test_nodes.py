import asyncio
from dataclasses import replace
from random import Random

import pytest

from shared.model.ids import NodeKey, OperationId, node_key
from shared.model.run import Lifecycle, OperationKind, Progress, RunState, Status
from store.errors import Conflict, Gone, TooLarge
from store.node_rows import NodeRecord
from store.rows import Mode, Write
from store.stores import Stores
from tests.store.worlds import after, document, operation, running

OP_1 = OperationId("op-1")


async def created(stores: Stores, key: NodeKey) -> NodeRecord:
    await stores.nodes.create(key, document(), RunState(), operation())
    return await read(stores, key)


async def read(stores: Stores, key: NodeKey) -> NodeRecord:
    record = await stores.nodes.get(key)
    assert record is not None
    return record


async def idle(stores: Stores, key: NodeKey) -> NodeRecord:
    await created(stores, key)
    assert await stores.nodes.finish(key, OP_1, running(), after(60))
    return await read(stores, key)


async def test_a_created_node_reads_back_whole(stores: Stores, key: NodeKey) -> None:
    await stores.nodes.create(key, document(), running(), operation())

    record = await read(stores, key)

    assert record == NodeRecord(key, document(), 1, running(), operation())


async def test_an_unknown_node_is_none(stores: Stores, key: NodeKey) -> None:
    assert await stores.nodes.get(key) is None


async def test_any_text_in_place_of_an_id_is_just_an_unknown_node(stores: Stores) -> None:
    for text in ("", "a/b", "x' or 1 eq 1", "#?\\\n", "é" * 900):
        assert await stores.nodes.get(node_key(text, text)) is None
        assert await stores.nodes.list(text) == []


async def test_a_create_with_a_taken_id_is_refused_and_changes_nothing(
    stores: Stores, key: NodeKey
) -> None:
    await created(stores, key)

    with pytest.raises(Conflict):
        await stores.nodes.create(key, document("other"), RunState(), operation("op-2"))

    assert (await read(stores, key)).document == document()


async def test_a_create_repeated_after_a_lost_reply_is_done_already(
    stores: Stores, key: NodeKey
) -> None:
    await created(stores, key)
    await stores.nodes.claim(key, OP_1, after(1))

    await stores.nodes.create(key, document(), RunState(), operation())

    record = await read(stores, key)
    assert record.operation
    assert record.operation.claimed_at == after(1)


async def test_the_list_tells_all_that_a_status_document_needs(
    stores: Stores, key: NodeKey
) -> None:
    await created(stores, key)
    await stores.nodes.put_run(key, running())

    (line,) = await stores.nodes.list(key.account_id)

    assert line.key == key
    assert (line.name, line.region, line.resource_group_name) == ("web", "eastus", "Fleet")
    assert line.tags == {"team": "blå/grün #1?"}
    assert (line.status, line.lifecycle, line.zone) == (Status.ACTIVE, Lifecycle.SPOT, "2")
    assert (line.vm_name, line.vm_size) == ("web-1", "Standard_D4s_v5")
    assert (line.private_ip, line.public_ip, line.vm_health) == ("10.0.0.4", None, "UNKNOWN")
    assert line.updated_at == after(1.000001)


async def test_an_account_lists_its_own_nodes_only(stores: Stores, key: NodeKey) -> None:
    neighbour = node_key("act-0000beee", "ssn-00000002")
    second = node_key(key.account_id, "ssn-00000003")
    for one in (neighbour, second, key):
        await stores.nodes.create(one, document(one.node_id), RunState(), operation())

    listed = [line.key for line in await stores.nodes.list(key.account_id)]
    whole = [record.key async for record in stores.nodes.documents(key.account_id)]

    assert listed == whole == [key, second]


async def test_a_changed_document_counts_its_versions(stores: Stores, key: NodeKey) -> None:
    record = await created(stores, key)

    version = await stores.nodes.put_document(record, document("renamed"))

    record = await read(stores, key)
    assert (version, record.version, record.document["name"]) == (2, 2, "renamed")
    (line,) = await stores.nodes.list(key.account_id)
    assert (line.name, line.version) == ("renamed", 2)


async def test_a_document_that_changed_meanwhile_is_not_overwritten(
    stores: Stores, key: NodeKey
) -> None:
    record = await created(stores, key)
    await stores.nodes.put_document(record, document("theirs"))

    with pytest.raises(Conflict):
        await stores.nodes.put_document(record, document("ours"))

    assert (await read(stores, key)).document["name"] == "theirs"


async def test_a_document_change_repeated_after_a_lost_reply_is_done_already(
    stores: Stores, key: NodeKey
) -> None:
    record = await created(stores, key)
    await stores.nodes.put_document(record, document("renamed"))

    assert await stores.nodes.put_document(record, document("renamed")) == 2


async def test_a_run_change_does_not_spoil_a_document_change(stores: Stores, key: NodeKey) -> None:
    record = await created(stores, key)
    await stores.nodes.put_run(key, running())

    assert await stores.nodes.put_document(record, document("renamed")) == 2


async def test_a_document_of_many_pieces_reads_back_and_can_shrink(
    stores: Stores, key: NodeKey
) -> None:
    record = await created(stores, key)
    large = document() | {"customData": "é" * 50_000}
    await stores.nodes.put_document(record, large)
    record = await read(stores, key)
    assert record.document == large

    await stores.nodes.put_document(record, document())

    assert (await read(stores, key)).document == document()


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


async def test_progress_merges_into_node_and_list(stores: Stores, key: NodeKey) -> None:
    await created(stores, key)
    await stores.nodes.put_run(key, running())
    progress = Progress(percent=40, step="create_vm")

    await stores.nodes.merge_progress(key, progress)

    assert (await read(stores, key)).run == running().model_copy(update={"progress": progress})
    (line,) = await stores.nodes.list(key.account_id)
    assert (line.progress, line.status) == (progress, Status.ACTIVE)


async def test_progress_of_a_deleted_node_is_nothing(stores: Stores, key: NodeKey) -> None:
    await stores.nodes.merge_progress(key, Progress(percent=1))

    assert await stores.nodes.get(key) is None
    assert await stores.nodes.list(key.account_id) == []


async def test_a_deleted_node_is_gone_from_everywhere_and_stays_so(
    stores: Stores, key: NodeKey
) -> None:
    await created(stores, key)
    await stores.nodes.delete(key)
    await stores.nodes.delete(key)

    with pytest.raises(Gone):
        await stores.nodes.put_run(key, running())

    assert await stores.nodes.get(key) is None
    assert await stores.nodes.list(key.account_id) == []


async def test_a_list_row_that_was_lost_comes_back_with_the_next_write(
    stores: Stores, key: NodeKey
) -> None:
    await created(stores, key)
    await stores.nodes._listed.write(Write(Mode.DELETE, key.account_id, key.node_id))
    assert await stores.nodes.list(key.account_id) == []

    await stores.nodes.put_run(key, running())

    (line,) = await stores.nodes.list(key.account_id)
    assert (line.name, line.status) == ("web", Status.ACTIVE)


async def test_rows_of_a_later_release_are_read(stores: Stores, key: NodeKey) -> None:
    class LaterRun(RunState):
        mood: str = "sunny"

    await stores.nodes.create(key, document(), LaterRun(), operation())

    assert (await read(stores, key)).run == RunState()


async def test_the_largest_tags_survive_in_the_list(stores: Stores, key: NodeKey) -> None:
    random = Random(1)  # noqa: S311 - noise, not a secret
    signs = [chr(code) for code in range(0x4E00, 0x9FFF)]
    tags = [
        {"tagKey": f"k{n}", "tagValue": "".join(random.choices(signs, k=1_000))} for n in range(44)
    ]
    tagged = document() | {"compute": {"launchSpecification": {"tags": tags}}}

    await stores.nodes.create(key, tagged, RunState(), operation())

    (line,) = await stores.nodes.list(key.account_id)
    assert line.tags == {tag["tagKey"]: tag["tagValue"] for tag in tags}


async def test_a_document_too_large_for_a_row_is_refused_and_nothing_is_written(
    stores: Stores, key: NodeKey
) -> None:
    noise = Random(1).randbytes(500_000).hex()  # noqa: S311 - noise, not a secret

    with pytest.raises(TooLarge):
        await stores.nodes.create(key, document() | {"x": noise}, RunState(), operation())

    assert await stores.nodes.get(key) is None


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
