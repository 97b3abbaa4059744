import pytest

from shared.model.ids import AccountId
from shared.model.run import Lifecycle, MarketMemory
from store.accounts import Account
from store.rows import in_partition
from store.stores import Stores
from store.tokens import Role
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


async def test_a_minted_token_is_found_by_its_secret_alone(
    stores: Stores, clock: HandClock
) -> None:
    secret = await stores.tokens.mint(["act-00000001", "act-00000002"], Role.OPERATOR, "ci")

    token = await stores.tokens.find(secret.get_secret_value())

    assert token
    assert (token.name, token.role, token.created_at) == ("ci", Role.OPERATOR, clock.now())
    assert token.account_ids == ("act-00000001", "act-00000002")
    for wrong in ("", "mrg_", secret.get_secret_value() + "x", token.id):
        assert await stores.tokens.find(wrong) is None


async def test_no_table_holds_a_tokens_secret(stores: Stores) -> None:
    secret = await stores.tokens.mint(["act-00000001"], Role.ADMIN, "console")

    rows = [row async for row in stores.tokens._table.query(in_partition("token"))]

    assert len(rows) == 1
    assert secret.get_secret_value() not in repr(rows)
    assert secret.get_secret_value() not in repr(secret)


async def test_every_token_is_its_own(stores: Stores) -> None:
    secrets = {
        (await stores.tokens.mint([], Role.VIEWER, "same")).get_secret_value() for _ in range(5)
    }

    assert len(secrets) == len(await stores.tokens.list()) == 5


async def test_a_revoked_token_is_nobodys(stores: Stores) -> None:
    secret = await stores.tokens.mint([], Role.VIEWER, "gone")
    kept = await stores.tokens.mint([], Role.VIEWER, "kept")
    token = await stores.tokens.find(secret.get_secret_value())
    assert token

    assert await stores.tokens.revoke(token.id)

    assert await stores.tokens.find(secret.get_secret_value()) is None
    assert await stores.tokens.find(kept.get_secret_value())
    assert not await stores.tokens.revoke(token.id)


@pytest.mark.parametrize("token_id", ["", "tok-", "tok-0", "0000000000000000", "tok-'/#?"])
async def test_what_is_no_tokens_id_revokes_nothing(stores: Stores, token_id: str) -> None:
    await stores.tokens.mint([], Role.VIEWER, "kept")

    assert not await stores.tokens.revoke(token_id)

    assert len(await stores.tokens.list()) == 1
