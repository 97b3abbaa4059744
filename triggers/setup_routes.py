"""The routes about accounts, their logins and API tokens."""

from typing import Any, Final

from services.accounts import Credentials, TenantCredentials
from services.tokens import ROOT, NewToken
from store.tokens import Role
from triggers.route import Body, Items, Query, Route
from triggers.shapes import thing

CREDENTIALS: Final = "azure/setup/credentials"
TENANT_CREDENTIALS: Final = "azure/setup/tenant/credentials"
TOKENS: Final = "mooring/tokens"
BOOLEAN: Final = {"type": "boolean"}
ROLES: Final = {
    "type": "object",
    "additionalProperties": {"enum": [role.value for role in Role]},
}
_GUID: Final = "0a1b2c3d-0000-4000-8000-00000000000{}"
_TENANT: Final[dict[str, Any]] = {
    "clientId": _GUID.format(1),
    "clientSecret": "a secret of the application",
    "tenantId": _GUID.format(2),
    "expirationDate": "2027-12-31T23:59:00.000Z",
}
_CREDENTIALS: Final = {**_TENANT, "subscriptionId": _GUID.format(3)}
_SHOWN_TOKEN: Final[dict[str, Any]] = {
    "id": "tok-0a1b2c3d4e5f6071",
    "name": "nightly builds",
    "owner": "ci",
    "roles": {"act-0a1b2c3d": "operator"},
    "createdAt": "2026-11-23T12:00:00.000Z",
    "expiresAt": "2027-11-23T12:00:00.000Z",
    "isExpired": False,
    "lastUsedAt": None,
}
_NEW_TOKEN: Final = {
    ROOT: {
        "name": "nightly builds",
        "owner": "ci",
        "roles": {"act-0a1b2c3d": "operator"},
        "expiresAt": "2027-11-23T12:00:00Z",
    }
}


def _token(more: str = "") -> dict[str, Any]:
    return thing(
        f"id name roles createdAt isExpired {more}",
        "owner expiresAt lastUsedAt",
        roles=ROLES,
        isExpired=BOOLEAN,
    )


SET_CREDENTIALS: Final = Body("Credentials", Credentials, _CREDENTIALS)
SET_TENANT: Final = Body("TenantCredentials", TenantCredentials, _TENANT)
TRY_CREDENTIALS: Final = Body("CredentialsToTry", Credentials, _CREDENTIALS, required=False)
NEW_TOKEN: Final = Body("CreateToken", NewToken, _NEW_TOKEN, under=ROOT)
SHOWN_CREDENTIALS: Final = Items(
    "ShownCredentials",
    thing(
        "subscriptionId isLapsed", "clientId clientSecret tenantId expirationDate", isLapsed=BOOLEAN
    ),
    {**_CREDENTIALS, "clientSecret": "abc****", "isLapsed": False},
)
ACCOUNT: Final = Items(
    "Account",
    thing(
        "accountId id name cloudProvider providerExternalId isDefault login isLoginLapsed role",
        "organizationId createdAt loginExpiresAt",
        isDefault=BOOLEAN,
        isLoginLapsed=BOOLEAN,
        login={"enum": ["managedIdentity", "servicePrincipal"]},
        role={"enum": [role.value for role in Role]},
    ),
    {
        "accountId": "act-0a1b2c3d",
        "id": "act-0a1b2c3d",
        "name": "production",
        "organizationId": None,
        "cloudProvider": "AZURE",
        "providerExternalId": _GUID.format(3),
        "createdAt": "2026-11-23T12:00:00.000Z",
        "isDefault": True,
        "login": "managedIdentity",
        "loginExpiresAt": None,
        "isLoginLapsed": False,
        "role": "admin",
    },
)
COMMITMENT: Final = Items(
    "Commitment",
    thing(
        "kind id name",
        "vmSize region quantity perHour currency usedPercent expiresAt",
        kind={"enum": ["reservation", "savingsPlan"]},
        quantity={"type": ["integer", "null"]},
        perHour={"type": ["number", "null"]},
        usedPercent={"type": ["number", "null"]},
    ),
    {
        "kind": "reservation",
        "id": "/providers/microsoft.capacity/reservationOrders/0a1b/reservations/2c3d",
        "name": "web servers",
        "vmSize": "Standard_D2s_v5",
        "region": "eastus",
        "quantity": 4,
        "perHour": None,
        "currency": None,
        "usedPercent": 75.0,
        "expiresAt": "2027-12-31T00:00:00Z",
    },
)
TOKEN: Final = Items("Token", _token(), _SHOWN_TOKEN)
MADE_TOKEN: Final = Items("MadeToken", _token("token"), {**_SHOWN_TOKEN, "token": "mrg_…"})
CALLER: Final = Items("Caller", _token("accountId"), {**_SHOWN_TOKEN, "accountId": "act-0a1b2c3d"})
REVOKED: Final = Items(
    "Revoked", thing("owner revoked", revoked={"type": "integer"}), {"owner": "ci", "revoked": 2}
)

