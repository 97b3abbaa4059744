"""What was kept for a time: found when due, twice, late, and after a crash; never forgotten."""

from datetime import timedelta
from typing import Any

from services.deallocation import Deallocations
from services.tick import Tick
from shared.model.ids import NodeKey
from shared.model.run import DueItem, DueKind, OperationKind, Retained, Status
from shared.policy.retained import dues
from tests.services.house import MINUTE, House

HOUR = timedelta(hours=1)


async def keeps(house: House, hours: float = 2, **run: Any) -> NodeKey:
    """Make a node that keeps a disk for some hours, as its operation leaves it."""
    until = house.clock.now() + hours * HOUR
    kept = (Retained(id="/subscriptions/s/x/y/z/disks/old", until=until, why="detached"),)
    key = await house.lives(retained=kept, **run)
    for item in dues(key, kept):
        await house.stores.due.add(item)
    house.tick_work = ticking(house)
    return key


def ticking(house: House) -> Tick:
    ending = Deallocations(house.stores, house.operations)
    return Tick(house.stores, house.operations, house.evictions, ending.acts)


def deallocations(house: House, key: NodeKey) -> list[str]:
    return [one for one in house.starts.ids if f"{key.node_id}-deallocate-" in one]


async def test_nothing_happens_before_the_time_is_over(house: House) -> None:
    key = await keeps(house)

    await house.ticks(118)

    assert deallocations(house, key) == []


async def test_when_it_is_over_an_operation_of_its_own_begins(house: House) -> None:
    """S24."""
    key = await keeps(house)

    await house.ticks(122)

    held = await house.held_by(key)
    assert held is not None
    assert held.kind is OperationKind.DEALLOCATE
    assert len(deallocations(house, key)) == 1
    assert await house.status(key) is Status.ACTIVE


async def test_once_it_is_gone_nothing_is_due_any_more(house: House) -> None:
    key = await keeps(house)
    await house.ticks(122)

    await house.settles(key, retained=())
    await house.ticks(5)

    assert len(deallocations(house, key)) == 1
    assert await house.due() == 0


async def test_an_operation_that_came_to_nothing_is_followed_by_another(house: House) -> None:
    """Killed, failed, lost: what is to go is still named, and so still due."""
    key = await keeps(house)
    await house.ticks(122)

    await house.settles(key, status=Status.ERROR, error_reason="a bug")
    await house.ticks(3)

    assert len(deallocations(house, key)) == 2


async def test_a_start_that_is_lost_is_made_good(house: House) -> None:
    key = await keeps(house)
    house.starts.lost = True
    await house.ticks(122)
    house.starts.lost = False

    await house.ticks(4)

    assert len(deallocations(house, key)) >= 1


async def test_a_node_that_is_held_is_left_alone_until_it_is_free(house: House) -> None:
    key = await keeps(house)
    record = await house.node(key)
    other = house.operations.make(key, OperationKind.RECYCLE)
    assert await house.stores.nodes.lock(record, other)

    await house.ticks(125)
    meanwhile = deallocations(house, key)
    await house.settles(key)
    await house.ticks(3)

    assert meanwhile == []
    assert len(deallocations(house, key)) == 1


async def test_a_tick_that_comes_days_late_does_it_then(house: House) -> None:
    key = await keeps(house)

    house.clock.moment += timedelta(days=3)
    await house.ticks(2)

    assert len(deallocations(house, key)) == 1


async def test_a_due_item_that_comes_twice_starts_one_operation(house: House) -> None:
    key = await keeps(house)
    until = house.clock.now() + 2 * HOUR + MINUTE
    again = DueItem(
        account_id=key.account_id, node_id=key.node_id, kind=DueKind.DEALLOCATION, due_at=until
    )
    await house.stores.due.add(again)

    await house.ticks(125)

    assert len(deallocations(house, key)) == 1


async def test_what_the_node_uses_again_is_not_due(house: House) -> None:
    """I2."""
    key = await keeps(house)
    record = await house.node(key)
    vm = record.run.vm
    assert vm is not None
    used = (record.run.retained[0].model_copy(update={"id": vm.id}),)
    operation = house.operations.make(key, OperationKind.OBSERVE)
    assert await house.stores.nodes.lock(record, operation)
    await house.settles(key, retained=used)

    await house.ticks(125)

    assert deallocations(house, key) == []


async def test_a_node_that_is_gone_is_no_trouble(house: House) -> None:
    key = await keeps(house)
    await house.stores.nodes.delete(key)

    await house.ticks(125)

    assert await house.due() == 0
