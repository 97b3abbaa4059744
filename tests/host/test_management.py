import asyncio
from datetime import timedelta
from typing import Any

import pytest

from local.clock import START
from local.host.host import Host
from tests.host.support import HOOKS, module, outcome, post, run, start, status, virtually


async def client(host: Host, call: str, instance: str, *arguments: Any) -> Any:
    """Call a method of the SDK's client through the app."""
    return await post(host, f"/api/client/{call}/{instance}", list(arguments))


def test_a_start_answers_with_urls_that_work() -> None:
    async def scenario(host: Host) -> object:
        answer = await post(host, "/api/start/chain", 2)
        links = answer.json()
        origin = "http://host.internal"
        await host.durable.finished(links["id"])
        shown = await host.handle_http("GET", links["statusQueryGetUri"].removeprefix(origin))
        return answer.header("Retry-After"), shown.status, shown.json()["output"]

    assert virtually(scenario) == ("10", 200, 1)


def test_the_start_url_takes_raw_json_and_an_id() -> None:
    async def scenario(host: Host) -> object:
        first = await post(host, f"{HOOKS}/orchestrators/plain/mine", [1, {"b": 2}])
        again = await post(host, f"{HOOKS}/orchestrators/approval/mine", None)
        running = await post(host, f"{HOOKS}/orchestrators/approval/mine", None)
        return first.json()["id"], first.status, again.status, running.status

    assert virtually(scenario) == ("mine", 202, 409, 409)


def test_a_finished_id_may_be_used_again() -> None:
    async def scenario(host: Host) -> object:
        first = await run(host, "plain", 1, "again")
        return first, await run(host, "plain", 2, "again")

    first, second = virtually(scenario)

    assert (first[1]["input"], second[1]["input"]) == (1, 2)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/orchestrators/nobody", 400),
        ("/orchestrators/plain/@bad", 400),
        ("/instances/nobody/raiseEvent/x", 404),
        ("/instances/nobody/terminate", 404),
        ("/instances/nobody/rewind", 404),
        ("/instances/nobody/restart", 404),
        ("/instances/done/raiseEvent/x", 410),
        ("/instances/done/terminate", 410),
        ("/instances/done/suspend", 410),
        ("/instances/done/rewind", 410),
        ("/instances/done/dance", 404),
        ("/entities/Nobody/key?op=add", 404),
    ],
)
def test_refusals_carry_the_documented_status(path: str, expected: int) -> None:
    async def scenario(host: Host) -> int:
        await run(host, "plain", None, "done")
        return (await post(host, f"{HOOKS}{path}")).status

    assert virtually(scenario) == expected


def test_an_unknown_orchestrator_reaches_the_sdk_as_an_exception() -> None:
    async def scenario(host: Host) -> object:
        answer = await client(host, "start_new", "nobody")
        return answer.status, answer.body

    code, body = virtually(scenario)

    assert code == 500
    assert b"doesn't exist" in body


def test_terminate_ends_an_instance_with_the_reason_as_output() -> None:
    async def scenario(host: Host) -> object:
        instance = await start(host, "approval")
        assert (await client(host, "terminate", instance, "enough")).status == 200
        return await outcome(host, instance)

    assert virtually(scenario) == ("Terminated", "enough")


def test_a_terminated_child_fails_its_parent_call() -> None:
    async def scenario(host: Host) -> object:
        instance = await start(host, "waits_for_child")
        await asyncio.sleep(1)
        await post(host, f"{HOOKS}/instances/patient/terminate?reason=stop")
        return await outcome(host, instance)

    assert virtually(scenario) == ("Completed", "child: stop \n Terminated")


def test_a_suspended_instance_runs_on_when_resumed() -> None:
    async def scenario(host: Host) -> object:
        instance = await start(host, "steps_on_demand")
        await client(host, "suspend", instance, "wait")
        await client(host, "raise_event", instance, "step0")
        await asyncio.sleep(1)
        held = await status(host, instance)
        await client(host, "resume", instance, "go")
        await asyncio.sleep(1)
        moved = await status(host, instance)
        for name in ("step1", "step2"):
            await client(host, "raise_event", instance, name)
        return held, moved, await outcome(host, instance)

    held, moved, result = virtually(scenario)

    assert (held["runtimeStatus"], held["customStatus"]) == ("Suspended", None)
    assert (moved["runtimeStatus"], moved["customStatus"]) == ("Running", "step 1")
    assert result == ("Completed", "all steps")


def test_a_rewind_runs_only_the_failed_part_again() -> None:
    async def scenario(host: Host) -> object:
        calls = module("varied_flows").CALLS
        calls.clear()
        instance = await start(host, "rewound_parent", None, "rw")
        first = await outcome(host, instance)
        assert (await client(host, "rewind", instance, "mended")).status == 200
        return first[0], await outcome(host, instance), [*calls]

    first, result, calls = virtually(scenario)

    assert first == "Failed"
    assert result == ("Completed", ["before", "attempt 2"])
    assert calls == ["'before'"]


