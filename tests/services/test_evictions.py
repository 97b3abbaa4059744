"""What is heard of a VM, and what is done about it."""

import asyncio
from datetime import timedelta
from itertools import permutations

import pytest
from azure.core.exceptions import HttpResponseError, ServiceRequestError

from shared.model.run import OperationKind, Status
from tests.services.house import MINUTE, House, K, opened_house, vm_id


async def test_an_eviction_starts_one_replacement_however_often_it_is_heard(house: House) -> None:
    key = await house.lives()
    await house.goes_down(key)

    for _ in range(3):
        assert await house.hears(key, K.EVICTED, event_id="e-1")
        assert await house.hears(key, K.EVICTED, event_id="e-2")

    holder = await house.held_by(key)
    assert holder is not None
    assert holder.kind is OperationKind.REPLACE
    assert house.starts.ids == [holder.id]
    assert len([line for line in await house.told(key) if "replacing" in line]) == 1


async def test_of_many_who_hear_at_once_one_starts_a_replacement(house: House) -> None:
    key = await house.lives()

    await asyncio.gather(*(house.hears(key, K.EVICTED, event_id=f"e-{n}") for n in range(8)))

    assert len(house.starts.ids) == 1


async def test_in_whatever_order_an_eviction_and_its_shadows_come_it_is_an_eviction() -> None:
    """I5: the annotation of the deallocation and the list's finding never make it a stop."""
    for order in permutations((K.STOPPED_BY_USER, K.EVICTED, K.DEALLOCATED)):
        async with opened_house() as house:
            key = await house.lives()
            await house.goes_down(key)

            for kind in order:
                await house.hears(key, kind)

            assert len(house.starts.ids) == 1, order
            assert await house.status(key) is Status.ACTIVE, order


async def test_an_event_about_a_body_that_is_gone_does_nothing(house: House) -> None:
    key = await house.lives()
    evicted_at = house.clock.now()
    await house.hears(key, K.EVICTED)
    house.clock.moment += MINUTE
    await house.comes_back(key)
    house.clock.moment += timedelta(hours=5)

    for kind in (K.EVICTED, K.STOPPED_BY_USER, K.DEALLOCATED, K.DELETED_BY_USER):
        await house.hears(key, kind, occurred_at=evicted_at, event_id=f"late-{kind}")
    await house.ticks(5)

    assert len(house.starts.ids) == 1
    assert await house.held_by(key) is None
    assert await house.status(key) is Status.ACTIVE


async def test_an_event_about_an_earlier_body_of_another_name_is_nobodys(house: House) -> None:
    key = await house.lives(generation=2)
    earlier = vm_id("web-1-g1")
    await house.stores.vms.put(earlier.split("/")[2], earlier, key, 1)

    assert not await house.hear(earlier, K.DELETED_BY_USER)

    assert await house.stores.notices.since(key) == []
    assert house.starts.ids == []


async def test_an_event_about_an_unknown_vm_is_nobodys(house: House) -> None:
    assert not await house.hear(vm_id("somebody-elses"), K.EVICTED)
    assert not await house.hear("not an ARM id", K.EVICTED)

    assert house.starts.ids == []


async def test_an_event_about_a_deleted_nodes_vm_forgets_the_vm(house: House) -> None:
    key = await house.lives()
    vm = await house.vm(key)
    await house.stores.nodes.delete(key)

    assert not await house.hear(vm.id, K.EVICTED)

    assert await house.stores.vms.find(vm.id) is None
    assert await house.stores.notices.since(key) == []


async def test_a_notice_during_an_operation_is_weighed_after_it(house: House) -> None:
    key = await house.lives()
    await house.hears(key, K.EVICTED, event_id="e-1")
    (first,) = house.starts.ids
    house.clock.moment += timedelta(seconds=5)
    await house.comes_back(key)
    vm = await house.vm(key)
    busy = house.operations.make(key, OperationKind.REPLACE)
    assert await house.stores.nodes.lock(await house.node(key), busy)
    house.clock.moment += timedelta(seconds=5)

    house.azure.shows(vm, "deallocated")
    await house.hears(key, K.EVICTED, event_id="e-2")

    assert house.starts.ids == [first]
    await house.settles(key, status=Status.ACTIVE)
    await house.ticks(2)
    assert len(house.starts.ids) == 2


async def test_a_storm_of_notices_during_an_operation_waits_in_one_row(house: House) -> None:
    key = await house.lives()
    await house.hears(key, K.EVICTED, event_id="e-0")
    waiting = await house.due()

    for n in range(1, 20):
        house.clock.moment += timedelta(seconds=1)
        await house.hears(key, K.EVICTED, event_id=f"e-{n}")

    assert await house.due() == waiting + 1


async def test_a_start_that_was_lost_is_made_up_for_by_the_tick(house: House) -> None:
    key = await house.lives()
    house.starts.lost = True
    await house.hears(key, K.EVICTED)
    holder = await house.held_by(key)
    assert holder is not None

    house.starts.lost = False
    await house.ticks(2)

    assert house.starts.ids[:1] == [holder.id]


