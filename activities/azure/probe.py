"""Trying a login against Azure: whether it signs in, and sees what it is for."""

from dataclasses import dataclass
from typing import Final

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError
from azure.core.rest import HttpRequest

from activities.azure.clients import AzureClients
from activities.azure.errors import arm_error
from activities.azure.logins import Login, blamed

SUBSCRIPTION: Final = "/subscriptions/{id}?api-version=2022-12-01"
RESERVATIONS: Final = "/providers/Microsoft.Capacity/reservationOrders?api-version=2022-11-01"
NOWHERE: Final = "00000000-0000-0000-0000-000000000000"
"""In place of a subscription where none is asked for."""
NO_ANSWER: Final = "AZURE_DID_NOT_ANSWER"


@dataclass(frozen=True)
class Verdict:
    """What came of a trial; `field` and `message` say why it failed."""

    code: str = ""
    """Empty: all is well."""
    message: str = ""
    field: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the login works."""
        return not self.code


async def try_subscription(
    azure: AzureClients, subscription_id: str, login: Login | None
) -> Verdict:
    """Sign in and read the subscription. Changes nothing; may be repeated."""
    return await _try(azure, subscription_id, login, SUBSCRIPTION.format(id=subscription_id))


async def try_tenant(azure: AzureClients, login: Login) -> Verdict:
    """Sign in and list what the tenant has reserved. Changes nothing; may be repeated."""
    return await _try(azure, NOWHERE, login, RESERVATIONS)


async def _try(
    azure: AzureClients, subscription_id: str, login: Login | None, path: str
) -> Verdict:
    try:
        async with azure.trying(subscription_id, login) as clients:
            response = await clients.compute.send_request(HttpRequest("GET", path))
            response.raise_for_status()
    except (AzureError, ValueError) as error:  # ValueError: the SDK would not even ask
        return verdict_of(error, login)
    return Verdict()


def verdict_of(error: Exception, login: Login | None) -> Verdict:
    """Return what an error of a login's call tells of it, in Azure's words without the secret."""
    match error:
        case ClientAuthenticationError():
            field = blamed(error.message) or "clientId"
            return Verdict("CREDENTIALS_REFUSED", _scrubbed(error.message, login), field)
        case HttpResponseError():
            told = arm_error(error)
            is_ours = told.status < 500 and told.status != 429  # noqa: PLR2004 - HTTP
            code = told.code if is_ours else NO_ANSWER
            field = "subscriptionId" if is_ours else ""
            return Verdict(code, _scrubbed(told.message, login), field)
        case _:
            return Verdict(NO_ANSWER, _scrubbed(str(error), login))


def _scrubbed(message: str, login: Login | None) -> str:
    """Return a message that cannot hold the secret, whoever wrote it."""
    return message.replace(login.secret.get_secret_value(), "***") if login else message
