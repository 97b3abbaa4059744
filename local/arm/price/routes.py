"""The public price list, `prices.azure.com` in miniature: no token asked."""

from local.arm.price import errors, wire
from local.arm.price.filter import parse
from local.arm.routing import route
from local.arm.wire import Reply, Request
from local.arm.world import World


@route("GET", "/api/retail/prices")
def list_prices(world: World, request: Request) -> Reply:
    """List prices in USD, filtered, a thousand at a time."""
    currency = request.query.get("currencycode", "'USD'").strip("'")
    if currency != "USD":
        return errors.invalid_query(f"this simulator knows prices in USD only, not in {currency}")
    skip = request.query.get("$skip", "0")
    if not skip.isdecimal():
        return errors.invalid_query(f"$skip '{skip}' is not a number")
    try:
        wanted = parse(request.query.get("$filter") or "serviceName eq 'Virtual Machines'")
    except errors.BadFilterError as error:
        return errors.invalid_query(str(error))
    found = [item for item in wire.items(world) if wanted(item)]
    return Reply(200, wire.page(request, found, int(skip)))
