"""Who may call what: every route against every kind of caller, from the route table itself."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from store.tokens import Role
from tests.api.harness import ACCOUNT, OTHER_ACCOUNT, PATH, STRANGE_ACCOUNT, Api
from tests.store.worlds import HandClock
from tests.unit.model.documents import body
from triggers.routes import ROUTES, Route

AsCaller = Callable[[Api, HandClock], Awaitable[Api]]


async def nobody(api: Api, _clock: HandClock) -> Api:
    return replace(api, token="")


async def garbage(api: Api, _clock: HandClock) -> Api:
    return replace(api, token="mrg_" + "x" * 43)


async def revoked(api: Api, _clock: HandClock) -> Api:
    caller = await api.as_({ACCOUNT: Role.ADMIN}, owner="revoked")
    for one in await api.stores.tokens.list():
        if one.owner == "revoked":
            await api.stores.tokens.revoke(one.id)
    return caller


async def expired(api: Api, clock: HandClock) -> Api:
    ends = clock.now() + timedelta(hours=1)
    caller = await api.as_({ACCOUNT: Role.ADMIN}, expires_at=ends)
    clock.moment = ends
    return caller


def with_role(role: Role) -> AsCaller:
    async def caller(api: Api, _clock: HandClock) -> Api:
        return await api.as_({ACCOUNT: role})

    return caller


async def elsewhere(api: Api, _clock: HandClock) -> Api:
    """An admin, but of another account."""
    return await api.as_({OTHER_ACCOUNT: Role.ADMIN})


async def mixed(api: Api, _clock: HandClock) -> Api:
    """An admin of another account, and a viewer of this one."""
    return await api.as_({OTHER_ACCOUNT: Role.ADMIN, ACCOUNT: Role.VIEWER})


CALLERS: dict[str, tuple[AsCaller, Role | int]] = {
    "no token": (nobody, 401),
    "garbage": (garbage, 401),
    "revoked": (revoked, 401),
    "expired": (expired, 401),
    "viewer": (with_role(Role.VIEWER), Role.VIEWER),
    "operator": (with_role(Role.OPERATOR), Role.OPERATOR),
    "admin": (with_role(Role.ADMIN), Role.ADMIN),
    "other account": (elsewhere, 403),
    "viewer here, admin there": (mixed, Role.VIEWER),
}
"""Each caller, and the status that all routes answer, or else the role that decides."""


def url_of(route: Route) -> str:
    path = route.path.replace("{id}", "ssn-00000000").replace("{", "").replace("}", "")
    return f"/{path}?accountId={ACCOUNT}"


@pytest.mark.parametrize("caller", CALLERS)
async def test_every_route_is_closed_to_whoever_may_not_call_it(
    api: Api, clock: HandClock, caller: str
) -> None:
    """S97, R2."""
    make, expected = CALLERS[caller]
    asking = await make(api, clock)
    for route in ROUTES:
        before = api.stores and await snapshot(api)
        answer = await asking.call(route.method, url_of(route), {})
        at = f"{caller} on {route.name}"

        if isinstance(expected, int):
            assert answer.status == expected, at
        elif expected.allows(route.role):
            assert answer.status not in (401, 403), at
            assert answer.status != 500 or answer.codes == ["UNAVAILABLE"], at  # no Azure here
        else:
            assert answer.status == 403, at
            assert f"needs role {route.role}" in answer.errors[0]["message"], at
        if answer.status in (401, 403):
            assert answer.codes == ["UNAUTHORIZED" if answer.status == 401 else "FORBIDDEN"], at
            assert await snapshot(api) == before, at
        assert ("WWW-Authenticate" in answer.headers) is (answer.status == 401), at


async def snapshot(api: Api) -> list[object]:
    """Return what a refused call must leave as it is."""
    return [
        [one.model_dump() for one in await api.stores.tokens.list()],
        [one.model_dump() for one in await api.stores.accounts.list()],
        [one.model_dump() for one in await api.stores.nodes.list(ACCOUNT)],
    ]


@pytest.mark.parametrize(
    "sent", ["", "Basic abc", "Bearer", "Bearer ", "bearer nonsense", "Bearer " + "x" * 10_000]
)
async def test_what_is_no_bearer_token_is_401(api: Api, sent: str) -> None:
    answer = await api.call("GET", PATH, Authorization=sent)

    assert (answer.status, answer.codes) == (401, ["UNAUTHORIZED"])


async def test_the_scheme_is_read_without_case(api: Api) -> None:
    assert (await api.call("GET", PATH, Authorization=f"bEaReR  {api.token}")).status == 200


async def test_an_unknown_route_is_told_without_a_token(api: Api) -> None:
    assert (await api.call("GET", "/nowhere", Authorization="")).status == 404


async def test_an_account_beyond_the_token_is_403_and_none_means_the_default(api: Api) -> None:
    """R2."""
    second = await api.as_({OTHER_ACCOUNT: Role.OPERATOR})
    await second.created(body())

    assert (await second.call("GET", f"{PATH}?accountId={ACCOUNT}")).status == 403
    assert (await api.call("GET", f"{PATH}?accountId={STRANGE_ACCOUNT}")).fields == ["accountId"]
    assert len((await second.call("GET", PATH)).items) == 1
    assert (await api.call("GET", PATH)).items == []
    assert len((await api.call("GET", f"{PATH}?accountId={OTHER_ACCOUNT}")).items) == 1


async def test_a_node_of_another_account_is_none_of_this_ones(api: Api) -> None:
    node_id = await api.created(body())
    there = f"?accountId={OTHER_ACCOUNT}"

    answers = [
        await api.call("GET", f"{PATH}/{node_id}{there}"),
        await api.call("GET", f"{PATH}/{node_id}/status{there}"),
        await api.call("PUT", f"{PATH}/{node_id}{there}", {"statefulNode": {"name": "x"}}),
    ]

    assert {tuple(one.codes) for one in answers} == {
        ("GROUP_DOESNT_EXIST", "STATEFUL_NODE_DOES_NOT_EXIST")
    }


async def test_a_token_for_an_account_that_is_gone_opens_nothing(api: Api) -> None:
    nowhere = await api.as_({STRANGE_ACCOUNT: Role.ADMIN})

    assert (await nowhere.call("GET", PATH)).status == 403


def test_a_route_that_names_no_role_is_for_admins() -> None:
    assert Route("new", "GET", "somewhere").role is Role.ADMIN
