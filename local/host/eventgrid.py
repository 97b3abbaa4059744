"""The Event Grid webhook: handshakes, both schemas, delivery to the functions.

Source: Azure docs, event-grid/webhook-event-delivery and event-grid/cloud-event-schema.
"""

import json
from typing import Any

from azure.functions.meta import Datum

from local.host import log
from local.host.index import Function
from local.host.invoke import Invoker
from local.host.wire import Request, Response, json_response

CLOUD_EVENT_HEADER = "ce-"


class EventGrid:
    """Delivers events to functions; a failing function makes Event Grid deliver again."""

    def __init__(self, functions: list[Function], invoker: Invoker) -> None:
        self._functions = {function.name.lower(): function for function in functions}
        self._invoker = invoker

    async def handle(self, request: Request) -> Response:
        """Answer one request to the webhook."""
        function = self._functions.get(request.asks("functionName").lower())
        if function is None:
            name = request.asks("functionName")
            return json_response(404, {"message": f"cannot find function: '{name}'"})
        if request.method == "OPTIONS":
            return _allow(request)
        if request.method != "POST":
            return Response(405, [("Allow", "POST, OPTIONS")])
        try:
            return await self._post(function, request)
        except ValueError as problem:
            return json_response(400, {"message": f"the events cannot be read: {problem}"})

    async def _post(self, function: Function, request: Request) -> Response:
        kind = request.header("aeg-event-type").lower()
        if kind == "unsubscribe":
            return Response(202)
        events = _events(request)
        if kind == "subscriptionvalidation":
            return _validate(events)
        if kind not in ("notification", "") or (not kind and not _are_cloud_events(events)):
            return json_response(400, {"message": f"unknown aeg-event-type '{kind}'"})
        return await self._deliver(function, events)

    async def _deliver(self, function: Function, events: list[dict[str, Any]]) -> Response:
        failed = False
        for event in events:
            try:
                await self._invoker.call(function, Datum(json.dumps(event), "json"))
            except Exception as problem:  # noqa: BLE001 - the sender hears of it and sends again
                failed = True
                log.error(
                    "event_failed", function=function.name, id=event.get("id"), reason=repr(problem)
                )
        return Response(500 if failed else 202)


def _allow(request: Request) -> Response:
    origin = request.header("WebHook-Request-Origin")
    if not origin:
        return json_response(400, {"message": "WebHook-Request-Origin is missing"})
    rate = request.header("WebHook-Request-Rate") or "*"
    return Response(200, [("WebHook-Allowed-Origin", origin), ("WebHook-Allowed-Rate", rate)])


def _validate(events: list[dict[str, Any]]) -> Response:
    data = events[0].get("data") if events else None
    code = data.get("validationCode") if isinstance(data, dict) else None
    if not code:
        return json_response(400, {"message": "the validation event has no validationCode"})
    return json_response(200, {"validationResponse": code})


def _events(request: Request) -> list[dict[str, Any]]:
    if request.header("ce-specversion"):
        return [_binary_event(request)]
    document = json.loads(request.body)
    events = document if isinstance(document, list) else [document]
    if not all(isinstance(event, dict) for event in events):
        raise ValueError("an event must be a JSON object")
    return events


def _binary_event(request: Request) -> dict[str, Any]:
    event: dict[str, Any] = {
        name.lower().removeprefix(CLOUD_EVENT_HEADER): value
        for name, value in request.headers
        if name.lower().startswith(CLOUD_EVENT_HEADER)
    }
    kind = request.header("Content-Type")
    event["datacontenttype"] = kind
    text = request.body.decode()
    event["data"] = json.loads(text) if "json" in kind and text else text
    return event


def _are_cloud_events(events: list[dict[str, Any]]) -> bool:
    return bool(events) and all("specversion" in event for event in events)
