"""The host's own routes: state, functions, a run by hand, the history of an instance."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from azure.functions.meta import Datum

from local.host import log
from local.host.durable.queries import Queries, Show
from local.host.front import Route
from local.host.index import Function
from local.host.invoke import Invoker
from local.host.wire import Request, Response, json_response

VERSION = "4.0.0"


class Admin:
    """Answers what stands under /admin."""

    def __init__(
        self, functions: list[Function], routes: list[Route], invoker: Invoker, queries: Queries
    ) -> None:
        self._functions = {function.name.lower(): function for function in functions}
        self._routes: Mapping[str, Route] = {route.function.name: route for route in routes}
        self._invoker = invoker
        self._queries = queries
        self._runs: set[asyncio.Task[None]] = set()

    async def handle(self, request: Request, path: list[str]) -> Response:
        """Answer one request; `path` is what follows /admin."""
        if request.method == "GET":
            return self._get(request, path, [part.lower() for part in path])
        if request.method == "POST" and len(path) == 2 and path[0].lower() == "functions":  # noqa: PLR2004
            function = self._functions.get(path[1].lower())
            return self._run(function, request) if function else Response(404)
        return Response(404)

    def _get(self, request: Request, path: list[str], lower: list[str]) -> Response:
        match lower:
            case ["host", "status"]:
                return json_response(200, {"id": "local", "state": "Running", "version": VERSION})
            case ["host", "ping"]:
                return Response(200)
            case ["functions"]:
                return json_response(200, self._list(request))
            case ["functions", name] if name in self._functions:
                return json_response(200, self._shown(self._functions[name], request))
            case ["durable", "instances", _, "history"]:
                return self._history(path[2])
        return Response(404)

    def _list(self, request: Request) -> list[dict[str, Any]]:
        return [self._shown(function, request) for function in self._functions.values()]

    def _shown(self, function: Function, request: Request) -> dict[str, Any]:
        route = self._routes.get(function.name)
        url = f"{request.origin}/{route.template.text.strip('/')}" if route else None
        return {
            "name": function.name,
            "type": function.type,
            "language": "python",
            "isDisabled": function.disabled,
            "runsHere": function.runs_here,
            "route": route.template.text.strip("/") if route else None,
            "methods": sorted(route.methods) if route else None,
            "authLevel": route.level if route else None,
            "invoke_url_template": url,
            "config": {"bindings": function.bindings},
        }

    def _run(self, function: Function, request: Request) -> Response:
        if not function.runs_here or function.type not in ("timerTrigger", "eventGridTrigger"):
            reason = function.obstacle or function.type
            return json_response(400, {"message": f"{reason} cannot be run by hand"})
        document = json.loads(request.body or b"{}")
        text = str(document.get("input") or "{}")
        task = asyncio.create_task(self._call(function, text))
        self._runs.add(task)
        task.add_done_callback(self._runs.discard)
        return Response(202)

    async def _call(self, function: Function, text: str) -> None:
        try:
            await self._invoker.call(function, Datum(text, "json"))
        except Exception as problem:  # noqa: BLE001 - the caller has his 202; the log tells
            log.error("function_failed", function=function.name, reason=repr(problem))

    def _history(self, instance: str) -> Response:
        shown = self._queries.one(instance, Show())
        if shown is None:
            return Response(404)
        return json_response(200, {**shown, "history": self._queries.history(instance)})
