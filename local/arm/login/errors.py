"""Entra ID's words. Source: Entra docs, identity-platform/reference-error-codes."""

from local.arm.wire import Json, Reply


def unknown_tenant(tenant: str) -> Reply:
    """No such directory."""
    text = (
        f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are "
        "signing into the correct cloud. Check with your subscription administrator, this may "
        "happen if there are no active subscriptions for the tenant."
    )
    return _refusal(400, "invalid_request", 90002, text)


def unknown_application(client_id: str, tenant: str) -> Reply:
    """No such application in the directory."""
    text = (
        f"Application with identifier '{client_id}' was not found in the directory '{tenant}'. "
        "This can happen if the application has not been installed by the administrator of the "
        "tenant or consented to by any user in the tenant. You may have sent your authentication "
        "request to the wrong tenant."
    )
    return _refusal(400, "unauthorized_client", 700016, text)


def disabled(client_id: str) -> Reply:
    """The application is switched off."""
    return _refusal(400, "unauthorized_client", 7000112, f"Application '{client_id}' is disabled.")


def wrong_secret(client_id: str) -> Reply:
    """Not a secret of the application."""
    text = (
        "Invalid client secret provided. Ensure the secret being sent in the request is the client "
        f"secret value, not the client secret ID, for a secret added to app '{client_id}'."
    )
    return _refusal(401, "invalid_client", 7000215, text)


def lapsed_secret(client_id: str) -> Reply:
    """The secret has ended."""
    text = (
        f"The provided client secret keys for app '{client_id}' are expired. Visit the Azure "
        "portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using "
        "certificate credentials for added security: https://aka.ms/certCreds."
    )
    return _refusal(401, "invalid_client", 7000222, text)


def bad_request(what: str) -> Reply:
    """The request is not one for a token."""
    text = f"The request body must contain the following parameter: '{what}'."
    return _refusal(400, "invalid_request", 900144, text)


def _refusal(status: int, error: str, code: int, text: str) -> Reply:
    body: Json = {
        "error": error,
        "error_description": f"AADSTS{code}: {text}",
        "error_codes": [code],
        "error_uri": f"https://login.microsoftonline.com/error?code={code}",
    }
    return Reply(status, body)
