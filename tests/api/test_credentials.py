"""Who speaks to Azure for an account: set, shown, tried. Entra ID is the simulator's."""

from typing import Any

import pytest

from activities.azure.logins import LOOK_S
from store.tokens import Role
from tests.api.harness import ACCOUNT
from tests.api.office import CLIENT, CREDENTIALS, GOOD, SECRET, TENANT, VALIDATION, Office, office
from tests.simulator import SUBSCRIPTION

__all__ = ["office"]


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


def reservation(name: str, **changes: Any) -> dict[str, Any]:
    properties = {
        "reservedResourceType": "VirtualMachines",
        "displayName": name,
        "provisioningState": "Succeeded",
        "quantity": 4,
        "expiryDateTime": "2027-12-31T00:00:00Z",
        "utilization": {
            "aggregates": [{"grain": 1.0, "value": 50.0}, {"grain": 7.0, "value": 75.0}]
        },
    }
    order = "/providers/microsoft.capacity/reservationOrders/o"
    return {
        "id": f"{order}/reservations/{name}",
        "sku": {"name": "Standard_D2s_v5"},
        "location": "eastus",
        "properties": properties | changes,
    }


BOUGHT = {
    "reservations": [
        reservation("web"),
        reservation("sql", reservedResourceType="SqlDatabases"),
        reservation("old", provisioningState="Expired"),
        reservation("db", utilization=None),
    ],
    "savingsPlans": [
        {
            "id": "/providers/microsoft.billingbenefits/savingsPlanOrders/o/savingsPlans/p",
            "properties": {
                "displayName": "plan",
                "provisioningState": "Succeeded",
                "commitment": {"currencyCode": "USD", "amount": 0.5, "grain": "Hourly"},
            },
        }
    ],
}


async def test_what_the_tenant_has_bought_is_read_with_its_credentials(office: Office) -> None:
    """Reservations of VMs and savings plans that are in force, over all pages."""
    await office.azure.send("PUT", "/_world/commitments", BOUGHT)
    tenant = {name: value for name, value in GOOD.items() if name != "subscriptionId"}
    url = "/azure/setup/tenant/commitments"
    before = await office.api.call("GET", url)
    await office.api.call("POST", TENANT, tenant)

    found = await office.api.call("GET", url)

    assert before.codes == ["TENANT_CREDENTIALS_MISSING"]
    assert [(one["name"], one["quantity"], one["usedPercent"]) for one in found.items] == [
        ("web", 4, 75.0),
        ("db", 4, None),
        ("plan", None, None),
    ]
    assert found.items[0]["vmSize"] == "Standard_D2s_v5"
    assert (found.items[2]["perHour"], found.items[2]["currency"]) == (0.5, "USD")
    assert office.azure.world.calls.unknown == {}


async def test_tenant_credentials_that_azure_refuses_are_told_in_its_words(office: Office) -> None:
    tenant = {name: value for name, value in GOOD.items() if name != "subscriptionId"}
    await office.api.call("POST", TENANT, tenant)
    await office.application(secrets={})

    found = await office.api.call("GET", "/azure/setup/tenant/commitments")

    assert found.codes == ["CREDENTIALS_REFUSED"]
    assert "AADSTS7000215" in found.errors[0]["message"]
    assert SECRET not in repr(found)


async def test_the_default_account_is_the_one_that_calls_without_one_mean(office: Office) -> None:
    """R2: the marked one, else the oldest; said so even where none is marked."""
    await office.api.stores.accounts.change(
        ACCOUNT, lambda one: one.model_copy(update={"is_default": False})
    )

    listed = (await office.api.call("GET", "/setup/account")).items
    meant = (await office.api.call("GET", "/mooring/caller")).items[0]["accountId"]

    assert [one["id"] for one in listed if one["isDefault"]] == [meant]
