"""What each call about accounts, their logins and API tokens does."""

from collections.abc import Mapping
from typing import Final

from triggers.body import read_json, read_optional_json
from triggers.call import Call, Handler
from triggers.envelope import Found

CREDENTIALS: Final = "spotinst:azure:credentials"
ACCOUNT: Final = "spotinst:account"
COMMITMENT: Final = "mooring:commitment"
TOKEN: Final = "mooring:token"  # noqa: S105 - a kind of item


async def _accounts(call: Call) -> Found:
    wanted = call.request.params.get("cloudAccountId")
    return Found(await call.services.account_commands.list(call.caller.token, wanted), ACCOUNT)


async def _credentials(call: Call) -> Found:
    shown = await call.services.account_commands.credentials(call.caller.account_id)
    return Found([shown], CREDENTIALS)


async def _set_credentials(call: Call) -> Found:
    body = read_json(call.request)
    await call.services.account_commands.set_credentials(call.caller.account_id, body)
    return Found(kind=CREDENTIALS)


async def _drop_credentials(call: Call) -> Found:
    await call.services.account_commands.drop_credentials(call.caller.account_id)
    return Found(kind=CREDENTIALS)


async def _validate_credentials(call: Call) -> Found:
    body = read_optional_json(call.request)
    await call.services.account_commands.validate(call.caller.account_id, body)
    return Found(kind=CREDENTIALS)


async def _set_tenant_credentials(call: Call) -> Found:
    body = read_json(call.request)
    await call.services.account_commands.set_tenant_credentials(call.caller.account_id, body)
    return Found(kind=CREDENTIALS)


async def _validate_tenant_credentials(call: Call) -> Found:
    body = read_json(call.request)
    await call.services.account_commands.validate_tenant(call.caller.account_id, body)
    return Found(kind=CREDENTIALS)


async def _commitments(call: Call) -> Found:
    found = await call.services.account_commands.commitments(call.caller.account_id)
    return Found(found, COMMITMENT)


async def _make_token(call: Call) -> Found:
    made = await call.services.token_commands.create(call.caller.token, read_json(call.request))
    return Found([made], TOKEN)


async def _tokens(call: Call) -> Found:
    return Found(await call.services.token_commands.list(call.caller.token), TOKEN)


async def _revoke_token(call: Call) -> Found:
    token_id = call.found.parameters["tokenId"]
    await call.services.token_commands.revoke(call.caller.token, token_id)
    return Found(kind=TOKEN)


async def _revoke_tokens_of(call: Call) -> Found:
    owner = call.request.params.get("owner", "")
    count = await call.services.token_commands.revoke_all_of(call.caller.token, owner)
    return Found([{"owner": owner, "revoked": count}], TOKEN)


async def _caller(call: Call) -> Found:
    shown = call.services.token_commands.caller(call.caller.token)
    return Found([shown | {"accountId": call.caller.account_id}], TOKEN)


HANDLERS: Final[Mapping[str, Handler]] = {
    "ListAccounts": _accounts,
    "SetCloudCredentialsForAzure": _set_credentials,
    "GetCloudCredentialsForAzure": _credentials,
    "ValidateCloudCredentialsForAzure": _validate_credentials,
    "SetTenantCredentials": _set_tenant_credentials,
    "ValidateTenantCredentials": _validate_tenant_credentials,
    "mooringListCommitments": _commitments,
    "mooringDropCredentials": _drop_credentials,
    "mooringCreateToken": _make_token,
    "mooringListTokens": _tokens,
    "mooringRevokeToken": _revoke_token,
    "mooringRevokeTokensOfOwner": _revoke_tokens_of,
    "mooringGetCaller": _caller,
}
