"""A login's life: replaced, closed, about to lapse, lapsed, lost, cut short."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError

from activities.azure.clients import RETIRED_FOR
from activities.azure.errors import answering
from activities.azure.logins import LOOK_S
from shared.contracts.base import Refused
from tests.api.harness import ACCOUNT
from tests.api.office import (
    CLIENT,
    CREDENTIALS,
    ENDS,
    GOOD,
    SECOND,
    SECRET,
    VALIDATION,
    Office,
    office,
)
from tests.simulator import SUBSCRIPTION

__all__ = ["office"]


async def test_a_new_secret_replaces_the_old_one_everywhere_within_a_minute(
    office: Office,
) -> None:
    """S96."""
    await office.api.call("POST", CREDENTIALS, GOOD)
    first = await office.caller_seen()
    await office.application(secrets={SECOND: None})

    await office.api.call("POST", CREDENTIALS, GOOD | {"clientSecret": SECOND})
    assert await office.caller_seen() == first  # what was read is believed for a minute
    await office.clock.sleep(LOOK_S)
    second = await office.caller_seen()

    assert second != first
    assert list(office.kept.secrets.names()) == [second]
    assert (await office.account()).unnamed == {}
    assert len(office.clients._retired) == 1


async def test_clients_of_an_old_secret_are_closed_when_nothing_can_use_them(
    office: Office,
) -> None:
    for secret in (SECRET, SECOND, SECRET):
        await office.application(secrets={secret: None})
        await office.api.call("POST", CREDENTIALS, GOOD | {"clientSecret": secret})
        await office.caller_seen()
        await office.clock.sleep(RETIRED_FOR.total_seconds())

    await office.api.call("DELETE", CREDENTIALS)
    await office.clock.sleep(LOOK_S)

    assert await office.caller_seen() == "managed identity"
    assert len(office.clients._retired) == 1


async def test_a_lapsed_secret_is_shown_said_and_stops_an_operation_in_plain_words(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """S96."""
    await office.api.call("POST", CREDENTIALS, GOOD)
    ends = office.clock.now() + timedelta(days=400)
    await office.application(secrets={SECRET: ends.isoformat()})
    office.clock.moment = ends
    office.azure.world.clock = office.clock
    caplog.set_level(logging.WARNING)

    @answering
    async def work() -> None:
        clients = await office.clients.of(SUBSCRIPTION, ACCOUNT)
        [one async for one in clients.compute.disks.list()]

    outcome = await work()

    assert (await office.api.call("GET", CREDENTIALS)).items[0]["isLapsed"] is True
    (listed,) = [
        one
        for one in (await office.api.call("GET", "/setup/account")).items
        if one["id"] == ACCOUNT
    ]
    assert (listed["isLoginLapsed"], listed["loginExpiresAt"]) == (True, ENDS)
    assert isinstance(outcome, Refused)
    assert outcome.code == "AuthenticationFailed"
    for said in (ACCOUNT, CLIENT, "2027-06-30", "AADSTS7000222", "set the account's credentials"):
        assert said in outcome.message
    assert "account.secret_lapses" in [one.message for one in caplog.records]
    assert SECRET not in repr(outcome) + caplog.text


async def test_a_secret_that_ends_within_a_month_is_warned_of_once_a_day(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    """S96."""
    caplog.set_level(logging.WARNING)
    soon = (office.clock.now() + timedelta(days=20)).isoformat()
    await office.api.call("POST", CREDENTIALS, GOOD | {"expirationDate": soon})

    for _ in range(30):
        await office.clients.of(SUBSCRIPTION, ACCOUNT)
        await office.clock.sleep(3_600)

    assert [one.message for one in caplog.records] == ["account.secret_lapses"] * 2


async def test_a_secret_that_the_store_has_lost_stops_with_advice(office: Office) -> None:
    await office.api.call("POST", CREDENTIALS, GOOD)
    for name in office.kept.secrets.names():
        await office.kept.secrets.delete(name)

    with pytest.raises(ClientAuthenticationError, match="set the account's credentials anew"):
        await office.clients.of(SUBSCRIPTION, ACCOUNT)
    assert (await office.api.call("POST", VALIDATION)).codes == ["SECRET_LOST"]


@pytest.mark.parametrize("broken_at", ["secrets", "accounts"])
async def test_a_call_cut_short_leaves_a_note_and_the_next_change_sweeps(
    office: Office, broken_at: str
) -> None:
    calls = 0

    async def cut(call: Any) -> None:
        nonlocal calls
        calls += call.table == broken_at and call.verb == "write"
        if calls == (1 if broken_at == "secrets" else 2):
            raise RuntimeError("killed")

    office.kept.after = cut
    assert (await office.api.call("POST", CREDENTIALS, GOOD)).status == 500
    office.kept.after = None
    assert len(office.kept.secrets.names()) == 1
    await office.clock.sleep(3_600)

    await office.api.call("POST", CREDENTIALS, GOOD | {"clientSecret": SECOND})

    account = await office.account()
    assert account.credential is not None
    assert office.kept.secrets.names() == (account.credential.secret_ref,)
    assert account.unnamed == {}
