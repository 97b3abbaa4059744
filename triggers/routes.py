"""The API's route table: what there is, and who may.

Calls are matched by this table alone. The Functions host orders overlapping routes by the
functions' names, not by how literal they are, so what it says about `/{id}` and `/status` is
not relied on.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from triggers.disk_routes import DISK_ROUTES
from triggers.import_routes import IMPORT_ROUTES
from triggers.node_routes import NODE_ROUTES
from triggers.plan_routes import PLAN_ROUTES
from triggers.route import KIND, NODE, Route
from triggers.setup_routes import SETUP_ROUTES
from triggers.state_routes import STATE_ROUTES
from triggers.terraform_routes import TERRAFORM_ROUTES
from triggers.usage_routes import USAGE_ROUTES

__all__ = ["KIND", "NODE", "ROUTES", "Match", "Route", "match"]


@dataclass(frozen=True)
class Match:
    """A route, and what its path parameters are."""

    route: Route
    parameters: dict[str, str]


ROUTES: Final[tuple[Route, ...]] = (
    *DISK_ROUTES,
    *IMPORT_ROUTES,
    *NODE_ROUTES,
    *PLAN_ROUTES,
    *SETUP_ROUTES,
    *STATE_ROUTES,
    *TERRAFORM_ROUTES,
    *USAGE_ROUTES,
)


def match(method: str, url: str) -> Match | None:
    """Return the route of a call: of several that fit the one with the most literal path."""
    steps = [unquote(step) for step in urlsplit(url).path.strip("/").split("/")]
    fitting = [
        (found, route)
        for route in ROUTES
        if route.method == method and (found := _parameters(route, steps)) is not None
    ]
    if not fitting:
        return None
    parameters, route = min(fitting, key=lambda one: len(one[0]))
    return Match(route, parameters)


def _parameters(route: Route, steps: list[str]) -> dict[str, str] | None:
    template = route.path.split("/")
    if len(template) != len(steps):
        return None
    found: dict[str, str] = {}
    for wanted, step in zip(template, steps, strict=True):
        if wanted.startswith("{"):
            found[wanted.strip("{}")] = step
        elif wanted.lower() != step.lower():
            return None
    return found
