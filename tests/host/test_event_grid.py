import json
from typing import Any

import pytest

from local.host.host import Host
from local.host.wire import Response
from tests.host.support import module, virtually

HOOK = "/runtime/webhooks/EventGrid?functionName=on_event"
CLOUD = {"specversion": "1.0", "id": "c1", "source": "/s", "type": "T", "subject": "sub", "data": 5}
GRID = {
    "id": "g1",
    "topic": "/t",
    "subject": "sub",
    "eventType": "T",
    "eventTime": "2026-03-01T12:00:00Z",
    "data": {"a": 1},
    "dataVersion": "1",
}


def send(
    document: Any, kind: str = "Notification", path: str = HOOK, **headers: str
) -> tuple[Response, list[Any]]:
    seen = module("varied_web").SEEN
    seen.clear()

    async def scenario(host: Host) -> Response:
        given = [(name.replace("_", "-"), value) for name, value in headers.items()]
        given += [("aeg-event-type", kind)] if kind else []
        body = json.dumps(document).encode() if document is not None else b""
        return await host.handle_http("POST", path, given, body)

    return virtually(scenario), [each for each in seen if each[0] not in ("tick", "hour")]


def test_events_in_the_event_grid_schema_reach_the_function_one_by_one() -> None:
    answer, seen = send([GRID, {**GRID, "id": "g2"}])

    assert answer.status == 202
    assert seen == [["g1", "T", "sub", {"a": 1}], ["g2", "T", "sub", {"a": 1}]]


@pytest.mark.parametrize("document", [CLOUD, [CLOUD]])
@pytest.mark.parametrize("kind", ["Notification", ""])
def test_cloud_events_come_alone_or_in_batches(document: Any, kind: str) -> None:
    answer, seen = send(document, kind)

    assert answer.status == 202
    assert seen == [["c1", "T", "sub", 5]]


def test_a_cloud_event_may_come_in_headers() -> None:
    headers = {"ce_specversion": "1.0", "ce_id": "h1", "ce_type": "T", "ce_subject": "sub"}
    answer, seen = send({"x": 1}, ce_source="/s", content_type="application/json", **headers)

    assert answer.status == 202
    assert seen == [["h1", "T", "sub", {"x": 1}]]


def test_the_validation_handshake_returns_the_code() -> None:
    event = {**GRID, "data": {"validationCode": "512d38b6", "validationUrl": "https://x"}}
    answer, seen = send([event], "SubscriptionValidation")

    assert (answer.status, answer.json(), seen) == (200, {"validationResponse": "512d38b6"}, [])


def test_the_cloud_events_handshake_allows_the_origin() -> None:
    async def scenario(host: Host) -> Response:
        headers = [("WebHook-Request-Origin", "eventgrid.azure.net")]
        return await host.handle_http("OPTIONS", HOOK.lower(), headers)

    answer = virtually(scenario)

    assert answer.status == 200
    assert answer.header("webhook-allowed-origin") == "eventgrid.azure.net"


@pytest.mark.parametrize(
    ("document", "kind", "path", "expected"),
    [
        ([GRID], "Notification", "/runtime/webhooks/eventgrid?functionName=ON_EVENT", 202),
        ([GRID], "Unsubscribe", HOOK, 202),
        ([GRID], "Notification", "/runtime/webhooks/EventGrid?functionName=nobody", 404),
        ([GRID], "Notification", "/runtime/webhooks/EventGrid?functionName=item", 404),
        ([{**GRID, "eventType": "Fail"}], "Notification", HOOK, 500),
        ([GRID], "Dance", HOOK, 400),
        ([GRID], "", HOOK, 400),
        ([1], "Notification", HOOK, 400),
        (None, "Notification", HOOK, 400),
        ([{**GRID, "data": {}}], "SubscriptionValidation", HOOK, 400),
    ],
)
def test_each_delivery_is_answered_as_event_grid_expects(
    document: Any, kind: str, path: str, expected: int
) -> None:
    assert send(document, kind, path)[0].status == expected
