from typing import Any

import pytest

from local.host.host import Host
from local.host.options import Keys
from local.host.routing import Template, TemplateError
from local.host.wire import Response
from tests.host.support import HOOKS, virtually

KEYS = Keys(master="m", function="f", system="s", by_function={"guarded": "own"})


def ask(
    method: str, path: str, headers: Any = None, body: bytes = b"", **switches: Any
) -> Response:
    async def scenario(host: Host) -> Response:
        return await host.handle_http(method, path, headers, body)

    answer: Response = virtually(scenario, **switches)
    return answer


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("a/{b}", "a/x", {"b": "x"}),
        ("a/{b}", "a", None),
        ("a/{b?}", "a", {}),
        ("a/{b=7}", "a", {"b": "7"}),
        ("A/b", "a/B", {}),
        ("a/{n:int}", "a/-5", {"n": "-5"}),
        ("a/{n:int}", "a/99999999999", None),
        ("a/{n:long}", "a/99999999999", {"n": "99999999999"}),
        ("a/{n:int:range(1,5)}", "a/6", None),
        (
            "{g:guid}",
            "2c1e9d8a-3b5f-4c47-9a61-6d0f3f3f0d11",
            {"g": "2c1e9d8a-3b5f-4c47-9a61-6d0f3f3f0d11"},
        ),
        ("{g:guid}", "nothing", None),
        ("{w:alpha:length(2,3)}", "abcd", None),
        (r"{w:regex(^\d{{3}}$)}", "12", None),
        ("{b:bool}/{d:decimal}", "TRUE/1.5", {"b": "TRUE", "d": "1.5"}),
        ("f/{name}.{ext}", "f/report.v2.pdf", {"name": "report.v2", "ext": "pdf"}),
        ("f/{*rest}", "f/a/b/c", {"rest": "a/b/c"}),
        ("f/{*rest}", "f", {"rest": ""}),
        ("{user-id}/x", "u1/x", {"user-id": "u1"}),
    ],
)
def test_route_templates_match_as_aspnet_reads_them(
    template: str, path: str, values: dict[str, str] | None
) -> None:
    assert Template(template).match(path.split("/")) == values


@pytest.mark.parametrize("template", ["a/{b", "a/{b:colour}", "a/}b{"])
def test_a_template_that_cannot_be_read_is_refused(template: str) -> None:
    with pytest.raises(TemplateError):
        Template(template)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/api/items/special", "special"),
        ("/api/items/42", "item 42"),
        ("/api/items/lamp", "named lamp by named_item"),
        ("/API/Items/Lamp", "named Lamp by named_item"),
        ("/api/items/a%20b%2Fc", "named a b/c by named_item"),
        ("/api/files/a/b.txt", "file a/b.txt"),
    ],
)
def test_literal_routes_win_over_constrained_over_bare_ones(path: str, text: str) -> None:
    assert ask("GET", path).body.decode() == text


def test_a_method_without_a_function_is_not_found() -> None:
    assert ask("DELETE", "/api/items/lamp").status == 404
    assert ask("GET", "/api/nowhere").status == 404


def test_the_request_reaches_the_function_whole_and_so_does_the_response() -> None:
    answer = ask("PUT", "/api/echo/x?a=1&a=2&b=", [("x-probe", "p")], b"\x00\xff" * 10)

    assert answer.status == 207
    assert answer.json() == {
        "method": "PUT",
        "url": "http://host.internal/api/echo/x?a=1&a=2&b=",
        "params": {"a": "1,2", "b": ""},
        "route": {"tail": "x"},
        "header": "p",
        "size": 20,
    }
    assert answer.header("X-Answer") == "yes"
    cookies = [value for name, value in answer.headers if name == "Set-Cookie"]
    assert cookies == ["a=1; Path=/", "b=2"]


def test_no_return_value_is_204_and_an_exception_is_500_without_a_word() -> None:
    assert ask("GET", "/api/nothing").status == 204
    assert ask("GET", "/api/crash") == Response(500)


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        ("/api/items/1", [], 200),
        ("/api/guarded", [], 401),
        ("/api/guarded?code=f", [], 200),
        ("/api/guarded?code=own", [], 200),
        ("/api/guarded", [("x-functions-key", "m")], 200),
        ("/api/guarded?code=s", [], 401),
        ("/api/for-admins?code=f", [], 401),
        ("/api/for-admins?code=m", [], 200),
        ("/admin/functions", [], 401),
        ("/admin/functions?code=m", [], 200),
        (f"{HOOKS}/instances/", [], 401),
        (f"{HOOKS}/instances/?code=s", [], 200),
        ("/durabletask/instances/", [], 404),
        ("/durabletask/s/instances/", [], 200),
        ("/runtime/webhooks/EventGrid?functionName=on_event", [], 401),
    ],
)
def test_enforced_keys_guard_each_level(path: str, headers: Any, expected: int) -> None:
    assert ask("GET", path, headers, enforce_keys=True, keys=KEYS).status == expected


def test_without_enforcement_no_key_is_needed() -> None:
    assert ask("GET", "/api/for-admins").status == 200


def test_the_sdk_works_with_enforced_keys() -> None:
    answer = ask("POST", "/api/start/plain", enforce_keys=True, keys=KEYS)

    assert answer.status == 202
    assert "code=s" in answer.json()["statusQueryGetUri"]


def test_admin_shows_state_and_functions_also_those_not_run_here() -> None:
    state = ask("GET", "/admin/host/status").json()
    listed = {each["name"]: each for each in ask("GET", "/admin/functions").json()}

    assert state["state"] == "Running"
    assert listed["item"]["route"] == "api/items/{id:int}"
    assert listed["take_order"]["runsHere"] is False


def test_what_is_not_run_here_is_said_at_the_start(caplog: pytest.LogCaptureFixture) -> None:
    ask("GET", "/api/nothing")

    assert "not run locally: take_order (queueTrigger)" in caplog.text


def test_a_function_with_an_input_nobody_brings_is_not_run(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert ask("GET", "/api/with-blob").status == 404
    assert "not run locally: reads_blob (blob)" in caplog.text


def test_a_setting_switches_a_function_off(monkeypatch: pytest.MonkeyPatch) -> None:
    before = ask("GET", "/api/switched-off").status
    monkeypatch.setenv("AzureWebJobs.switched_off.Disabled", "true")

    assert (before, ask("GET", "/api/switched-off").status) == (200, 404)
