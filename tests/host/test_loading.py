import json
from pathlib import Path

import azure.durable_functions as df
import azure.functions as func
import pytest

from local.clock import VirtualClock
from local.host.host import Host
from local.host.index import App, AppError
from local.host.options import Keys
from local.host.settings import HostJson, load_local_settings, resolve

HERE = Path(__file__).parent


def refused(app: func.FunctionRegister) -> str:
    with pytest.raises(AppError) as caught:
        Host(App.of(app, HERE), VirtualClock(), ":memory:")
    return str(caught.value)


def test_a_parameter_without_a_binding_is_refused() -> None:
    app = func.FunctionApp()

    @app.route(route="x")
    def lost(req: func.HttpRequest, other: str) -> str:
        return f"{req.method}{other}"

    assert "'lost' has parameters without a binding: ['other']" in refused(app)


def test_a_synchronous_function_with_a_durable_client_is_refused() -> None:
    app = df.DFApp()

    @app.route(route="x")
    @app.durable_client_input(client_name="client")  # type: ignore[untyped-decorator]
    def lazy(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> str:
        return f"{req.method}{client}"

    assert "'lazy' has a durable client: it must be async" in refused(app)


@pytest.mark.parametrize("schedule", ["0 61 * * * *", "0 0 0 31 2 *", "%NO_SUCH_SETTING%"])
def test_a_timer_that_can_never_run_is_refused(schedule: str) -> None:
    app = func.FunctionApp()

    @app.timer_trigger(schedule=schedule, arg_name="timer")
    def never(timer: func.TimerRequest) -> None:
        assert timer

    text = refused(app)
    assert "never" in text or "NO_SUCH_SETTING" in text


def test_two_functions_of_one_name_are_refused() -> None:
    app = func.FunctionApp()

    @app.function_name("Same")
    @app.route(route="a")
    def one(req: func.HttpRequest) -> str:
        return str(req.method)

    @app.function_name("same")
    @app.route(route="b")
    def two(req: func.HttpRequest) -> str:
        return str(req.method)

    assert refused(app) == "two functions are named 'same'"


def test_host_json_sets_prefix_hub_and_limits(tmp_path: Path) -> None:
    durable = {
        "hubName": "H",
        "maxConcurrentActivityFunctions": 3,
        "overridableExistingInstanceStates": "AnyState",
    }
    document = {"extensions": {"http": {"routePrefix": "/v1/"}, "durableTask": durable}}
    (tmp_path / "host.json").write_text(json.dumps(document))

    read = HostJson.load(tmp_path)

    assert (read.route_prefix, read.hub, read.concurrent_activities) == ("v1", "H", 3)
    assert read.replace_running


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"extensions":{"durableTask":{"maxConcurrentActivityFunctions":"x"}}}']
)
def test_a_host_json_that_makes_no_sense_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "host.json").write_text(text)

    with pytest.raises(AppError):
        HostJson.load(tmp_path)


def test_local_settings_fill_gaps_and_never_overwrite(tmp_path: Path) -> None:
    (tmp_path / "local.settings.json").write_text(json.dumps({"Values": {"A": "file", "B": 1}}))
    environment = {"A": "set"}

    added = load_local_settings(tmp_path, environment)

    assert added == ["B"]
    assert environment == {"A": "set", "B": "1"}
    assert resolve("%B%", environment) == "1"


def test_keys_come_from_a_document_or_from_settings() -> None:
    keys = Keys.of({"master": "m", "functions": {"f": "k"}}, {"FUNCTIONS_SYSTEM_KEY": "s"})

    assert keys == Keys(master="m", system="s", by_function={"f": "k"})