def test_a_restart_repeats_the_input_under_a_new_or_the_same_id() -> None:
    async def scenario(host: Host) -> object:
        await run(host, "plain", {"n": 1}, "first")
        new = await post(host, f"{HOOKS}/instances/first/restart")
        same = await post(host, f"{HOOKS}/instances/first/restart?restartWithNewInstanceId=false")
        through_sdk = await client(host, "restart", "first")
        assert through_sdk.status == 200
        return await outcome(host, new.json()["id"]), same.json()["id"]

    result, same = virtually(scenario)

    assert result[1]["input"] == {"n": 1}
    assert same == "first"


def test_a_purge_forgets_finished_instances_only() -> None:
    async def scenario(host: Host) -> object:
        await run(host, "plain", None, "old")
        await start(host, "approval", None, "young")
        counts = [
            (await client(host, "purge_instance_history", name)).json()
            for name in ("old", "young", "nobody")
        ]
        await run(host, "plain", None, "old2")
        by_filter = await host.handle_http(
            "DELETE",
            f"{HOOKS}/instances?createdTimeFrom=2020-01-01T00:00:00Z&runtimeStatus=Completed",
        )
        listed = await host.handle_http("GET", f"{HOOKS}/instances/")
        return counts, by_filter.json(), [each["instanceId"] for each in listed.json()]

    assert virtually(scenario) == ([1, 0, 0], {"instancesDeleted": 1}, ["young"])


def test_lists_can_be_filtered_and_paged() -> None:
    async def scenario(host: Host) -> object:
        for number in range(5):
            await run(host, "plain", None, f"p{number}")
            await asyncio.sleep(1)
        await start(host, "approval", None, "waiting")
        base = f"{HOOKS}/instances"
        since = (START + timedelta(seconds=3)).isoformat().replace("+00:00", "Z")
        queries = [
            "runtimeStatus=Running,Pending",
            "instanceIdPrefix=p",
            f"createdTimeFrom={since}",
        ]
        found = [(await host.handle_http("GET", f"{base}?{query}")).json() for query in queries]
        pages: list[int] = []
        token = ""
        while len(pages) < 10:
            headers = [("x-ms-continuation-token", token)]
            page = await host.handle_http("GET", f"{base}?top=4", headers)
            pages.append(len(page.json()))
            token = page.header("x-ms-continuation-token")
            if not token:
                break
        return [[each["instanceId"] for each in part] for part in found], pages

    found, pages = virtually(scenario)

    assert found == [["waiting"], ["p0", "p1", "p2", "p3", "p4"], ["p3", "p4", "waiting"]]
    assert pages == [4, 2]


def test_status_shows_the_history_the_sdk_asks_for() -> None:
    async def scenario(host: Host) -> object:
        instance = await start(host, "retried", {"key": "history", "failures": 1})
        await outcome(host, instance)
        flags = "?showHistory=True&showHistoryOutput=True&showInput=True"
        return await status(host, instance, flags)

    shown = virtually(scenario)

    assert shown["runtimeStatus"] == "Completed"
    assert shown["input"] == '{"key": "history", "failures": 1}'
    assert [each["EventType"] for each in shown["historyEvents"]] == [
        "ExecutionStarted",
        "TaskFailed",
        "TimerFired",
        "TaskCompleted",
        "TaskCompleted",
        "ExecutionCompleted",
    ]


def test_a_missing_instance_is_no_status() -> None:
    shown = virtually(lambda host: client(host, "get_status", "nobody"))

    assert shown.json() is None


def test_a_failed_instance_is_500_only_when_asked_for() -> None:
    async def scenario(host: Host) -> list[int]:
        await run(host, "fails", None, "f")
        queries = ("", "?returnInternalServerErrorOnFailure=true")
        return [(await host.handle_http("GET", f"{HOOKS}/instances/f{q}")).status for q in queries]

    assert virtually(scenario) == [200, 500]


def test_create_and_wait_returns_the_output_or_gives_up_in_time() -> None:
    async def scenario(host: Host) -> object:
        quick = await post(host, f"{HOOKS}/orchestrators/chain?timeout=30", 4)
        slow = await post(host, f"{HOOKS}/orchestrators/approval?timeout=30", 4)
        return quick.status, quick.json(), slow.status, host._clock.now() - START

    assert virtually(scenario) == (200, 6, 202, timedelta(seconds=30))


def test_the_raw_history_can_be_exported() -> None:
    async def scenario(host: Host) -> Any:
        await run(host, "chain", 1, "exported")
        return (await host.handle_http("GET", "/admin/durable/instances/exported/history")).json()

    shown = virtually(scenario)

    assert shown["name"] == "chain"
    assert [each["EventType"] for each in shown["history"]] == [12, 0, 4, 13, 12, 5, 13, 1]
    assert all(each["Timestamp"].endswith("Z") for each in shown["history"])


def test_two_runs_of_one_seed_write_the_same_history() -> None:
    async def scenario(host: Host) -> Any:
        instance = await start(host, "parent")
        await outcome(host, instance)
        return host.queries.history(instance)

    assert virtually(scenario) == virtually(scenario)
