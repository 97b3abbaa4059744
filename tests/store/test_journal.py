import pytest

from shared.model.ids import NodeKey, OperationId
from shared.model.run import Intent
from store.errors import Gone
from store.journal import Lineage
from store.stores import Stores
from tests.store.worlds import VM_ID, after

OP_1 = OperationId("op-1")


def intent(step: str, at_s: float, operation_id: str = "op-1") -> Intent:
    return Intent(
        operation_id=OperationId(operation_id),
        step=step,
        action="create_vm",
        target=VM_ID,
        detail={"size": "Standard_D4s_v5"},
        intended_at=after(at_s),
    )


async def test_an_intent_stands_before_its_outcome_is_known(stores: Stores, key: NodeKey) -> None:
    assert await stores.journal.intend(key, intent("create/1", 1)) is None

    (written,) = await stores.journal.of_operation(key, OP_1)

    assert written == intent("create/1", 1)
    assert written.outcome is None


async def test_an_outcome_joins_its_intent(stores: Stores, key: NodeKey) -> None:
    await stores.journal.intend(key, intent("create", 1))

    for _ in range(2):
        await stores.journal.outcome(key, OP_1, "create", "created", after(20))

    (written,) = await stores.journal.of_operation(key, OP_1)
    assert (written.outcome, written.ended_at) == ("created", after(20))
    assert written.intended_at == after(1)


async def test_an_outcome_of_what_was_never_intended_is_a_bug(stores: Stores, key: NodeKey) -> None:
    with pytest.raises(Gone, match="never intended"):
        await stores.journal.outcome(key, OP_1, "create", "created", after(20))


async def test_a_step_begun_again_keeps_its_first_moment_and_is_under_way(
    stores: Stores, key: NodeKey
) -> None:
    await stores.journal.intend(key, intent("create", 1))
    await stores.journal.outcome(key, OP_1, "create", "NoCapacity", after(20))

    earlier = await stores.journal.intend(key, intent("create", 30))

    assert earlier
    assert (earlier.outcome, earlier.intended_at) == ("NoCapacity", after(1))
    (written,) = await stores.journal.of_operation(key, OP_1)
    assert (written.outcome, written.intended_at) == (None, after(1))


async def test_an_operation_shows_its_own_steps_in_order(stores: Stores, key: NodeKey) -> None:
    for step, at_s, name in [("z", 1, "op-1"), ("a", 2, "op-1"), ("a", 3, "op-10")]:
        await stores.journal.intend(key, intent(step, at_s, name))

    steps = [one.step for one in await stores.journal.of_operation(key, OP_1)]

    assert steps == ["z", "a"]


async def test_the_last_intents_come_newest_first(stores: Stores, key: NodeKey) -> None:
    for n in range(5):
        await stores.journal.intend(key, intent(f"step-{n}", n, f"op-{n % 2}"))
    await stores.journal.outcome(key, OperationId("op-1"), "step-3", "done", after(9))

    recent = await stores.journal.recent(key, 3)

    assert [(one.step, one.outcome) for one in recent] == [
        ("step-4", None),
        ("step-3", "done"),
        ("step-2", None),
    ]


async def test_lineage_tells_where_each_disk_came_from(stores: Stores, key: NodeKey) -> None:
    snapshot = Lineage(child_id="/d/snap-1", parent_id="/d/disk-1", kind="snapshot", at=after(1))
    copy = Lineage(child_id="/d/disk-2", parent_id="/d/snap-1", kind="copy", at=after(2))
    for child in (copy, snapshot, copy.model_copy(update={"at": after(9)})):
        await stores.journal.add_lineage(key, child)

    assert await stores.journal.lineage(key) == [snapshot, copy]
    assert await stores.journal.of_operation(key, OP_1) == []
