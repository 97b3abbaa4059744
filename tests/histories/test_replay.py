"""Each recorded history still fits the runbook that stands now: replayed through the real SDK."""

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
HISTORIES = sorted(Path(__file__).parent.glob("*.json"))
TASK_SCHEDULED, TASK_FAILED, TIMER_CREATED, EPISODE_ENDS = 4, 6, 10, 13
SCHEMA = {"upperSchemaVersion": 1, "upperSchemaVersionNew": 2, "isReplaying": False}
CALL_ACTIVITY, CALL_WITH_RETRY, CREATE_TIMER = 0, 1, 5
pytestmark = pytest.mark.filterwarnings("ignore:azure.functions df_loads was called")
Handle = Callable[[str], str]
Json = dict[str, Any]


@pytest.fixture(scope="module")
def handles() -> Iterator[dict[str, Handle]]:
    """The orchestrators as `function_app` registers them, from a copy of its own: an app tells
    its functions once."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MOORING_TABLES", "UseDevelopmentStorage=true")
        spec = importlib.util.spec_from_file_location("replayed_app", ROOT / "function_app.py")
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        environment.setitem(sys.modules, "replayed_app", module)
        spec.loader.exec_module(module)
        yield {
            function.get_function_name(): function.get_user_function()
            for function in module.app.get_functions()
            if function.get_trigger().type == "orchestrationTrigger"
        }


def read(path: Path) -> Json:
    """Return a recording."""
    recording: Json = json.loads(path.read_text())
    return recording


def recorded_steps(events: list[Json]) -> list[str]:
    """Return the names of the activities and timers that a history holds, in order."""
    return [
        event.get("Name", "timer")
        for event in events
        if event["EventType"] in (TASK_SCHEDULED, TIMER_CREATED)
    ]


def wanted_steps(actions: list[Any]) -> Iterator[str]:
    """Yield the names of the activities and timers that an orchestrator asks for, in order."""
    for action in actions:
        if isinstance(action, list):
            yield from wanted_steps(action)
        elif action["actionType"] in (CALL_ACTIVITY, CALL_WITH_RETRY):
            yield action["functionName"]
        elif action["actionType"] == CREATE_TIMER:
            yield "timer"
        else:
            yield from wanted_steps(action["compoundActions"])


def turn(handle: Handle, recording: Json, events: list[Json]) -> Json:
    """Replay a history's first events; return what the orchestrator answers."""
    told = SCHEMA | {
        "instanceId": recording["instanceId"],
        "input": recording["input"],
        "parentInstanceId": None,
        "history": events,
    }
    answer: Json = json.loads(handle(json.dumps(told)))
    return answer


def episodes(events: list[Json]) -> Iterator[tuple[list[Json], list[Json]]]:
    """Yield for each episode what the orchestrator was told, and what the history held after."""
    begin = 0
    for at, event in enumerate(events):
        if event["EventType"] == EPISODE_ENDS:
            made = (TASK_SCHEDULED, TIMER_CREATED, EPISODE_ENDS)
            heard = [one for one in events[begin : at + 1] if one["EventType"] not in made]
            yield events[:begin] + heard, events[: at + 1]
            begin = at + 1


def misfit(handle: Handle, recording: Json) -> str:
    """Replay episode by episode; return the first step that differs, or how the end does."""
    answer: Json = {}
    for told, after in episodes(recording["history"]):
        before = recorded_steps(after)
        answer = turn(handle, recording, told)
        now = list(wanted_steps(answer["actions"]))
        for step in range(max(len(before), len(now))):
            was = before[step] if step < len(before) else "nothing"
            is_ = now[step] if step < len(now) else "nothing"
            if was != is_:
                return f"step {step + 1}: the history holds {was}, the runbook asks for {is_}"
    if not answer.get("isDone"):
        return "the history is at its end, the runbook is not"
    if answer["output"] != recording["output"]:
        return f"it ended as {recording['output']}, and now as {answer['output']}"
    return ""


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_a_recorded_history_replays_to_the_same_steps_and_the_same_end(
    handles: dict[str, Handle], path: Path
) -> None:
    recording = read(path)

    assert misfit(handles[recording["name"]], recording) == ""


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_a_recording_holds_no_failed_attempt_whose_retry_would_count_as_a_step(path: Path) -> None:
    kinds = {event["EventType"] for event in read(path)["history"]}

    assert TASK_FAILED not in kinds


def test_a_changed_order_of_steps_is_named(handles: dict[str, Handle]) -> None:
    recording = read(Path(__file__).parent / "replace-on-demand.json")
    scheduled = [one for one in recording["history"] if one["EventType"] == TASK_SCHEDULED]
    names = [one["Name"] for one in scheduled]
    third, fourth = names[2:4]

    scheduled[2]["Name"], scheduled[3]["Name"] = fourth, third

    assert misfit(handles["replace"], recording) == (
        f"step 3: the history holds {fourth}, the runbook asks for {third}"
    )


def test_each_situation_of_a_recovery_has_a_recording() -> None:
    assert {path.stem for path in HISTORIES} >= {
        "attach-disk",
        "create",
        "deallocate",
        "delete",
        "delete-in-parts",
        "delete-left-on-demand",
        "detach-disk",
        "swap-os-disk",
        "snapshot-disks",
        "replace-by-copy",
        "replace-in-place",
        "replace-on-demand",
        "replace-waiting",
        "pause",
        "resume",
        "recycle",
        "stop",
        "start",
        "start-elsewhere",
        "import",
        "import-with-network",
        "import-given-back",
    }


def test_each_runbook_has_a_recording(handles: dict[str, Handle]) -> None:
    assert {read(path)["name"] for path in HISTORIES} == set(handles)
