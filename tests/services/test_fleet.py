"""The fleet list alone: what is found when no event comes, and what must not be made of it."""

from datetime import timedelta

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError

from shared.model.run import OperationKind, Status
from tests.services.house import ACCOUNT, MINUTE, House, K


async def passes(house: House, minutes: int) -> None:
    """Let minutes pass: a tick at each full one, a look at each half."""
    for _ in range(minutes):
        await house.ticks()
        house.clock.moment += timedelta(seconds=30)
        await house.looks()


async def test_without_any_event_a_vm_that_is_down_comes_back_after_the_hold(
    house: House,
) -> None:
    """S15."""
    key = await house.lives()
    await house.goes_down(key)

    await house.looks()
    await passes(house, 2)
    assert house.starts.ids == []
    await passes(house, 2)

    holder = await house.held_by(key)
    assert holder is not None
    assert holder.kind is OperationKind.REPLACE
    assert house.starts.ids == [holder.id]


async def test_a_fleet_that_runs_is_left_alone(house: House) -> None:
    keys = [await house.lives(number) for number in range(5)]

    await passes(house, 5)

    assert house.starts.ids == []
    assert house.azure.reads == []
    assert [await house.stores.notices.since(key) for key in keys] == [[]] * 5


async def test_a_vm_that_is_gone_is_replaced_at_once(house: House) -> None:
    key = await house.lives()
    house.azure.shows(await house.vm(key), None)

    assert await house.looks() == 1

    holder = await house.held_by(key)
    assert holder is not None
    assert "gone" in holder.input


async def test_a_vm_that_only_the_list_lacks_is_not_replaced(house: House) -> None:
    """A list lags behind a new VM, and shows less to an identity that lost a role."""
    key = await house.lives()
    house.azure.listed.clear()

    await passes(house, 6)

    assert house.starts.ids == []
    assert await house.status(key) is Status.ACTIVE
    assert await house.told(key) == []


async def test_a_list_that_lags_behind_a_start_does_no_harm(house: House) -> None:
    key = await house.lives()
    vm = await house.vm(key)
    house.azure.listed[vm.id.lower()] = "deallocated"
    await house.looks()
    house.azure.listed[vm.id.lower()] = "running"

    await passes(house, 6)

    assert house.starts.ids == []
    assert await house.status(key) is Status.ACTIVE


async def test_a_second_outage_of_the_same_vm_is_found_like_the_first(house: House) -> None:
    """The first was mended by hand; nothing in the node's row has changed since."""
    key = await house.lives()
    await house.goes_down(key)
    await house.looks()
    house.azure.shows(await house.vm(key), "running")
    await passes(house, 6)
    assert house.starts.ids == []

    await house.goes_down(key)
    await passes(house, 6)

    assert len(house.starts.ids) == 1


async def test_a_stopped_node_that_runs_again_is_seen(house: House) -> None:
    """S13."""
    key = await house.lives()
    await house.goes_down(key)
    await house.hears(key, K.STOPPED_BY_USER, actor="ann")
    await passes(house, 10)
    assert await house.status(key) is Status.STOPPED

    house.azure.shows(await house.vm(key), "running")
    await passes(house, 1)

    assert await house.status(key) is Status.ACTIVE
    assert house.starts.ids == []


async def test_a_vm_that_still_shows_running_while_it_is_stopped_stays_stopped(
    house: House,
) -> None:
    """I5: the list lags behind the stop; later it shows a VM of which nobody knows why."""
    key = await house.lives()
    vm = await house.vm(key)
    await house.hears(key, K.STOPPED_BY_USER, actor="ann")
    house.azure.read[vm.id.lower()] = "deallocated"
    await passes(house, 2)
    house.azure.shows(vm, "deallocated")

    await passes(house, 8)

    assert await house.status(key) is Status.STOPPED
    assert house.starts.ids == []


async def test_a_stop_seen_by_the_list_first_is_still_the_stop_of_whom_the_event_names(
    house: House,
) -> None:
    """I5, S14."""
    key = await house.lives(admins=["ann"])
    stopped_at = house.clock.now()
    await house.goes_down(key)
    await passes(house, 2)

    await house.hears(key, K.STOPPED_BY_USER, actor="ann", occurred_at=stopped_at)
    await passes(house, 5)

    assert await house.status(key) is Status.STOPPED
    assert house.starts.ids == []


@pytest.mark.parametrize(
    "failure",
    [HttpResponseError("(TooManyRequests) slow down"), ClientAuthenticationError("who are you")],
)
async def test_a_list_that_fails_is_told_clearly_and_asked_for_again(
    house: House, failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    key = await house.lives()
    await house.goes_down(key)
    house.azure.failure = failure

    assert await house.looks() == 0

    (line,) = caplog.records
    facts = vars(line)
    assert (line.levelname, line.message) == ("WARNING", "fleet.not_seen")
    assert facts["account"] == ACCOUNT
    assert type(failure).__name__ in facts["why"]
    assert str(failure) in facts["why"]
    house.azure.failure = None
    await passes(house, 5)
    assert await house.held_by(key) is not None


async def test_an_account_that_cannot_be_seen_hides_no_other(house: House) -> None:
    dark = "0000dead-0000-4000-8000-00000000dead"
    await house.connect("act-00000001", dark)
    await house.lives(1, account_id="act-00000001")
    house.azure.blind = {dark}
    key = await house.lives(2)
    await house.goes_down(key)

    assert await house.looks() == 1

    assert len(house.azure.lists) == 2


async def test_a_node_that_cannot_be_dealt_with_hides_no_other(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = await house.lives(1), await house.lives(2)
    for key in (bad, good):
        house.azure.shows(await house.vm(key), None)
    house.azure.poisoned = (await house.vm(bad)).id

    await house.looks()

    assert await house.held_by(good) is not None
    assert await house.held_by(bad) is None
    assert "fleet.unheard" in {record.message for record in caplog.records}


async def test_where_no_node_has_a_vm_azure_is_not_asked(house: House) -> None:
    await house.lives(status=Status.PENDING, generation=0, vm=None)

    await house.looks()

    assert house.azure.lists == []


@pytest.mark.parametrize(
    "status", [Status.PENDING, Status.RESUMING, Status.PAUSED, Status.ERROR, Status.DEALLOCATING]
)
async def test_a_node_in_other_hands_is_left_to_them(house: House, status: Status) -> None:
    key = await house.lives(status=status)
    await house.goes_down(key)

    assert await house.looks() == 0
    await house.ticks(5)

    assert house.starts.ids == []


async def test_a_node_that_is_being_deleted_is_not_brought_back(house: House) -> None:
    """Its VM goes while the list still shows the node ACTIVE."""
    key = await house.lives()
    vm = await house.vm(key)
    operation = house.operations.make(key, OperationKind.DELETE)
    assert await house.stores.nodes.lock(await house.node(key), operation)
    house.azure.shows(vm, None)

    await passes(house, 2)
    await house.stores.nodes.delete(key)
    house.clock.moment += MINUTE
    await passes(house, 3)

    assert house.starts.ids == []
    assert await house.due() == 0