SETUP_ROUTES: Final = (
    Route(
        "ListAccounts",
        "GET",
        "setup/account",
        Role.VIEWER,
        "List the accounts that the token opens",
        gives=ACCOUNT,
        queries=(Query("cloudAccountId", "only those of this subscription"),),
    ),
    Route(
        "SetCloudCredentialsForAzure",
        "POST",
        CREDENTIALS,
        Role.ADMIN,
        "Let a service principal speak for the account",
        takes=SET_CREDENTIALS,
        about="Without one the managed identity speaks. The secret sent back as its mask is kept.",
    ),
    Route(
        "GetCloudCredentialsForAzure",
        "GET",
        CREDENTIALS,
        Role.ADMIN,
        "Read who speaks for the account, the secret masked",
        gives=SHOWN_CREDENTIALS,
    ),
    Route(
        "ValidateCloudCredentialsForAzure",
        "POST",
        f"{CREDENTIALS}/validation",
        Role.ADMIN,
        "Try credentials against Azure",
        takes=TRY_CREDENTIALS,
        about="Signs in and reads the subscription. Without a body, those in force are tried.",
    ),
    Route(
        "SetTenantCredentials",
        "POST",
        TENANT_CREDENTIALS,
        Role.ADMIN,
        "Keep who may read the tenant's reservations and savings plans",
        takes=SET_TENANT,
        about="They are read with these: GET /azure/setup/tenant/commitments. No decision goes by "
        "them yet.",
    ),
    Route(
        "ValidateTenantCredentials",
        "POST",
        f"{TENANT_CREDENTIALS}/validation",
        Role.ADMIN,
        "Try tenant credentials against Azure",
        takes=Body("TenantCredentialsToTry", TenantCredentials, _TENANT),
    ),
    Route(
        "mooringListCommitments",
        "GET",
        "azure/setup/tenant/commitments",
        Role.ADMIN,
        "List the reservations and savings plans that the tenant has bought",
        gives=COMMITMENT,
        ours=True,
        about="Read with the tenant credentials. No decision goes by them yet.",
    ),
    Route(
        "mooringDropCredentials",
        "DELETE",
        CREDENTIALS,
        Role.ADMIN,
        "Let the managed identity speak for the account again",
        ours=True,
    ),
    Route(
        "mooringCreateToken",
        "POST",
        TOKENS,
        Role.ADMIN,
        "Make an API token",
        takes=NEW_TOKEN,
        gives=MADE_TOKEN,
        ours=True,
        about="Its secret is in this answer and nowhere else. Only for accounts of which the "
        "caller is an admin.",
    ),
    Route(
        "mooringListTokens",
        "GET",
        TOKENS,
        Role.ADMIN,
        "List API tokens",
        gives=TOKEN,
        ours=True,
        about="Those that open an account of which the caller is an admin, with their roles there.",
    ),
    Route(
        "mooringRevokeToken",
        "DELETE",
        f"{TOKENS}/{{tokenId}}",
        Role.ADMIN,
        "End an API token",
        ours=True,
        about="In each account of which the caller is an admin. With no role left it is gone.",
    ),
    Route(
        "mooringRevokeTokensOfOwner",
        "DELETE",
        TOKENS,
        Role.ADMIN,
        "End all API tokens of one owner",
        gives=REVOKED,
        queries=(Query("owner", "whose tokens end", required=True),),
        ours=True,
    ),
    Route(
        "mooringGetCaller",
        "GET",
        "mooring/caller",
        Role.VIEWER,
        "Read what the token of this call may do",
        gives=CALLER,
        ours=True,
    ),
)
