"""What ARM itself does with a request before a resource provider sees it."""

import re
from collections.abc import Mapping
from dataclasses import replace

from local.arm import audit as audits
from local.arm import throttle
from local.arm.group.errors import not_found as group_not_found
from local.arm.login import state as logins
from local.arm.routing import Route, match
from local.arm.subscription import state as subscriptions
from local.arm.subscription.errors import not_found as subscription_not_found
from local.arm.wire import ArmProblem, Reply, Request, key_of
from local.arm.world import World

API_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?", re.IGNORECASE)
NAMESPACES = (
    *("microsoft.compute", "microsoft.network", "microsoft.resources", "microsoft.insights"),
)
OPEN_PATHS = ("/api/retail/prices", "/metadata/")
"""Paths of other Azure services that ask for no token."""
SIGN_IN = "/oauth2/v2.0/token"
PRODUCT_CLAIMS = {
    "aud": "https://management.azure.com/",
    "iss": "https://sts.windows.net/7e4a4000-0000-4000-8000-000000000000/",
    "tid": "7e4a4000-0000-4000-8000-000000000000",
    "appid": "a44c0000-0000-4000-8000-000000000000",
    "appidacr": "2",
    "idtyp": "app",
    "http://schemas.microsoft.com/identity/claims/objectidentifier": (
        "0b1ec700-0000-4000-8000-000000000000"
    ),
}
"""Claims of a token that nobody described: a service principal, the control plane's own."""
OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"


def admit(world: World, request: Request) -> tuple[tuple[Route, dict[str, str]], Request]:
    """Return a request's route, and the request with its caller's claims; raise ARM's refusal."""
    found = match(request.method, request.path)
    path = request.path.lower()
    if path.startswith(OPEN_PATHS) or path.endswith(SIGN_IN):
        if not found:
            raise _unknown(world, request)
        return found, request
    request = replace(request, claims=_claims(world, request))
    _check_api_version(request)
    _check_subscription(world, request)
    if not found:
        raise _unknown(world, request)
    if "/providers/" in found[0].template:
        _check_group(world, found[1])
    _check_match(world, request)
    return found, request


def take_tokens(world: World, request: Request) -> dict[str, str]:
    """Count a request against ARM's and Compute's buckets; return the headers that tell."""
    if not world.facts.get("settings", {}).get("throttle", True) or not request.claims:
        return {}
    parts = request.path.strip("/").split("/")
    subscription = parts[1] if len(parts) > 1 else "tenant"
    caller = request.claims.get(OBJECT_ID, "")
    headers = throttle.take_arm(
        world.buckets, request.method, world.now, subscription=subscription, caller=caller
    )
    policy = throttle.policy_of(request.method, request.path)
    if policy:
        resource = _counted_resource(world, request.path)
        headers |= throttle.take_compute(
            world.buckets, policy, world.now, subscription=subscription, resource=resource
        )
    return headers


def _counted_resource(world: World, path: str) -> str:
    parts = path.strip("/").split("/")
    if "operations" in parts[-2:-1]:
        operation = world.shelf("operations").get(parts[-1])
        return key_of((operation or {}).get("resource") or path)
    return key_of("/" + "/".join(parts[:8]))


def audit(world: World, request: Request, reply: Reply) -> None:
    """Publish the outcome of a write that is over; a long one is published when it ends."""
    over = not {"Azure-AsyncOperation", "Location"} & reply.headers.keys()
    if over and request.method in audits.VERBS and reply.status not in (401, 429):
        outcome = "Success" if reply.status < 300 else "Failure"  # noqa: PLR2004 - HTTP
        audits.note(world, audits.call_of(request), outcome)


def person_of(world: World, request: Request) -> str:
    """Return the name of the person whose token a request carries; empty for any other token."""
    token = request.headers.get("authorization", "").partition(" ")[2]
    claims = world.facts.get("callers", {}).get(token)
    return str(claims.get("upn") or claims.get("name") or token) if claims else ""


