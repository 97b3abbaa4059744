"""API tokens by API: made, listed, ended, and never beyond what the asker may."""

import json
import logging
from typing import Any

import pytest

from services.call_budget import CallBudget
from store.tokens import Role
from tests.api.harness import ACCOUNT, OTHER_ACCOUNT, PATH, STRANGE_ACCOUNT, Api
from tests.store.worlds import HandClock

TOKENS = "/mooring/tokens"


@pytest.fixture
async def admin(api: Api) -> Api:
    """An admin of one account, and a viewer of the other."""
    return await api.as_({ACCOUNT: Role.ADMIN, OTHER_ACCOUNT: Role.VIEWER}, owner="boss")


async def ids(api: Api) -> list[str]:
    return [one.id for one in await api.stores.tokens.list()]


def wanted(**changes: Any) -> dict[str, Any]:
    return {"token": {"name": "nightly", "roles": {ACCOUNT: "operator"}} | changes}


async def test_a_token_is_made_told_once_and_works(api: Api, admin: Api) -> None:
    """S97."""
    body = wanted(owner="ci", expiresAt="2027-01-31")
    made = await admin.call("POST", TOKENS, body)

    secret = made.items[0].pop("token")
    made_id = made.items[0]["id"]
    nightly = Api(api.services, api.stores, api.starts, secret)
    used = await nightly.call("GET", PATH)
    listed = (await admin.call("GET", TOKENS)).items
    assert made.items[0] == {
        "id": made_id,
        "name": "nightly",
        "owner": "ci",
        "roles": {ACCOUNT: "operator"},
        "createdAt": "2026-11-23T12:00:00.000Z",
        "expiresAt": "2027-01-31T00:00:00.000Z",
        "isExpired": False,
        "lastUsedAt": None,
    }
    assert used.status == 200
    assert [one["lastUsedAt"] for one in listed if one["id"] == made_id] == [
        "2026-11-23T12:00:00.000Z"
    ]
    assert secret not in json.dumps(listed)


async def test_who_asks_sees_tokens_of_the_accounts_he_administers_and_their_roles_there(
    api: Api, admin: Api
) -> None:
    await api.as_({OTHER_ACCOUNT: Role.ADMIN})
    shared = await api.as_({ACCOUNT: Role.VIEWER, OTHER_ACCOUNT: Role.ADMIN}, owner="shared")

    listed = (await admin.call("GET", TOKENS)).items

    owners = {one["owner"]: one["roles"] for one in listed}
    assert owners["shared"] == {ACCOUNT: "viewer"}
    assert owners["boss"] == {ACCOUNT: "admin"}
    assert {tuple(one["roles"]) for one in listed} == {(ACCOUNT,)}
    mine = (await shared.call("GET", f"{TOKENS}?accountId={OTHER_ACCOUNT}")).items
    assert {tuple(one["roles"]) for one in mine} == {(OTHER_ACCOUNT,)}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "token.name"),
        ({"name": " x"}, "token.name"),
        ({"name": "x" * 101}, "token.name"),
        ({"roles": {}}, "token.roles"),
        ({"roles": [ACCOUNT]}, "token.roles"),
        ({"roles": None}, "token.roles"),
        ({"roles": {ACCOUNT: "king"}}, f"token.roles.{ACCOUNT}"),
        ({"roles": {"act-1": "admin"}}, "token.roles.act-1.[key]"),
        ({"expiresAt": "2020-01-01"}, "token.expiresAt"),
        ({"expiresAt": "2026-11-23T12:00:00Z"}, "token.expiresAt"),
        ({"expiresAt": 7}, "token.expiresAt"),
        ({"expiresAt": "9999-12-31T23:59:59-14:00"}, "token.expiresAt"),
        ({"id": "tok-1"}, "token.id"),
        ({"owner": ""}, "token.owner"),
    ],
)
async def test_a_bad_request_for_a_token_makes_none(
    admin: Api, changes: dict[str, Any], field: str
) -> None:
    before = await ids(admin)

    answer = await admin.call("POST", TOKENS, wanted(**changes))

    assert (answer.status, answer.fields) == (400, [field])
    assert await ids(admin) == before


async def test_nobody_gives_a_role_where_he_is_no_admin(admin: Api) -> None:
    before = await ids(admin)

    for account_id in (OTHER_ACCOUNT, STRANGE_ACCOUNT):
        answer = await admin.call("POST", TOKENS, wanted(roles={account_id: "viewer"}))
        assert (answer.status, answer.codes) == (403, ["FORBIDDEN"])
        assert answer.fields == [f"token.roles.{account_id}"]

    assert await ids(admin) == before


async def test_an_account_that_is_not_connected_gets_no_token(api: Api) -> None:
    admin = await api.as_({ACCOUNT: Role.ADMIN, STRANGE_ACCOUNT: Role.ADMIN})

    answer = await admin.call("POST", TOKENS, wanted(roles={STRANGE_ACCOUNT: "viewer"}))

    assert (answer.status, answer.fields) == (400, [f"token.roles.{STRANGE_ACCOUNT}"])


