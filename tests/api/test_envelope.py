import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

import azure.durable_functions as df
import azure.functions as func
import pytest

from services.call_budget import CallBudget
from store.errors import Unavailable
from tests.api.harness import PATH, Api
from tests.store.worlds import HandClock
from tests.unit.model.documents import body, node
from triggers.api import ApiServices
from triggers.api import api as blueprint_of
from triggers.routes import ROUTES, match

BAD_BODIES = [
    pytest.param(b"", "INVALID_JSON", id="empty"),
    pytest.param(b"  \n", "INVALID_JSON", id="blank"),
    pytest.param(b"{", "INVALID_JSON", id="cut-off"),
    pytest.param(b"statefulNode=1", "INVALID_JSON", id="form"),
    pytest.param(b"\xff\xfe{}", "INVALID_JSON", id="not-utf8"),
    pytest.param(b'{"a":"\\ud800"}', "INVALID_JSON", id="half-surrogate"),
    pytest.param(b'{"a":NaN}', "INVALID_JSON", id="nan"),
    pytest.param(b'{"a":1e400}', "INVALID_JSON", id="beyond-floats"),
    pytest.param(b'{"a":' + b"9" * 5000 + b"}", "INVALID_JSON", id="endless-number"),
    pytest.param(b'{"a":1,"a":2}', "DUPLICATE_KEY", id="duplicate-key"),
    pytest.param(b'{"a":{"b":1,"b":1}}', "DUPLICATE_KEY", id="duplicate-key-inside"),
    pytest.param(b"[" * 40 + b"]" * 40, "INVALID_JSON", id="deep"),
    pytest.param(b"[" * 100_000 + b"]" * 100_000, "INVALID_JSON", id="abyss"),
    pytest.param(b'"' + b"x" * 1_048_576 + b'"', "BODY_TOO_LARGE", id="large"),
]


@pytest.mark.parametrize(("raw", "code"), BAD_BODIES)
@pytest.mark.parametrize(
    ("method", "tail"), [("POST", ""), ("PUT", "/ssn-1"), ("DELETE", "/ssn-1")]
)
async def test_a_body_that_is_no_plain_json_is_refused_in_the_envelope(
    api: Api, raw: bytes, code: str, method: str, tail: str
) -> None:
    answer = await api.call(method, PATH + tail, raw)

    assert answer.status == 400
    assert answer.codes == [code]
    assert answer.body["response"]["status"] == {"code": 400, "message": "Bad Request"}


async def test_a_content_type_other_than_json_is_refused_and_none_is_fine(api: Api) -> None:
    wrong = await api.call("POST", PATH, body(), Content_Type="text/xml")
    none = await api.call("POST", PATH, body(), Content_Type="")
    with_charset = await api.call(
        "POST", PATH, body(), Content_Type="application/json; charset=utf-8"
    )

    assert wrong.codes == ["INVALID_CONTENT_TYPE"]
    assert (none.status, with_charset.status) == (200, 200)


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", "/nowhere"),
        ("GET", "/azure/compute"),
        ("PATCH", f"{PATH}/ssn-1"),
        ("POST", f"{PATH}/ssn-1"),
        ("DELETE", PATH),
        ("GET", f"{PATH}/ssn-1/status/more"),
        ("GET", f"{PATH}/%2e%2e/x"),
    ],
)
async def test_an_unknown_method_or_path_is_404_in_the_envelope(
    api: Api, method: str, url: str
) -> None:
    answer = await api.call(method, url)

    assert answer.status == 404
    assert answer.codes == ["ROUTE_NOT_FOUND"]
    assert answer.body["request"]["method"] == method


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/status", "azureStatefulNodeGetAllStatus"),
        ("/cost", "azureGetAggregatedCosts"),
        ("/ssn-1", "azureStatefulNodeGet"),
        ("/ssn-1/status", "azureStatefulNodeGetStatus"),
        ("/ssn-1/", "azureStatefulNodeGet"),
        ("/import/sin-1/status", "azureStatefulNodeGetImportStatus"),
        ("/sizeUsage/daily", "azureGetDailyVmSizeUsage"),
    ],
)
def test_a_literal_path_wins_over_a_node_id(path: str, name: str) -> None:
    found = match("GET", f"http://localhost{PATH}{path}?accountId=a")

    assert found is not None
    assert found.route.name == name


