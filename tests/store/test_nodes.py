from random import Random

import pytest

from shared.model.ids import NodeKey, node_key
from shared.model.run import Lifecycle, Progress, RunState, Status
from store.errors import Conflict, Gone, TooLarge
from store.node_rows import NodeRecord
from store.rows import Mode, Write
from store.stores import Stores
from tests.store.nodes_at import OP_1, created, read
from tests.store.worlds import after, document, operation, running


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


async def test_a_tag_without_a_value_is_listed_with_an_empty_one(
    stores: Stores, key: NodeKey
) -> None:
    tags = [{"tagKey": "spot"}, {"tagKey": "team", "tagValue": None}]
    tagged = document() | {"compute": {"launchSpecification": {"tags": tags}}}

    await stores.nodes.create(key, tagged, RunState(), operation())

    (line,) = await stores.nodes.list(key.account_id)
    assert line.tags == {"spot": "", "team": ""}


async def test_a_document_too_large_for_a_row_is_refused_and_nothing_is_written(
    stores: Stores, key: NodeKey
) -> None:
    noise = Random(1).randbytes(500_000).hex()  # noqa: S311 - noise, not a secret

    with pytest.raises(TooLarge):
        await stores.nodes.create(key, document() | {"x": noise}, RunState(), operation())

    assert await stores.nodes.get(key) is None
