"""Which part of the host answers a request."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.host import log
from local.host.access import Access
from local.host.durable.api import Api
from local.host.eventgrid import EventGrid
from local.host.index import AppError, Function
from local.host.invoke import Invoker
from local.host.routing import ALL_METHODS, Template, TemplateError
from local.host.settings import resolve
from local.host.wire import Request, Response, http_datum, http_response


@dataclass(frozen=True)
class Route:
    """An HTTP function under its full template, prefix included."""

    template: Template
    methods: frozenset[str]
    function: Function
    level: str

    @classmethod
    def of(cls, function: Function, prefix: str) -> "Route":
        """Read a function's HTTP trigger; AppError if its template cannot be read."""
        trigger = function.trigger
        own = resolve(str(trigger.get("route") or function.name), os.environ)
        try:
            template = Template(f"{prefix}/{own.strip('/')}")
        except TemplateError as problem:
            raise AppError(f"function '{function.name}': {problem}") from problem
        methods = frozenset(str(method).upper() for method in trigger.get("methods") or ALL_METHODS)
        level = str(trigger.get("authLevel") or "function").lower()
        return cls(template, methods, function, level)


class HttpFunctions:
    """Finds and calls the function for a request."""

    def __init__(self, routes: list[Route], invoker: Invoker, access: Access) -> None:
        self.routes = sorted(routes, key=lambda route: route.template.precedence)
        self._invoker = invoker
        self._access = access

    async def handle(self, request: Request) -> Response:
        """Answer with a function's response: 404 if none fits path and method, 500 if it fails."""
        found = self._find(request.method, request.segments)
        if found is None:
            return Response(404)
        route, values = found
        if not self._access.allows(request, route.level, route.function.name):
            return Response(401)
        try:
            returned = await self._invoker.call(route.function, http_datum(request, values))
            return http_response(returned)
        except Exception as problem:  # noqa: BLE001 - callers see 500, the log tells why
            log.error("function_failed", function=route.function.name, reason=repr(problem))
            log.LOGGER.debug("traceback", exc_info=problem)
            return Response(500)

    def _find(self, method: str, parts: list[str]) -> tuple[Route, Mapping[str, str]] | None:
        for route in self.routes:
            if method in route.methods:
                values = route.template.match(parts)
                if values is not None:
                    return route, values
        return None


@dataclass(frozen=True)
class Parts:
    """The answering parts of a host."""

    functions: HttpFunctions
    events: EventGrid
    durable: Api
    admin: Any
    access: Access
    rpc: tuple[str, ...]


class Front:
    """Sends each request to its part: the host's own paths first, then functions."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def handle(self, request: Request) -> Response:
        """Answer one request."""
        path = request.segments
        lower = [part.lower() for part in path]
        parts = self._parts
        if lower[:2] == ["runtime", "webhooks"]:
            return await self._webhook(request, path[2:])
        if tuple(path[: len(parts.rpc)]) == parts.rpc:
            return await parts.durable.handle(request, path[len(parts.rpc) :])
        if lower[:1] == ["admin"]:
            if not parts.access.allows(request, "admin"):
                return Response(401)
            answer: Response = await parts.admin.handle(request, path[1:])
            return answer
        if not path and request.method in ("GET", "HEAD"):
            return await self._home(request)
        return await parts.functions.handle(request)

    async def _home(self, request: Request) -> Response:
        answer = await self._parts.functions.handle(request)
        if answer.status != 404:  # noqa: PLR2004
            return answer
        return Response(200, [("Content-Type", "text/plain")], b"The function host is running.")

    async def _webhook(self, request: Request, path: list[str]) -> Response:
        parts = self._parts
        extension = path[0].lower() if path else ""
        if extension not in ("eventgrid", "durabletask"):
            return Response(404)
        if not parts.access.allows_system(request):
            return Response(401)
        if extension == "eventgrid":
            return await parts.events.handle(request)
        return await parts.durable.handle(request, path[1:])
