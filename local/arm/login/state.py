"""Applications of the tenant: their secrets, the tokens they got, and what they may reach."""

import hashlib
from datetime import datetime

from local.arm.subscription.state import TENANT
from local.arm.wire import Json
from local.arm.world import World

APPLICATIONS = "applications"
TOKENS = "tokens"
BOUGHT = "commitments"
OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"


def put(world: World, client_id: str, application: Json) -> Json:
    """Make an application known, or change it.

    `secrets` are texts with the moment each ends (null: never), `subscriptions` the ids that it
    may read and write.
    """
    kept = {
        "tenant": str(application.get("tenant", TENANT)),
        "secrets": {str(k): v for k, v in dict(application.get("secrets", {})).items()},
        "subscriptions": [str(one).lower() for one in application.get("subscriptions", [])],
        "disabled": bool(application.get("disabled", False)),
    }
    known = world.facts.get(APPLICATIONS, {})
    world.facts[APPLICATIONS] = {**known, client_id.lower(): kept}
    return kept


def find(world: World, client_id: str) -> Json | None:
    """Return what is known of an application."""
    found: Json | None = world.facts.get(APPLICATIONS, {}).get(client_id.lower())
    return found


def bought(world: World, kind: str) -> list[Json]:
    """Return what the tenant has bought ahead of a kind."""
    return list(world.facts.get(BOUGHT, {}).get(kind) or [])


def is_lapsed(world: World, ends: str | None) -> bool:
    """Tell whether a secret has ended."""
    return ends is not None and datetime.fromisoformat(ends) <= world.now


def sign_in(world: World, client_id: str, tenant: str) -> str:
    """Return a new token of an application."""
    serial = world.count("sign-ins")
    digest = hashlib.sha256(f"{world.seed}/{client_id}/{serial}".encode()).hexdigest()
    token = f"app-{digest}"
    claims = {
        "aud": "https://management.azure.com/",
        "iss": f"https://sts.windows.net/{tenant}/",
        "tid": tenant,
        "appid": client_id.lower(),
        "appidacr": "1",
        "idtyp": "app",
        OBJECT_ID: f"0b1ec700-{digest[:4]}-4000-8000-{digest[4:16]}",
    }
    world.facts[TOKENS] = {**world.facts.get(TOKENS, {}), token: claims}
    return token


def claims_of(world: World, token: str) -> dict[str, str] | None:
    """Return the claims of a token that an application got here."""
    found: dict[str, str] | None = world.facts.get(TOKENS, {}).get(token)
    return found


def may_reach(world: World, claims: dict[str, str], subscription: str) -> bool:
    """Tell whether a caller may do anything in a subscription: only applications are bounded."""
    application = find(world, claims.get("appid", ""))
    return application is None or subscription.lower() in application["subscriptions"]
