"""What is due, done once, whatever was killed before."""

from datetime import timedelta

import pytest

from services.tick import LOST_AFTER
from shared.model.ids import NodeKey, OperationId
from shared.model.run import DueItem, DueKind, Intent, Operation, OperationKind, Status, Waiting
from tests.services.house import MINUTE, House, K


async def locked(house: House, key: NodeKey, kind: OperationKind) -> Operation:
    """Lock a node as a starter does that is killed before it starts anything."""
    operation = house.operations.make(key, kind)
    await house.operations.watch(key, operation)
    assert await house.stores.nodes.lock(await house.node(key), operation)
    return operation


async def claimed(house: House, key: NodeKey, operation: Operation) -> None:
    """Claim the node as an orchestration does that has begun."""
    assert await house.stores.nodes.claim(key, OperationId(operation.id), house.clock.now())


async def waits(house: House, key: NodeKey, minutes: int) -> None:
    """Leave a node waiting for capacity, as a launch does that found none."""
    until = house.clock.now() + minutes * MINUTE
    waiting = Waiting(reason="no room", until=until)
    record = await house.node(key)
    run = record.run.model_copy(update={"status": Status.RESUMING, "waiting": waiting})
    await house.stores.nodes.put_run(key, run)
    await house.stores.due.add(retry(key, minutes, house))


def retry(key: NodeKey, minutes: int, house: House) -> DueItem:
    return DueItem(
        account_id=key.account_id,
        node_id=key.node_id,
        kind=DueKind.CAPACITY_RETRY,
        due_at=house.clock.now() + minutes * MINUTE,
    )


async def test_a_lock_whose_starter_was_killed_is_started(house: House) -> None:
    key = await house.lives()
    operation = await locked(house, key, OperationKind.REPLACE)

    await house.ticks(2)

    assert house.starts.ids == [operation.id]


async def test_a_start_that_fails_is_tried_each_minute(house: House) -> None:
    key = await house.lives()
    operation = await locked(house, key, OperationKind.REPLACE)
    house.starts.lost = True
    await house.ticks(5)

    house.starts.lost = False
    await house.ticks()

    assert house.starts.ids == [operation.id]


async def test_what_waits_in_the_queue_is_not_started_over(house: House) -> None:
    key = await house.lives()
    operation = await locked(house, key, OperationKind.REPLACE)

    await house.ticks(10)

    assert house.starts.ids == [operation.id]


async def test_what_never_leaves_the_queue_is_started_over_at_last(house: House) -> None:
    key = await house.lives()
    operation = await locked(house, key, OperationKind.REPLACE)
    minutes = LOST_AFTER // MINUTE

    await house.ticks(2 * minutes - 2)

    assert house.starts.ids == [operation.id] * 2


async def test_a_finished_id_is_never_started_again(house: House) -> None:
    key = await house.lives()
    operation = await locked(house, key, OperationKind.REPLACE)
    await claimed(house, key, operation)
    await house.settles(key, status=Status.ACTIVE)

    await house.ticks(3)

    assert house.starts.ids == []
    assert await house.due() == 0
    claim = house.stores.nodes.claim(key, OperationId(operation.id), house.clock.now())
    assert await claim is None


async def test_the_watch_of_another_operations_lock_is_dropped(house: House) -> None:
    key = await house.lives()
    loser = house.operations.make(key, OperationKind.REPLACE)
    await house.operations.watch(key, loser)
    winner = await locked(house, key, OperationKind.REPLACE)

    await house.ticks(2)

    assert house.starts.ids == [winner.id]


async def test_items_of_one_minute_are_all_done(house: House) -> None:
    one, other = await house.lives(1), await house.lives(2)
    begun = [await locked(house, key, OperationKind.REPLACE) for key in (one, other)]
    await house.stores.due.add(retry(one, 1, house))

    await house.ticks(2)

    assert sorted(house.starts.ids) == sorted(operation.id for operation in begun)
    for key, operation in zip((one, other), begun, strict=True):
        await claimed(house, key, operation)
        await house.settles(key, status=Status.ACTIVE)
    await house.ticks()
    assert await house.due() == 0


async def test_more_nodes_than_are_dealt_with_at_once_are_all_dealt_with(house: House) -> None:
    keys = [await house.lives(number) for number in range(40)]
    for key in keys:
        await locked(house, key, OperationKind.REPLACE)

    await house.ticks(2)

    assert len(set(house.starts.ids)) == len(house.starts.ids) == 40


