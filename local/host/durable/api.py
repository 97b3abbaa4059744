"""The HTTP surface of Durable Functions: what the SDK's client and management URLs call.

The same routes stand under the webhook prefix, where callers show the system key, and under the
SDK's own prefix. Source: Azure docs, durable-functions-http-api, and the requests of the SDK.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from local.host.durable.binding import management_urls
from local.host.durable.client import Client, RefusedError, Reply, Start
from local.host.durable.engine import Engine
from local.host.durable.instances import FINISHED
from local.host.durable.queries import Filter, Queries, Show
from local.host.wire import Request, Response, json_response

PAGE: Final = 100
"""Instances in one list reply unless `top` says otherwise. Source: the extension's PageSize."""

WAIT_S: Final = 10.0
"""Seconds a create-and-wait call waits unless `timeout` says otherwise. Source: the docs."""

CODES: Final = {Reply.ACCEPTED: 202, Reply.NOT_FOUND: 404, Reply.GONE: 410, Reply.CONFLICT: 409}

Operation = Callable[[str, str], Reply]


class Api:
    """Answers requests whose path is relative to either prefix."""

    def __init__(self, client: Client, engine: Engine, query: Callable[[], str]) -> None:
        self._client = client
        self._engine = engine
        self._queries = Queries(engine.database)
        self._query = query
        self._operations: dict[str, Operation] = {
            "terminate": client.terminate,
            "suspend": client.suspend,
            "resume": client.resume,
            "rewind": client.rewind,
        }

    async def handle(self, request: Request, parts: list[str]) -> Response:
        """Answer one request; `parts` is its path after the prefix."""
        handlers: dict[str, Callable[[Request, list[str]], Awaitable[Response]]] = {
            "orchestrators": self._orchestrators,
            "instances": self._instances,
            "entities": self._entities,
        }
        handler = handlers.get(parts[0].lower()) if parts else None
        if handler is None:
            return Response(404)
        try:
            return await handler(request, parts[1:])
        except (RefusedError, ValueError) as problem:
            return _bad(str(problem))

    async def _orchestrators(self, request: Request, parts: list[str]) -> Response:
        if request.method != "POST" or len(parts) not in (1, 2):
            return Response(404)
        text = request.body.decode() or None
        if text is not None:
            json.loads(text)
        version = request.asks("version") or None
        given = parts[1] if len(parts) > 1 else None
        instance = self._client.start(Start(parts[0], given, text, version))
        if instance is None:
            return json_response(
                409,
                {"Message": f"An Orchestration instance with the id {given} is already running"},
            )
        if request.asks("timeout"):
            return await self._wait(request, instance)
        return self._created(request, instance)

    async def _wait(self, request: Request, instance: str) -> Response:
        limit = float(request.asks("timeout") or WAIT_S)
        waits = {
            asyncio.create_task(self._engine.finished(instance)),
            asyncio.create_task(self._engine.clock.sleep(limit)),
        }
        _, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        shown = self._queries.one(instance, Show())
        if shown is None or shown["runtimeStatus"] not in FINISHED:
            return self._created(request, instance)
        failed = shown["runtimeStatus"] == "Failed"
        return json_response(500 if failed else 200, shown if failed else shown["output"])

    def _created(self, request: Request, instance: str) -> Response:
        urls = management_urls(request.origin, instance, self._query())
        headers = [("Location", urls["statusQueryGetUri"]), ("Retry-After", "10")]
        return json_response(202, urls, headers)

    async def _instances(self, request: Request, parts: list[str]) -> Response:
        match request.method, parts:
            case "GET", [] | [_]:
                return self._status(request, parts[0]) if parts else self._list(request)
            case "DELETE", [] | [_]:
                return self._purge(parts or self._queries.ids(_filter(request)))
            case "POST", [instance, operation]:
                return self._operate(request, instance, operation.lower())
            case "POST", [instance, operation, name] if operation.lower() == "raiseevent":
                return self._raise(request, instance, name)
        return Response(404)

    def _list(self, request: Request) -> Response:
        top = int(request.asks("top") or PAGE)
        token = request.header("x-ms-continuation-token")
        after = self._queries.place(token) if token else ("", "")
        shown = self._queries.many(_filter(request), _show(request), after, top)
        more = [("x-ms-continuation-token", shown[-1]["instanceId"])] if len(shown) == top else []
        return json_response(200, shown, more)

    def _status(self, request: Request, instance: str) -> Response:
        shown = self._queries.one(instance, _show(request))
        if shown is None:
            return Response(404)
        status = shown["runtimeStatus"]
        if status not in FINISHED:
            return json_response(202, shown, [("Location", request.url), ("Retry-After", "10")])
        asked = request.asks("returnInternalServerErrorOnFailure").lower() == "true"
        return json_response(500 if status == "Failed" and asked else 200, shown)

    def _purge(self, instances: list[str]) -> Response:
        deleted = self._client.purge(instances)
        return json_response(200 if deleted else 404, {"instancesDeleted": deleted})

    def _operate(self, request: Request, instance: str, name: str) -> Response:
        if name == "restart":
            new_id = request.asks("restartWithNewInstanceId").lower() != "false"
            reply, target = self._client.restart(instance, new_id=new_id)
            accepted = reply is Reply.ACCEPTED
            return self._created(request, target) if accepted else Response(CODES[reply])
        operation = self._operations.get(name)
        if operation is None:
            return Response(404)
        return Response(CODES[operation(instance, request.asks("reason"))])

    def _raise(self, request: Request, instance: str, name: str) -> Response:
        kind = request.header("Content-Type").partition(";")[0].strip().lower()
        if kind != "application/json":
            return _bad("Only application/json request content is supported")
        return Response(CODES[self._client.raise_event(instance, name, _text(request))])

    async def _entities(self, request: Request, parts: list[str]) -> Response:
        match request.method, parts:
            case "POST", [name, key]:
                return Response(
                    CODES[self._client.signal(name, key, request.asks("op"), _text(request))]
                )
            case "GET", [name, key]:
                state = self._client.entity(name, key)
                if state is None:
                    return Response(404)
                return json_response(200, json.loads(state))
        return Response(404)


def _text(request: Request) -> str:
    text = request.body.decode() or "null"
    json.loads(text)
    return text


def _show(request: Request) -> Show:
    def flag(name: str, default: str) -> bool:
        return (request.asks(name) or default).lower() == "true"

    return Show(
        history=flag("showHistory", "false"),
        history_output=flag("showHistoryOutput", "false"),
        input=flag("showInput", "true"),
    )


def _filter(request: Request) -> Filter:
    statuses = tuple(s.strip() for s in request.asks("runtimeStatus").split(",") if s.strip())
    return Filter(
        created_from=request.asks("createdTimeFrom"),
        created_to=request.asks("createdTimeTo"),
        statuses=statuses,
        prefix=request.asks("instanceIdPrefix"),
    )


def _bad(text: str) -> Response:
    details: dict[str, Any] = {"Message": text, "ExceptionMessage": text}
    return json_response(400, details | {"ExceptionType": "System.ArgumentException"})