def unauthorized(claims: Mapping[str, str], scope: str) -> ArmProblem:
    """The caller has no role there."""
    return ArmProblem(
        403,
        "AuthorizationFailed",
        f"The client '{claims.get('appid')}' with object id '{claims.get(OBJECT_ID)}' does not "
        f"have authorization to perform action over scope '{scope}' or the scope is invalid. If "
        "access was recently granted, please refresh your credentials.",
    )


def invalid_content(detail: str) -> ArmProblem:
    """The body is not a JSON object."""
    return ArmProblem(
        400,
        "InvalidRequestContent",
        f"The request content was invalid and could not be deserialized: '{detail}'.",
    )


def _claims(world: World, request: Request) -> dict[str, str]:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        problem = ArmProblem(
            401,
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing.",
        )
        problem.headers["WWW-Authenticate"] = (
            'Bearer authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
            'error="invalid_token", error_description="The authentication failed because of '
            "missing 'Authorization' header.\""
        )
        raise problem
    claims: dict[str, str] = (
        logins.claims_of(world, token)
        or world.facts.get("callers", {}).get(token)
        or PRODUCT_CLAIMS
    )
    return claims


def _check_api_version(request: Request) -> None:
    version = request.query.get("api-version", "")
    if not version:
        raise ArmProblem(
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )
    if not API_VERSION.fullmatch(version):
        raise ArmProblem(
            400, "InvalidApiVersionParameter", f"The api-version '{version}' is invalid."
        )


def _check_subscription(world: World, request: Request) -> None:
    parts = request.path.strip("/").split("/")
    if parts[0].lower() != "subscriptions" or len(parts) == 1:
        return
    if not subscriptions.find(world, parts[1]):
        raise subscription_not_found(parts[1])
    if not logins.may_reach(world, dict(request.claims), parts[1]):
        raise unauthorized(request.claims, "/".join(["", *parts]))


def _check_group(world: World, params: dict[str, str]) -> None:
    group, subscription = params.get("group"), params.get("subscription")
    if group is None or subscription is None:
        return
    if not world.find(f"/subscriptions/{subscription}/resourceGroups/{group}"):
        raise group_not_found(group)


def _check_match(world: World, request: Request) -> None:
    wanted = request.headers.get("if-match")
    none_match = request.headers.get("if-none-match")
    if request.method not in ("PUT", "PATCH", "DELETE") or not (wanted or none_match):
        return
    if "/providers/microsoft.network/" in request.path.lower():
        return  # the network provider has its own etags: children share their parent's
    resource = world.find(request.path)
    etag = resource.sim.get("etag", "") if resource else ""
    fits = resource is not None if wanted == "*" else bare(wanted or "") == etag
    if wanted and not fits:
        raise _mismatch("if-match", wanted, etag, request.path)
    if none_match and (resource is not None if none_match == "*" else bare(none_match) == etag):
        raise _mismatch("if-none-match", none_match, etag, request.path)


def bare(etag: str) -> str:
    """Return an etag without its quotes and its weakness."""
    return etag.removeprefix("W/").strip('"')


def _mismatch(header: str, wanted: str, etag: str, path: str) -> ArmProblem:
    return ArmProblem(
        412,
        "PreconditionFailed",
        f"Etag provided in {header} header {wanted} does not match etag {etag} of resource {path}.",
    )


def _unknown(world: World, request: Request) -> ArmProblem:
    world.calls.unknown[f"{request.method} {request.path}"] += 1
    parts = request.path.strip("/").split("/")
    if "providers" not in parts or parts.index("providers") + 1 >= len(parts):
        return ArmProblem(
            404,
            "MissingSubscription",
            "The request did not have a subscription or a valid tenant level resource provider.",
        )
    at = parts.index("providers") + 1
    namespace, type_ = parts[at], "/".join(parts[at + 1 :: 2])
    if namespace.lower() not in NAMESPACES:
        return ArmProblem(
            404,
            "InvalidResourceNamespace",
            f"The resource namespace '{namespace}' is invalid.",
        )
    version = request.query.get("api-version", "")
    return ArmProblem(
        404,
        "InvalidResourceType",
        f"The resource type '{type_}' could not be found in the namespace '{namespace}' for api "
        f"version '{version}'. The supported api-versions are '{version}'.",
    )