async def test_a_stop_by_somebody_is_noted_and_so_is_the_start_after_it(house: House) -> None:
    """S14, S13."""
    key = await house.lives()
    await house.goes_down(key)
    await house.hears(key, K.STOPPED_BY_USER)
    assert await house.status(key) is Status.ACTIVE

    await house.hears(key, K.STOPPED_BY_USER, actor="ann@contoso.com", event_id="e-2")

    assert await house.status(key) is Status.STOPPED
    assert (await house.told(key))[0] == "stopped by ann@contoso.com; it stays down"
    await house.ticks(10)
    assert await house.status(key) is Status.STOPPED
    house.azure.shows(await house.vm(key), "running")
    await house.hears(key, K.STARTED_BY_USER)
    assert await house.status(key) is Status.ACTIVE
    assert house.starts.ids == []


async def test_with_a_list_of_admins_a_stop_is_held_until_its_actor_is_known(house: House) -> None:
    """S16, I5."""
    for number, actor in enumerate(("ann", "bob")):
        key = await house.lives(number, admins=["ann"])
        await house.goes_down(key)
        began = len(house.starts.ids)

        await house.hears(key, K.STOPPED_BY_USER, event_id=f"annotation {actor}")
        await house.ticks(2)
        assert await house.status(key) is Status.ACTIVE
        assert len(house.starts.ids) == began
        await house.hears(key, K.STOPPED_BY_USER, event_id=f"action {actor}", actor=actor)

        assert await house.status(key) is (Status.STOPPED if actor == "ann" else Status.ACTIVE)
        assert len(house.starts.ids) - began == (0 if actor == "ann" else 1)


@pytest.mark.parametrize(("admins", "starts"), [(["ann"], 1), ([], 1), (None, 0)])
async def test_a_stop_whose_actor_never_becomes_known_is_decided_after_the_hold(
    house: House, admins: list[str] | None, starts: int
) -> None:
    """S15, S16."""
    key = await house.lives(admins=admins)
    await house.goes_down(key)
    await house.hears(key, K.STOPPED_BY_USER)

    await house.ticks(2)
    assert house.starts.ids == []
    await house.ticks(2)

    assert len(house.starts.ids) == starts
    assert await house.status(key) is (Status.ACTIVE if starts else Status.STOPPED)


async def test_a_stop_heard_hours_late_does_not_disturb_a_vm_that_runs(house: House) -> None:
    key = await house.lives()
    stopped_at = house.clock.now()
    house.clock.moment += timedelta(hours=4)

    for who in (None, "ann@contoso.com"):
        more = {"occurred_at": stopped_at, "event_id": f"late {who}"}
        await house.hears(key, K.STOPPED_BY_USER, actor=who, **more)
        await house.ticks(5)

    assert await house.status(key) is Status.ACTIVE
    assert house.starts.ids == []
    assert await house.told(key) == []


async def test_a_vm_that_was_started_again_in_silence_is_not_replaced(house: House) -> None:
    """Whoever stopped and started it by hand, no event of it came."""
    key = await house.lives()
    await house.goes_down(key)
    await house.looks()
    house.azure.shows(await house.vm(key), "running")

    await house.ticks(9)

    assert house.starts.ids == []
    assert await house.due() == 0
    assert len(house.azure.reads) == 1  # what was seen is kept: nobody asks twice


async def test_after_a_false_alarm_the_same_notice_raises_no_other(house: House) -> None:
    key = await house.lives()
    await house.hears(key, K.EVICTION_COMING, deadline=house.clock.now() + timedelta(seconds=30))
    assert len(house.starts.ids) == 1
    house.clock.moment += timedelta(minutes=5)
    await house.settles(key, status=Status.ACTIVE)  # the VM never went down

    await house.evictions.weigh(key, house.starts)
    await house.ticks(5)

    assert len(house.starts.ids) == 1
    assert await house.status(key) is Status.ACTIVE


@pytest.mark.parametrize(
    "failure", [HttpResponseError("429 TooManyRequests"), ServiceRequestError("no route")]
)
async def test_when_azure_does_not_answer_the_verdict_is_put_off(
    house: House, failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    key = await house.lives()
    await house.goes_down(key)
    house.azure.failure = failure

    await house.hears(key, K.DELETED_BY_USER)
    await house.ticks(2)

    assert house.starts.ids == []
    assert {record.message for record in caplog.records} == {"verdict.put_off"}
    house.azure.failure = None
    await house.ticks(2)
    assert len(house.starts.ids) == 1


async def test_a_fresh_eviction_asks_nobody_first(house: House) -> None:
    key = await house.lives()

    await house.hears(key, K.EVICTED)

    assert house.azure.reads == []
    assert len(house.starts.ids) == 1