def test_no_two_routes_are_the_same() -> None:
    assert len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)
    assert len({route.name for route in ROUTES}) == len(ROUTES)


async def test_a_crash_is_500_in_the_envelope_and_tells_nothing_of_itself(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await replace(api, services=_failing(RuntimeError("whisper"))).call("GET", PATH)

    assert answer.status == 500
    assert answer.codes == ["INTERNAL_ERROR"]
    assert "whisper" not in json.dumps(answer.body)
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == [
        "api.crash"
    ]


@pytest.mark.parametrize(("wrong", "told"), [(50, 50), (51, 51), (9_999, 51)])
async def test_of_many_errors_the_first_are_told_and_how_many_more_there_are(
    api: Api, wrong: int, told: int
) -> None:
    sizes = ["standard_d2s_v5"] * (wrong + 1)

    answer = await api.call("POST", PATH, body(node(compute__vmSizes__spotSizes=sizes)))

    where = "statefulNode.compute.vmSizes.spotSizes"
    assert answer.status == 400
    assert len(answer.errors) == told
    assert [one["field"] for one in answer.errors[:50]] == [f"{where}[{i + 1}]" for i in range(50)]
    if wrong > 50:
        assert answer.errors[50]["code"] == "MORE_ERRORS"
        assert answer.errors[50]["message"].startswith(f"{wrong - 50} more")
        assert "field" not in answer.errors[50]
    assert len(json.dumps(answer.body)) < 10_000


async def test_a_store_that_does_not_answer_is_500_with_advice(api: Api) -> None:
    answer = await replace(api, services=_failing(Unavailable("503"))).call("GET", PATH)

    assert answer.codes == ["UNAVAILABLE"]
    assert "repeat" in answer.errors[0]["message"]


def _failing(error: Exception) -> Callable[[], Awaitable[ApiServices]]:
    async def services() -> ApiServices:
        raise error

    return services


async def test_too_many_calls_are_429_with_a_time_to_wait(api: Api, clock: HandClock) -> None:
    services = replace(await api.services(), budget=CallBudget(clock, calls_per_s=0.5, burst=2))

    async def slow() -> ApiServices:
        return services

    caller = replace(api, services=slow)
    statuses = [(await caller.call("GET", PATH)).status for _ in range(3)]
    refused = await caller.call("GET", PATH)
    await clock.sleep(2)

    assert statuses == [200, 200, 429]
    assert refused.codes == ["TOO_MANY_REQUESTS"]
    assert refused.headers["Retry-After"] == "2"
    assert (await caller.call("GET", PATH)).status == 200


async def test_pages_need_no_token_and_fetch_nothing(api: Api) -> None:
    root = await api.raw("GET", "/", b"", {"Authorization": ""})
    docs = await api.raw("GET", "/docs", b"", {"Authorization": ""})
    health = await api.raw("GET", "/health", b"", {"Authorization": ""})

    assert (root.status_code, root.headers["Location"]) == (302, "/docs")
    page = docs.get_body().decode()
    assert docs.mimetype == "text/html"
    assert "http://" not in page
    assert "<script" not in page
    assert all(route.path in page for route in ROUTES)
    assert json.loads(health.get_body()) == {"status": "ok"}


async def test_the_blueprint_registers_each_operation_and_catches_the_rest_last(api: Api) -> None:
    app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    app.register_functions(blueprint_of(api.services))

    functions = {one.get_function_name(): one for one in app.get_functions()}
    client = json.dumps({"taskHubName": "h", "creationUrls": {}, "managementUrls": {"id": "i"}})
    handler = functions["api_azureStatefulNodeGet"].get_user_function()
    request = func.HttpRequest(
        "GET", PATH + "/status", headers={"Authorization": f"Bearer {api.token}"}, body=b""
    )
    answer = await handler(req=request, client=client)

    assert {f"api_{route.name}" for route in ROUTES} < functions.keys()
    assert max(str(name) for name in functions) == "zz_unknown_route"
    assert json.loads(answer.get_body())["response"]["kind"].endswith(":status")
