"""A node that its owner had stopped rests whatever is heard of its VM, until somebody starts it."""

from datetime import timedelta
from typing import Any

import pytest

from shared.model.ids import NodeKey
from shared.model.run import NoticeKind, Status
from tests.services.house import House

K = NoticeKind


async def rests(house: House, **run: Any) -> NodeKey:
    """Make a node that its owner has just had stopped."""
    now = house.clock.now()
    key = await house.lives(status=Status.STOPPED, rests_since=now + timedelta(seconds=30), **run)
    await house.goes_down(key)
    return key


@pytest.mark.parametrize("kind", [K.EVICTED, K.EVICTION_COMING, K.DEALLOCATED, K.GONE])
@pytest.mark.parametrize("ago_s", [0, 45], ids=["after the stop", "before the stop"])
async def test_what_is_heard_of_its_vm_going_down_is_no_news(
    house: House, kind: NoticeKind, ago_s: int
) -> None:
    """S14: not even an eviction at the very moment of the stop."""
    key = await rests(house)

    await house.hears(key, kind, occurred_at=house.clock.now() - timedelta(seconds=ago_s))
    await house.ticks(10)

    assert await house.status(key) is Status.STOPPED
    assert house.starts.ids == []


async def test_a_person_who_stops_it_as_well_changes_nothing(house: House) -> None:
    key = await rests(house)

    await house.hears(key, K.STOPPED_BY_USER, actor="ann@contoso.com")
    await house.hears(key, K.DELETED_BY_USER, actor="ann@contoso.com", event_id="e2")
    await house.ticks(10)

    assert await house.status(key) is Status.STOPPED
    assert house.starts.ids == []


async def test_a_list_that_lags_does_not_end_its_rest(house: House) -> None:
    """The list still shows the VM running, and so may the VM itself; later a look at it tells."""
    key = await rests(house)
    vm = await house.vm(key)
    house.azure.shows(vm, "running")
    await house.looks()
    at_once = await house.status(key)
    house.azure.read[vm.id.lower()] = "deallocated"
    house.clock.moment += timedelta(minutes=2)

    await house.looks()

    assert house.azure.reads == [vm.id]
    assert (at_once, await house.status(key)) == (Status.STOPPED, Status.STOPPED)


async def test_somebody_who_starts_its_vm_ends_its_rest(house: House) -> None:
    """S13: then it is looked after as any other."""
    key = await rests(house)
    house.azure.shows(await house.vm(key), "running")
    house.clock.moment += timedelta(minutes=2)

    await house.looks()

    assert await house.status(key) is Status.ACTIVE
    assert (await house.node(key)).run.rests_since is None
    house.clock.moment += timedelta(minutes=10)
    await house.goes_down(key)
    await house.hears(key, K.EVICTED)
    assert [one.split("-")[2] for one in house.starts.ids] == ["replace"]


async def test_an_event_that_somebody_started_it_is_believed_at_once(house: House) -> None:
    key = await rests(house)
    house.azure.shows(await house.vm(key), "running")

    await house.hears(key, K.STARTED_BY_USER, actor="ann@contoso.com")

    assert await house.status(key) is Status.ACTIVE


async def test_a_stop_by_a_person_after_that_is_his_and_an_eviction_after_it_is_heard(
    house: House,
) -> None:
    """The owner's stop of long ago says nothing of what happens since."""
    key = await rests(house)
    house.azure.shows(await house.vm(key), "running")
    house.clock.moment += timedelta(minutes=2)
    await house.looks()
    house.clock.moment += timedelta(minutes=10)
    await house.goes_down(key)
    await house.hears(key, K.STOPPED_BY_USER, actor="ann@contoso.com", event_id="stop")
    assert await house.status(key) is Status.STOPPED

    later = house.clock.now() + timedelta(minutes=5)
    house.clock.moment = later
    await house.hears(key, K.EVICTED, event_id="evicted")

    assert [one.split("-")[2] for one in house.starts.ids] == ["replace"]
