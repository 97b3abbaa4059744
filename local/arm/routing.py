"""Routes: each noun's `routes.py` registers its handlers here."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from local.arm.wire import Reply, Request
from local.arm.world import Resource, World

Handler = Callable[[World, Request], Reply]

SUBSCRIPTION = "/subscriptions/{subscription}"
GROUP = SUBSCRIPTION + "/resourceGroups/{group}"
COMPUTE = GROUP + "/providers/Microsoft.Compute"
NETWORK = GROUP + "/providers/Microsoft.Network"


@dataclass(frozen=True)
class Route:
    """A method and a path, case-insensitive, `{name}` for one segment."""

    method: str
    template: str
    pattern: re.Pattern[str]
    handler: Handler


ROUTES: list[Route] = []


def route(method: str, template: str) -> Callable[[Handler], Handler]:
    """Register a handler: `@route("GET", COMPUTE + "/disks/{name}")`."""
    escaped = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template))
    pattern = re.compile(escaped + "/?", re.IGNORECASE)

    def register(handler: Handler) -> Handler:
        ROUTES.append(Route(method, template, pattern, handler))
        return handler

    return register


def match(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Return the route for a request and its placeholders' values, or None."""
    for candidate in ROUTES:
        found = candidate.pattern.fullmatch(path) if candidate.method == method else None
        if found:
            return candidate, found.groupdict()
    return None


Release = Callable[[World, Resource], None]
RELEASE_ORDER: list[tuple[str, Release]] = []
"""How a resource of one type lets go of others, when its group is deleted."""


def releases(type_: str) -> Callable[[Release], Release]:
    """Register what must happen before a resource of this type is dropped with its group."""

    def register(function: Release) -> Release:
        RELEASE_ORDER.append((type_, function))
        return function

    return register
