"""The marketplace's lists: publishers, offers, SKUs, versions, and one version whole."""

from collections.abc import Iterable

from local.arm.marketplace import errors, state, wire
from local.arm.routing import SUBSCRIPTION, route
from local.arm.wire import Reply, Request
from local.arm.world import World

PUBLISHERS = SUBSCRIPTION + "/providers/Microsoft.Compute/locations/{location}/publishers"
OFFERS = PUBLISHERS + "/{publisher}/artifacttypes/vmimage/offers"
SKUS = OFFERS + "/{offer}/skus"
VERSIONS = SKUS + "/{sku}/versions"


def _root(request: Request) -> str:
    return (
        f"/Subscriptions/{request['subscription']}/Providers/Microsoft.Compute"
        f"/Locations/{request['location']}/Publishers"
    )


def _entries(request: Request, names: Iterable[str], under: str) -> Reply:
    distinct = dict.fromkeys(names)
    return Reply(200, [wire.entry(name, request["location"], under) for name in distinct])


@route("GET", PUBLISHERS)
def list_publishers(_world: World, request: Request) -> Reply:
    """List the publishers of a region."""
    names = sorted({listing.publisher for listing in state.listings()})
    return _entries(request, names, _root(request))


@route("GET", OFFERS)
def list_offers(_world: World, request: Request) -> Reply:
    """List a publisher's offers."""
    found = list(state.matching(request["publisher"]))
    if not found:
        raise errors.artifact_not_found("Publisher")
    under = f"{_root(request)}/{found[0].publisher}/ArtifactTypes/VMImage/Offers"
    return _entries(request, (listing.offer for listing in found), under)


@route("GET", SKUS)
def list_skus(_world: World, request: Request) -> Reply:
    """List the SKUs of an offer."""
    found = list(state.matching(request["publisher"], request["offer"]))
    if not found:
        raise errors.artifact_not_found("Offer")
    first = found[0]
    under = f"{_root(request)}/{first.publisher}/ArtifactTypes/VMImage/Offers/{first.offer}/Skus"
    return _entries(request, (listing.sku for listing in found), under)


def _listing(request: Request) -> state.Listing:
    found = next(state.matching(request["publisher"], request["offer"], request["sku"]), None)
    if found is None:
        raise errors.artifact_not_found("VMImage")
    return found


def _versions_id(request: Request, listing: state.Listing) -> str:
    return (
        f"{_root(request)}/{listing.publisher}/ArtifactTypes/VMImage/Offers/{listing.offer}"
        f"/Skus/{listing.sku}/Versions"
    )


@route("GET", VERSIONS)
def list_versions(world: World, request: Request) -> Reply:
    """List a SKU's versions: `$orderby=name desc`, `$top=1`, `$expand=properties`."""
    listing = _listing(request)
    names = state.versions_of(world, listing)
    if "desc" in request.query.get("$orderby", "").lower():
        names.reverse()
    top = request.query.get("$top", "")
    names = names[: int(top)] if top.isdecimal() else names
    under = _versions_id(request, listing)
    if request.query.get("$expand", "").lower() != "properties":
        return _entries(request, names, under)
    location = request["location"]
    return Reply(200, [wire.image(listing, name, location, under) for name in names])


@route("GET", VERSIONS + "/{version}")
def get_version(world: World, request: Request) -> Reply:
    """Show one version; `latest` is one, too."""
    listing = _listing(request)
    reference = {key: request[key] for key in ("publisher", "offer", "sku", "version")}
    found = state.find(world, reference)
    if found is None:
        raise errors.artifact_not_found("VMImage")
    under = _versions_id(request, listing)
    return Reply(200, wire.image(listing, found[1], request["location"], under))
