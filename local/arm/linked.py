"""Linked scopes: what a body names in another subscription, its sender must be let to read as well.

Source: Azure docs, common-deployment-errors, LinkedAuthorizationFailed.
"""

from collections.abc import Iterator
from typing import Any, Final

from local.arm import audit
from local.arm.login import state as logins
from local.arm.wire import ArmProblem, Request, subscription_of
from local.arm.world import World

OBJECT_ID: Final = "http://schemas.microsoft.com/identity/claims/objectidentifier"
SCOPE: Final = "/subscriptions/"


def check(world: World, request: Request) -> None:
    """Raise ARM's refusal of a body that names what its sender may not reach."""
    claims = dict(request.claims)
    if request.body is None or logins.find(world, claims.get("appid", "")) is None:
        return  # nobody but applications is bounded
    named = {one for one in _ids(request.body) if "/providers/" in one.lower()}
    closed = sorted(
        one for one in named if not logins.may_reach(world, claims, subscription_of(one))
    )
    if closed:
        raise _refusal(request, closed)


def _ids(value: Any) -> Iterator[str]:
    """Return what looks like a resource id: values, and keys as user-assigned identities have."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _ids(name)
            yield from _ids(one)
    elif isinstance(value, list):
        for one in value:
            yield from _ids(one)
    elif isinstance(value, str) and value.lower().startswith(SCOPE):
        yield value


def _refusal(request: Request, closed: list[str]) -> ArmProblem:
    claims = request.claims
    scope, action = audit.operation_of(request.method, request.path)
    needed = ", ".join(_read_of(one) for one in closed)
    return ArmProblem(
        403,
        "LinkedAuthorizationFailed",
        f"The client '{claims.get('appid')}' with object id '{claims.get(OBJECT_ID)}' has "
        f"permission to perform action '{action}' on scope '{scope}'; however, it does not have "
        f"permission to perform action(s) '{needed}' on the linked scope(s) '{', '.join(closed)}' "
        "(respectively) or the linked scope(s) are invalid.",
    )


def _read_of(resource_id: str) -> str:
    """Return the action that a name of a resource needs, `Microsoft.Compute/.../read`."""
    segments = resource_id.strip("/").split("/")
    at = segments.index(next(one for one in segments if one.lower() == "providers"))
    kind = "/".join([segments[at + 1], *segments[at + 2 :: 2]])
    is_identity = "userassignedidentities" in kind.lower()
    return f"{kind}/{'assign/action' if is_identity else 'read'}"
