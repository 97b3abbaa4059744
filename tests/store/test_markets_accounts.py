import asyncio

import pytest

from shared.model.ids import AccountId
from shared.model.market import MarketMemory
from shared.model.run import Lifecycle
from store.accounts import Account, ServicePrincipal
from store.errors import Gone
from store.stores import Stores
from tests.store.worlds import HandClock, after


def memory(**fields: object) -> MarketMemory:
    market = {"region": "eastus", "size": "Standard_D4s_v5", "lifecycle": Lifecycle.SPOT}
    return MarketMemory.model_validate(market | fields)


def account(digit: int, *, is_default: bool = False) -> Account:
    return Account(
        id=AccountId(f"act-0000000{digit}"),
        name=f"account {digit}",
        subscription_id=f"0a1b2c3d-0000-4000-8000-00000000000{digit}",
        is_default=is_default,
    )


async def test_a_market_keeps_what_a_later_memory_does_not_mention(stores: Stores) -> None:
    await stores.markets.remember(memory(zone="1", last_success_at=after(1)))
    await stores.markets.remember(
        memory(zone="1", last_failure_at=after(2), shunned_until=after(3_600), reason="no room")
    )

    assert await stores.markets.of_region("eastus") == [
        memory(
            zone="1",
            last_success_at=after(1),
            last_failure_at=after(2),
            shunned_until=after(3_600),
            reason="no room",
        )
    ]


async def test_markets_differ_by_zone_lifecycle_and_size_but_not_by_case(stores: Stores) -> None:
    memories = [
        memory(),
        memory(zone="1"),
        memory(zone="1", lifecycle=Lifecycle.OD),
        memory(size="Standard_D8s_v5"),
    ]
    for one in [*memories, memory(size="STANDARD_D4S_V5"), memory(region="westus")]:
        await stores.markets.remember(one)

    found = await stores.markets.of_region("EastUS")

    assert len(found) == len(memories)
    assert await stores.markets.of_region("northeurope") == []


async def test_an_account_reads_back_with_the_moment_it_was_first_put(
    stores: Stores, clock: HandClock
) -> None:
    await stores.accounts.put(account(1))
    first_put = clock.now()
    clock.moment = after(99)

    await stores.accounts.put(account(1).model_copy(update={"name": "renamed"}))

    found = await stores.accounts.get("act-00000001")
    assert found
    assert (found.name, found.created_at) == ("renamed", first_put)
    assert await stores.accounts.get("act-00000009") is None


async def test_without_a_mark_the_oldest_account_is_the_default(
    stores: Stores, clock: HandClock
) -> None:
    assert await stores.accounts.default() is None
    for digit in (2, 1):
        await stores.accounts.put(account(digit))
        clock.moment = after(digit + 60)

    default = await stores.accounts.default()

    assert default
    assert default.id == "act-00000002"
    assert [one.id for one in await stores.accounts.list()] == ["act-00000002", "act-00000001"]


async def test_a_new_default_account_replaces_the_old_one(stores: Stores) -> None:
    await stores.accounts.put(account(1, is_default=True))
    await stores.accounts.put(account(2))
    await stores.accounts.put(account(3, is_default=True))

    marked = [one.id for one in await stores.accounts.list() if one.is_default]

    assert marked == ["act-00000003"]


async def test_a_change_of_an_account_meets_every_other_change(stores: Stores) -> None:
    await stores.accounts.put(account(1))
    principals = [
        ServicePrincipal(client_id="c", tenant_id="t", secret_ref=f"s{n}", set_at=after(n))
        for n in range(2)
    ]

    await asyncio.gather(
        stores.accounts.change(
            "act-00000001", lambda one: one.model_copy(update={"credential": principals[0]})
        ),
        stores.accounts.change(
            "act-00000001", lambda one: one.model_copy(update={"tenant_credential": principals[1]})
        ),
    )

    found = await stores.accounts.get("act-00000001")
    assert found
    assert [found.credential, found.tenant_credential] == principals


async def test_an_account_that_is_not_there_is_not_changed_into_being(stores: Stores) -> None:
    with pytest.raises(Gone):
        await stores.accounts.change("act-00000009", lambda one: one)

    assert await stores.accounts.list() == []


def test_an_account_of_an_earlier_release_speaks_by_the_managed_identity() -> None:
    earlier = {"id": "act-00000001", "name": "n", "subscription_id": "s", "is_default": True}

    read = Account.model_validate(earlier)

    assert (read.credential, read.tenant_credential, dict(read.unnamed)) == (None, None, {})
