"""The blueprint of the Spot stateful-node API.

Each served operation is a function of its own, so that it shows by name in the portal; all of
them answer through one table (routes.py). One more function, last by name because the host goes
by names, takes every other path.
"""

from typing import Final

import azure.durable_functions as df
import azure.functions as func

from triggers.answer import answer
from triggers.call import ApiServices, Services
from triggers.routes import ROUTES

METHODS: Final = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
PAGES: Final = {"api_docs": "docs", "api_health": "health", "api_openapi": "openapi.json"}
EVERYTHING_ELSE: Final = "zz_unknown_route"

__all__ = ["ApiServices", "Services", "api"]


def api(services: Services) -> df.Blueprint:
    """Return the blueprint of the API. `services` is awaited at each call: it should cache."""
    blueprint = df.Blueprint(http_auth_level=func.AuthLevel.ANONYMOUS)
    for route in ROUTES:
        _register(blueprint, services, (f"api_{route.name}", route.path, (route.method,)))
    for name, path in PAGES.items():
        _register(blueprint, services, (name, path, ("GET",)))
    _register(blueprint, services, (EVERYTHING_ELSE, "{*path}", METHODS))
    return blueprint


def _register(
    blueprint: df.Blueprint, services: Services, what: tuple[str, str, tuple[str, ...]]
) -> None:
    name, path, methods = what

    async def handle(req: func.HttpRequest, client: str) -> func.HttpResponse:
        return await answer(services, req, client)

    handle.__name__ = name
    with_client = blueprint.durable_client_input(client_name="client")(handle)
    routed = blueprint.route(route=path, methods=list(methods))(with_client)
    blueprint.function_name(name)(routed)