async def test_a_revoked_token_opens_nothing_more_and_a_repeat_finds_none(
    api: Api, admin: Api
) -> None:
    made = (await admin.call("POST", TOKENS, wanted())).items[0]
    nightly = Api(api.services, api.stores, api.starts, made["token"])
    assert (await nightly.call("GET", PATH)).status == 200

    revoked = await admin.call("DELETE", f"{TOKENS}/{made['id']}")

    again = await admin.call("DELETE", f"{TOKENS}/{made['id']}")
    assert (revoked.status, revoked.items) == (200, [])
    assert (await nightly.call("GET", PATH)).status == 401
    assert (again.status, again.codes) == (400, ["TOKEN_DOES_NOT_EXIST"])


async def test_a_token_is_revoked_only_where_the_asker_is_an_admin(api: Api, admin: Api) -> None:
    shared = await api.as_({ACCOUNT: Role.OPERATOR, OTHER_ACCOUNT: Role.OPERATOR}, owner="both")
    foreign = await api.as_({OTHER_ACCOUNT: Role.OPERATOR}, owner="foreign")
    known = {one.owner: one.id for one in await api.stores.tokens.list()}

    answer = await admin.call("DELETE", f"{TOKENS}/{known['both']}")
    refused = await admin.call("DELETE", f"{TOKENS}/{known['foreign']}")

    assert (answer.status, refused.codes) == (200, ["TOKEN_DOES_NOT_EXIST"])
    assert (await shared.call("GET", f"{PATH}?accountId={ACCOUNT}")).status == 403
    assert (await shared.call("GET", f"{PATH}?accountId={OTHER_ACCOUNT}")).status == 200
    assert (await foreign.call("GET", PATH)).status == 200


async def test_the_tokens_of_one_owner_end_together(api: Api, admin: Api) -> None:
    """S97: personal tokens die with their person."""
    his = [await api.as_({ACCOUNT: Role.VIEWER}, owner="him") for _ in range(3)]
    other = await api.as_({ACCOUNT: Role.VIEWER}, owner="her")

    answer = await admin.call("DELETE", f"{TOKENS}?owner=him")

    assert answer.items == [{"owner": "him", "revoked": 3}]
    assert {(await one.call("GET", PATH)).status for one in his} == {401}
    assert (await other.call("GET", PATH)).status == 200
    assert (await admin.call("DELETE", TOKENS)).fields == ["owner"]


async def test_a_caller_reads_what_it_may(api: Api) -> None:
    viewer = await api.as_({OTHER_ACCOUNT: Role.VIEWER}, owner="me")

    (shown,) = (await viewer.call("GET", "/mooring/caller")).items

    assert shown["roles"] == {OTHER_ACCOUNT: "viewer"}
    assert (shown["accountId"], shown["owner"]) == (OTHER_ACCOUNT, "me")


async def test_every_change_and_every_refusal_leaves_a_line_in_the_log(
    api: Api, admin: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="triggers.trail")
    made = (await admin.call("POST", TOKENS, wanted())).items[0]
    await admin.call("GET", f"{TOKENS}?owner=secret")
    await api.call("GET", "/azure/setup/credentials?x=secret")
    await api.call("GET", PATH, Authorization="Bearer secret")
    await admin.call("DELETE", f"{TOKENS}/tok-0000000000000000")

    lines = [vars(one) for one in caplog.records if one.message == "api.call"]
    seen = [(one["route"], one["status"], one["codes"], one["account"]) for one in lines]
    assert seen == [
        ("mooringCreateToken", 200, "", ACCOUNT),
        ("GetCloudCredentialsForAzure", 403, "FORBIDDEN", ""),
        ("azureStatefulNodeGetAll", 401, "UNAUTHORIZED", ""),
        ("mooringRevokeToken", 400, "TOKEN_DOES_NOT_EXIST", ACCOUNT),
    ]
    assert lines[0]["token"].startswith("tok-")
    assert made["token"] not in repr(lines)
    assert "secret" not in repr([one["path"] for one in lines])


async def test_one_tokens_calls_do_not_use_up_anothers(clock: HandClock) -> None:
    budget = CallBudget(clock, calls_per_s=1, burst=2)

    spent = [budget.spend("a") for _ in range(3)]

    assert spent == [0, 0, 1]
    assert budget.spend("b") == 0


def test_the_budget_remembers_a_bounded_number_of_tokens(clock: HandClock) -> None:
    budget = CallBudget(clock, burst=1, callers_max=3)

    for caller in "abcda":
        budget.spend(caller)

    assert list(budget._left) == ["c", "d", "a"]
    assert budget.spend("d") > 0


async def test_a_token_beyond_its_budget_is_told_so_even_where_it_may_nothing(
    api: Api,
) -> None:
    services = await api.services()
    services.budget.burst = 2
    closed = await api.as_({STRANGE_ACCOUNT: Role.VIEWER})

    statuses = [(await closed.call("GET", PATH)).status for _ in range(3)]

    assert statuses == [403, 403, 429]
