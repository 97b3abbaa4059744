"""Who speaks to Azure for an account: set, shown, tried, lapsed. Entra ID is the simulator's."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError

from activities.azure.clients import RETIRED_FOR, AzureClients
from activities.azure.errors import answering
from activities.azure.logins import LOOK_S, AccountLogins
from shared.contracts.base import Refused
from shared.model.ids import AccountId
from shared.settings import Settings
from store.accounts import Account
from store.memory import Database
from store.stores import Stores
from store.tokens import Role
from tests.api.harness import ACCOUNT, Api, open_api
from tests.simulator import SUBSCRIPTION, Azure, start
from tests.store.worlds import NOON, HandClock

CREDENTIALS = "/azure/setup/credentials"
VALIDATION = f"{CREDENTIALS}/validation"
TENANT = "/azure/setup/tenant/credentials"
CLIENT = "c11e0000-0000-4000-8000-000000000001"
DIRECTORY = "7e4a4000-0000-4000-8000-000000000000"
SECRET = "abc-first-secret-of-forty-characters-0001"  # noqa: S105 - opens the simulator alone
SECOND = "abd-second-secret-of-forty-characters-002"
ENDS = "2027-06-30T00:00:00.000Z"
GOOD = {
    "clientId": CLIENT,
    "clientSecret": SECRET,
    "tenantId": DIRECTORY,
    "subscriptionId": SUBSCRIPTION,
    "expirationDate": ENDS,
}


@dataclass
class Office:
    """The API for an admin, an Azure with one application, and the clients over both."""

    api: Api
    azure: Azure
    clients: AzureClients
    kept: Database
    clock: HandClock

    async def application(self, **changes: Any) -> None:
        known = {"tenant": DIRECTORY, "secrets": {SECRET: None}, "subscriptions": [SUBSCRIPTION]}
        path = f"/_world/applications/{CLIENT}"
        status, told, _ = await self.azure.send("PUT", path, known | changes)
        assert status == 200, told

    async def account(self) -> Account:
        account = await self.api.stores.accounts.get(ACCOUNT)
        assert account is not None
        return account

    async def caller_seen(self) -> str:
        """Return the application id by which Azure knows whoever our clients speak as."""
        clients = await self.clients.of(SUBSCRIPTION, ACCOUNT)
        [one async for one in clients.compute.disks.list()]
        return self.speaker or "managed identity"

    @property
    def speaker(self) -> str:
        made = self.clients._made.get((SUBSCRIPTION, ACCOUNT))
        return made.speaker if made else ""


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    kept, clock = Database(), HandClock(NOON)
    async with start() as azure:
        settings = Settings(
            tables="memory:none",
            arm_endpoint=azure.url,
            authority=azure.url,
            credential="local.credential:factory",
        )
        clients = AzureClients(settings)
        stores = Stores(kept.table, clock, kept.secrets)
        clients.sign_in_by(AccountLogins(stores.accounts, stores.secrets, clock))
        api = await open_api(stores, clock, Role.ADMIN, clients)
        account = Account(
            id=AccountId(ACCOUNT), name="first", subscription_id=SUBSCRIPTION, is_default=True
        )
        await stores.accounts.put(account)
        made = Office(api, azure, clients, kept, clock)
        await made.application()
        yield made
        await clients.close()


async def test_without_credentials_the_managed_identity_speaks(office: Office) -> None:
    shown = await office.api.call("GET", CREDENTIALS)

    assert shown.items == [
        {
            "clientId": None,
            "clientSecret": None,
            "tenantId": None,
            "subscriptionId": SUBSCRIPTION,
            "expirationDate": None,
            "isLapsed": False,
        }
    ]
    assert shown.body["response"]["kind"] == "spotinst:azure:credentials"
    assert (await office.api.call("POST", VALIDATION)).status == 200
    assert await office.caller_seen() == "managed identity"


async def test_credentials_are_kept_shown_masked_and_used(office: Office) -> None:
    """S95."""
    answer = await office.api.call("POST", CREDENTIALS, GOOD)

    shown = (await office.api.call("GET", CREDENTIALS)).items[0]
    account = await office.account()
    assert (answer.status, answer.items) == (200, [])
    assert shown == GOOD | {"clientSecret": "abc****", "isLapsed": False}
    assert account.credential is not None
    assert await office.caller_seen() == account.credential.secret_ref
    assert SECRET not in repr(office.kept.rows())
    assert list(office.kept.secrets.names()) == [account.credential.secret_ref]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"subscriptionId": "0a1b2c3d-0000-4000-8000-00000000d0d0"}, "subscriptionId"),
        ({"clientId": "me"}, "clientId"),
        ({"clientSecret": ""}, "clientSecret"),
        ({"clientSecret": 7}, "clientSecret"),
        ({"tenantId": None}, "tenantId"),
        ({"expirationDate": "soon"}, "expirationDate"),
        ({"password": "x"}, "password"),
    ],
)
async def test_bad_credentials_are_refused_by_field_and_nothing_is_kept(
    office: Office, changes: dict[str, Any], field: str
) -> None:
    before = await office.account()

    answer = await office.api.call("POST", CREDENTIALS, GOOD | changes)

    assert (answer.status, answer.fields) == (400, [field])
    assert await office.account() == before
    assert office.kept.secrets.names() == ()


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


async def test_the_mask_sent_back_keeps_the_secret_and_moves_its_end(office: Office) -> None:
    """S96: the expiry can be edited."""
    await office.api.call("POST", CREDENTIALS, GOOD)
    shown = (await office.api.call("GET", CREDENTIALS)).items[0]
    shown.pop("isLapsed")

    answer = await office.api.call(
        "POST", CREDENTIALS, shown | {"expirationDate": "2028-01-01T00:00:00Z"}
    )

    shown = (await office.api.call("GET", CREDENTIALS)).items[0]
    assert answer.status == 200
    assert (shown["clientSecret"], shown["expirationDate"]) == (
        "abc****",
        "2028-01-01T00:00:00.000Z",
    )
    await office.clock.sleep(LOOK_S)
    assert await office.caller_seen()


async def test_dropped_credentials_leave_no_secret_behind(office: Office) -> None:
    await office.api.call("POST", CREDENTIALS, GOOD)

    for _ in range(2):
        assert (await office.api.call("DELETE", CREDENTIALS)).status == 200

    assert office.kept.secrets.names() == ()
    assert (await office.api.call("GET", CREDENTIALS)).items[0]["clientId"] is None


REFUSALS = [
    pytest.param({"clientSecret": "wrong-" + SECRET}, {}, "clientSecret", "AADSTS7000215", id="no"),
    pytest.param(
        {},
        {"secrets": {SECRET: "2020-01-01T00:00:00+00:00"}},
        "clientSecret",
        "AADSTS7000222",
        id="lapsed",
    ),
    pytest.param({"clientId": SUBSCRIPTION}, {}, "clientId", "AADSTS700016", id="no-application"),
    pytest.param({"tenantId": SUBSCRIPTION}, {}, "tenantId", "AADSTS90002", id="no-tenant"),
    pytest.param({}, {"disabled": True}, "clientId", "AADSTS7000112", id="disabled"),
    pytest.param(
        {}, {"subscriptions": []}, "subscriptionId", "does not have authorization", id="no-role"
    ),
    pytest.param(
        {"subscriptionId": CLIENT}, {}, "subscriptionId", "could not be found", id="no-subscription"
    ),
]


@pytest.mark.parametrize(("sent", "application", "field", "said"), REFUSALS)
async def test_validation_tries_the_login_and_names_what_azure_refuses(
    office: Office, sent: dict[str, Any], application: dict[str, Any], field: str, said: str
) -> None:
    """S95."""
    await office.application(**application)

    answer = await office.api.call("POST", VALIDATION, GOOD | sent)

    assert (answer.status, answer.fields) == (400, [field])
    assert said in answer.errors[0]["message"]
    assert SECRET not in repr(answer)
    assert office.kept.secrets.names() == ()


async def test_a_good_login_passes_validation_and_is_not_kept(office: Office) -> None:
    """S95."""
    answer = await office.api.call("POST", VALIDATION, GOOD)

    assert (answer.status, answer.items) == (200, [])
    assert (await office.account()).credential is None
    assert office.azure.world.calls.unknown == {}


async def test_validation_without_a_body_tries_what_is_in_force(office: Office) -> None:
    await office.api.call("POST", CREDENTIALS, GOOD)
    good = await office.api.call("POST", VALIDATION)
    await office.application(secrets={})

    bad = await office.api.call("POST", VALIDATION)

    assert good.status == 200
    assert (bad.status, bad.fields) == (400, ["clientSecret"])


async def test_an_azure_that_does_not_answer_is_said_to_be_silent(office: Office) -> None:
    await office.azure.server.stop()

    answer = await office.api.call("POST", VALIDATION, GOOD)

    assert (answer.status, answer.codes) == (400, ["AZURE_DID_NOT_ANSWER"])
    assert SECRET not in repr(answer)


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


async def test_tenant_credentials_are_kept_apart_and_tried(office: Office) -> None:
    tenant = {name: value for name, value in GOOD.items() if name != "subscriptionId"}

    tried = await office.api.call("POST", f"{TENANT}/validation", tenant)
    wrong = await office.api.call("POST", f"{TENANT}/validation", tenant | {"clientSecret": "no"})
    kept = await office.api.call("POST", TENANT, tenant)

    account = await office.account()
    assert (tried.status, kept.status, kept.items) == (200, 200, [])
    assert wrong.fields == ["clientSecret"]
    assert account.credential is None
    assert account.tenant_credential is not None
    assert office.kept.secrets.names() == (account.tenant_credential.secret_ref,)


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


async def test_accounts_are_listed_as_far_as_the_token_reaches(office: Office) -> None:
    """R2."""
    every = await office.api.call("GET", "/setup/account")
    one = await office.api.call("GET", f"/setup/account?cloudAccountId={SUBSCRIPTION.upper()}")
    viewer = await office.api.as_({ACCOUNT: Role.VIEWER})

    mine = await viewer.call("GET", "/setup/account")

    assert len(every.items) == 2
    assert [item["accountId"] for item in one.items] == [ACCOUNT]
    assert [(item["id"], item["role"], item["login"]) for item in mine.items] == [
        (ACCOUNT, "viewer", "managedIdentity")
    ]
    assert mine.items[0]["providerExternalId"] == SUBSCRIPTION
