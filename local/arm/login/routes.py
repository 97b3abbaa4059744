from local.arm.login import errors, state
from local.arm.routing import route
from local.arm.subscription.state import TENANT
from local.arm.wire import Json, Reply, Request
from local.arm.world import World

TOKEN = "/{tenant}/oauth2/v2.0/token"  # noqa: S105 - a path
PAGE = 2
EXPIRES_IN_S = 3_599
"""What a token is told to last. It lasts as long as the world does: clients tell its end by their
own clock, which may be another one."""


@route("POST", TOKEN)
def post_token(world: World, request: Request) -> Reply:
    """Sign an application in by its client id and secret."""
    form = request.body or {}
    for name in ("client_id", "client_secret", "grant_type", "scope"):
        if not form.get(name):
            return errors.bad_request(name)
    tenant, client_id = request["tenant"], str(form["client_id"])
    refused = _refused(world, tenant, client_id, str(form["client_secret"]))
    if refused is not None:
        return refused
    token = state.sign_in(world, client_id, tenant)
    return Reply(
        200,
        {
            "token_type": "Bearer",
            "expires_in": EXPIRES_IN_S,
            "ext_expires_in": EXPIRES_IN_S,
            "access_token": token,
        },
    )


def _refused(world: World, tenant: str, client_id: str, secret: str) -> Reply | None:
    application = state.find(world, client_id)
    tenants = {TENANT, *(one["tenant"] for one in world.facts.get(state.APPLICATIONS, {}).values())}
    if tenant not in tenants:
        return errors.unknown_tenant(tenant)
    if application is None or application["tenant"] != tenant:
        return errors.unknown_application(client_id, tenant)
    if application["disabled"]:
        return errors.disabled(client_id)
    if secret not in application["secrets"]:
        return errors.wrong_secret(client_id)
    if state.is_lapsed(world, application["secrets"][secret]):
        return errors.lapsed_secret(client_id)
    return None


@route("GET", "/providers/Microsoft.Capacity/reservationOrders")
def list_reservation_orders(_world: World, _request: Request) -> Reply:
    """List what the tenant has reserved: nothing."""
    return Reply(200, {"value": []})


@route("GET", "/providers/Microsoft.Capacity/reservations")
def list_reservations(world: World, request: Request) -> Reply:
    """List the reservations that the tenant has bought, two on a page."""
    return _page(request, state.bought(world, "reservations"))


@route("GET", "/providers/Microsoft.BillingBenefits/savingsPlans")
def list_savings_plans(world: World, request: Request) -> Reply:
    """List the savings plans that the tenant has bought, two on a page."""
    return _page(request, state.bought(world, "savingsPlans"))


def _page(request: Request, every: list[Json]) -> Reply:
    first = int(request.query.get("$skiptoken", "0"))
    page: Json = {"value": every[first : first + PAGE]}
    if first + PAGE < len(every):
        version = request.query.get("api-version", "")
        query = f"api-version={version}&$skiptoken={first + PAGE}"
        page["nextLink"] = f"{request.origin}{request.path}?{query}"
    return Reply(200, page)


@route("PUT", "/_world/commitments")
def put_commitments(world: World, request: Request) -> Reply:
    """Say what the tenant has bought: `reservations` and `savingsPlans`, as Azure has them."""
    world.facts[state.BOUGHT] = request.body or {}
    return Reply(200, world.facts[state.BOUGHT])


@route("PUT", "/_world/applications/{client_id}")
def put_application(world: World, request: Request) -> Reply:
    """Make an application known to the tenant."""
    return Reply(200, state.put(world, request["client_id"], request.body or {}))
