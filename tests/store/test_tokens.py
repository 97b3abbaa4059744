from datetime import UTC, datetime, timedelta

import pytest

from shared.model.ids import AccountId
from store.codec import json_values
from store.rows import Mode, Write, in_partition
from store.stores import Stores
from store.tokens import Role, Token
from tests.store.worlds import HandClock, after

ONE, TWO = AccountId("act-00000001"), AccountId("act-00000002")


async def test_a_minted_token_is_found_by_its_secret_alone(
    stores: Stores, clock: HandClock
) -> None:
    made = await stores.tokens.mint({ONE: Role.ADMIN, TWO: Role.VIEWER}, "ci", owner="me")

    token = await stores.tokens.find(made.secret.get_secret_value())

    assert token == made.token
    assert (token.name, token.owner, token.created_at) == ("ci", "me", clock.now())
    assert token.roles == {ONE: Role.ADMIN, TWO: Role.VIEWER}
    for wrong in ("", "mrg_", made.secret.get_secret_value() + "x", token.id):
        assert await stores.tokens.find(wrong) is None


async def test_no_table_holds_a_tokens_secret(stores: Stores) -> None:
    made = await stores.tokens.mint({ONE: Role.ADMIN}, "console")

    rows = [row async for row in stores.tokens._table.query(in_partition("token"))]

    assert len(rows) == 1
    assert made.secret.get_secret_value() not in repr(rows)
    assert made.secret.get_secret_value() not in repr(made)


async def test_every_token_is_its_own(stores: Stores) -> None:
    secrets = {(await stores.tokens.mint({}, "same")).secret.get_secret_value() for _ in range(5)}

    assert len(secrets) == len(await stores.tokens.list()) == 5


async def test_a_revoked_token_is_nobodys(stores: Stores) -> None:
    gone = await stores.tokens.mint({ONE: Role.VIEWER}, "gone")
    kept = await stores.tokens.mint({ONE: Role.VIEWER}, "kept")

    assert await stores.tokens.revoke(gone.token.id)

    assert await stores.tokens.find(gone.secret.get_secret_value()) is None
    assert await stores.tokens.find(kept.secret.get_secret_value())
    assert not await stores.tokens.revoke(gone.token.id)


async def test_a_token_loses_its_role_in_one_account_and_goes_with_the_last(
    stores: Stores,
) -> None:
    made = await stores.tokens.mint({ONE: Role.ADMIN, TWO: Role.OPERATOR}, "two")
    secret = made.secret.get_secret_value()

    assert await stores.tokens.revoke(made.token.id, [ONE])
    left = await stores.tokens.find(secret)
    assert await stores.tokens.revoke(made.token.id, [ONE, TWO])

    assert left
    assert left.roles == {TWO: Role.OPERATOR}
    assert await stores.tokens.find(secret) is None
    assert await stores.tokens.list() == []


@pytest.mark.parametrize("token_id", ["", "tok-", "tok-0", "0000000000000000", "tok-'/#?"])
async def test_what_is_no_tokens_id_revokes_nothing(stores: Stores, token_id: str) -> None:
    await stores.tokens.mint({ONE: Role.VIEWER}, "kept")

    assert not await stores.tokens.revoke(token_id)

    assert len(await stores.tokens.list()) == 1


async def test_an_expired_token_opens_nothing_but_is_still_listed(
    stores: Stores, clock: HandClock
) -> None:
    """S97: a temporary token ends by itself."""
    ends = clock.now() + timedelta(hours=1)
    made = await stores.tokens.mint({ONE: Role.VIEWER}, "guest", expires_at=ends)
    secret = made.secret.get_secret_value()
    clock.moment = ends - timedelta(microseconds=1)
    assert await stores.tokens.find(secret)

    clock.moment = ends

    assert await stores.tokens.find(secret) is None
    assert [one.expires_at for one in await stores.tokens.list()] == [ends]


async def test_the_hour_of_the_last_use_is_kept_and_costs_one_write_an_hour(
    stores: Stores, clock: HandClock
) -> None:
    made = await stores.tokens.mint({ONE: Role.VIEWER}, "used")
    secret = made.secret.get_secret_value()
    assert [one.last_used_at for one in await stores.tokens.list()] == [None]
    clock.moment = datetime(2026, 11, 23, 13, 7, 9, tzinfo=UTC)

    for _ in range(3):
        await stores.tokens.find(secret)
    (first,) = [row async for row in stores.tokens._table.query(in_partition("token"))]
    await stores.tokens.find(secret)
    (second,) = [row async for row in stores.tokens._table.query(in_partition("token"))]

    (shown,) = await stores.tokens.list()
    assert shown.last_used_at == datetime(2026, 11, 23, 13, tzinfo=UTC)
    assert first.etag == second.etag


async def test_a_use_and_a_revocation_at_one_moment_leave_no_token(
    stores: Stores, clock: HandClock
) -> None:
    made = await stores.tokens.mint({ONE: Role.ADMIN, TWO: Role.ADMIN}, "both")
    clock.moment = after(7_200)
    await stores.tokens.find(made.secret.get_secret_value())
    rows = [row async for row in stores.tokens._table.query(in_partition("token"))]
    await stores.tokens.revoke(made.token.id, [ONE, TWO])

    clock.moment = after(14_400)
    await stores.tokens._note_use(rows[0])

    assert await stores.tokens.list() == []


async def test_a_row_of_an_earlier_release_gives_its_one_role_in_each_of_its_accounts(
    stores: Stores, clock: HandClock
) -> None:
    earlier = {
        "id": "tok-0000000000000000",
        "name": "laptop",
        "role": "operator",
        "account_ids": [ONE, TWO],
        "created_at": clock.now().isoformat(),
    }
    values = json_values("token", earlier)
    await stores.tokens._table.write(Write(Mode.INSERT, "token", "0" * 64, values))

    (token,) = await stores.tokens.list()

    assert token.roles == {ONE: Role.OPERATOR, TWO: Role.OPERATOR}
    assert (token.expires_at, token.owner) == (None, "")


async def test_an_earlier_release_reads_the_least_of_a_tokens_roles(stores: Stores) -> None:
    await stores.tokens.mint({ONE: Role.ADMIN, TWO: Role.VIEWER}, "mixed")

    (row,) = [row async for row in stores.tokens._table.query(in_partition("token"))]

    text = str(row.values["token"])
    assert '"role":"viewer"' in text
    assert '"account_ids":["act-00000001","act-00000002"]' in text
    assert Token.model_validate_json(text).roles == {ONE: Role.ADMIN, TWO: Role.VIEWER}


@pytest.mark.parametrize("has", list(Role))
@pytest.mark.parametrize("wanted", list(Role))
def test_each_role_may_what_the_lesser_ones_may(has: Role, wanted: Role) -> None:
    order = [Role.VIEWER, Role.OPERATOR, Role.ADMIN]

    assert has.allows(wanted) is (order.index(has) >= order.index(wanted))