async def test_what_fails_is_tried_later_and_hinders_nobody(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = await house.lives(1), await house.lives(2)
    for key in (bad, good):
        await house.goes_down(key)
        await house.hears(key, K.DEALLOCATED)
    house.azure.poisoned = (await house.vm(bad)).id

    await house.ticks(5)

    assert [one.split("-replace")[0] for one in house.starts.ids] == [good.node_id]
    assert "due.failed" in {record.message for record in caplog.records}
    house.azure.poisoned = ""
    await house.ticks(2)
    assert len(house.starts.ids) == 2


async def test_an_orchestration_that_vanished_releases_its_node_in_error(house: House) -> None:
    key = await house.lives()
    operation = await locked(house, key, OperationKind.REPLACE)
    await claimed(house, key, operation)
    house.starts.living.add(operation.id)
    await house.ticks(20)
    assert await house.held_by(key) is not None

    house.starts.living.clear()
    await house.ticks()

    record = await house.node(key)
    assert await house.held_by(key) is None
    assert record.run.status is Status.ERROR
    assert operation.id in (record.run.error_reason or "")
    assert house.starts.ids == []


async def test_an_orchestration_that_is_gone_for_a_moment_keeps_its_node(house: House) -> None:
    key = await house.lives()
    operation = await locked(house, key, OperationKind.REPLACE)
    await claimed(house, key, operation)

    await house.ticks(LOST_AFTER // MINUTE - 1)

    assert await house.held_by(key) is not None


async def test_what_an_operation_that_is_no_more_may_have_made_is_named(house: House) -> None:
    """I7: its journal tells; whoever is next looks at it."""
    key = await house.lives()
    operation = await locked(house, key, OperationKind.RECYCLE)
    await claimed(house, key, operation)
    for action, target in (("create_nic0", "nic"), ("delete_old", "old"), ("create_vm", "vm")):
        intent = Intent(
            operation_id=operation.id,
            step=action,
            action=action,
            target=target,
            detail={"disks": "os data"} if target == "vm" else {},
            intended_at=house.clock.now(),
        )
        await house.stores.journal.intend(key, intent)

    await house.ticks(LOST_AFTER // MINUTE + 2)

    run = (await house.node(key)).run
    assert run.status is Status.ERROR
    assert set(run.untold) == {"nic", "vm", "os", "data"}


async def test_a_note_whose_writer_was_killed_is_written_after_all(house: House) -> None:
    """S14: the lock of a note has no orchestration that could be started."""
    key = await house.lives()
    await house.goes_down(key)
    vm = await house.vm(key)
    await locked(house, key, OperationKind.OBSERVE)
    await house.hear(vm.id, K.STOPPED_BY_USER, actor="ann")
    assert await house.status(key) is Status.ACTIVE

    await house.ticks(2)

    assert await house.status(key) is Status.STOPPED
    assert await house.held_by(key) is None
    assert house.starts.ids == []


async def test_a_node_that_waits_for_capacity_is_tried_again_when_it_is_time(house: House) -> None:
    key = await house.lives()
    await waits(house, key, 3)

    await house.ticks(2)
    assert house.starts.ids == []
    await house.ticks()

    holder = await house.held_by(key)
    assert holder is not None
    assert holder.kind is OperationKind.REPLACE
    assert house.starts.ids == [holder.id]


async def test_a_node_that_never_had_a_vm_is_tried_as_a_create(house: House) -> None:
    key = await house.lives(generation=0, vm=None)
    await waits(house, key, 1)

    await house.ticks(2)

    holder = await house.held_by(key)
    assert holder is not None
    assert holder.kind is OperationKind.CREATE


async def test_a_retry_that_meets_an_operation_waits_for_its_end(house: House) -> None:
    key = await house.lives()
    await waits(house, key, 1)
    busy = house.operations.make(key, OperationKind.REPLACE)
    assert await house.stores.nodes.lock(await house.node(key), busy)
    await house.ticks(4)
    assert house.starts.ids == []

    await house.settles(key)  # still waiting
    await house.ticks()

    assert len(house.starts.ids) == 1


@pytest.mark.parametrize("status", [Status.ERROR, Status.ACTIVE, Status.PAUSED])
async def test_a_retry_of_a_node_that_does_not_wait_any_more_is_dropped(
    house: House, status: Status
) -> None:
    key = await house.lives()
    await waits(house, key, 1)
    record = await house.node(key)
    await house.stores.nodes.put_run(key, record.run.model_copy(update={"status": status}))

    await house.ticks(3)

    assert house.starts.ids == []
    assert await house.due() == 0


async def test_a_deleted_nodes_items_are_dropped(house: House) -> None:
    key = await house.lives()
    await locked(house, key, OperationKind.REPLACE)
    await waits(house, key, 1)
    await house.hears(key, K.DEALLOCATED)
    await house.stores.nodes.delete(key)

    await house.ticks(5)

    assert house.starts.ids == []
    assert await house.due() == 0


async def test_a_tick_killed_in_the_middle_is_made_up_for_by_the_next(house: House) -> None:
    """Everything is done and nothing advanced, as after a kill: the same items come again."""
    key = await house.lives()
    operation = await locked(house, key, OperationKind.REPLACE)
    house.clock.moment += 2 * MINUTE
    (item,) = await house.stores.due.read_due(house.clock.now())
    await house.tick_work._do(item, house.starts)
    await house.stores.due.add(item)

    await house.ticks(2)

    assert house.starts.ids == [operation.id]


async def test_a_hold_that_ends_between_two_ticks_is_over_at_the_second(house: House) -> None:
    key = await house.lives()
    await house.goes_down(key)
    house.clock.moment += timedelta(seconds=30)
    await house.hears(key, K.DEALLOCATED)

    await house.ticks(3)
    assert house.starts.ids == []
    await house.ticks()

    assert len(house.starts.ids) == 1
