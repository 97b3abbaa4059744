from datetime import timedelta

from local.clock import START
from local.host.host import Host
from tests.host.support import HOOKS, module, outcome, post, run, start, status, virtually


def test_a_chain_of_activities_adds_up() -> None:
    assert virtually(lambda host: run(host, "chain", 5)) == ("Completed", 10)


def test_a_fan_out_collects_all_results() -> None:
    assert virtually(lambda host: run(host, "fan_out", 100)) == ("Completed", 4950)


def test_a_plain_function_is_an_orchestration_too() -> None:
    result = virtually(lambda host: run(host, "plain", {"a": 1}, "p1"))

    assert result == ("Completed", {"id": "p1", "input": {"a": 1}})


def test_a_retry_that_recovers_waits_between_attempts() -> None:
    result = virtually(lambda host: run(host, "retried", {"key": "recovers", "failures": 2}))

    assert result == ("Completed", ["attempt 3", "after", 10])


def test_an_exhausted_retry_raises_after_the_last_attempt() -> None:
    _, output = virtually(lambda host: run(host, "retried", {"key": "never", "failures": 99}))

    assert output[0].startswith("gave up: Activity function 'flaky' failed:  ValueError: attempt 3")
    assert output[1:] == ["after", 10]


def test_children_answer_their_parent_and_failures_reach_it() -> None:
    _, output = virtually(lambda host: run(host, "parent"))

    assert output[0] == [1, 3, 6]
    assert output[1].startswith("Orchestrator function 'fails' failed: on purpose")


def test_a_child_with_retries_runs_until_it_succeeds() -> None:
    assert virtually(lambda host: run(host, "child_retried", None, "cr")) == (
        "Completed",
        "attempt 3",
    )


def test_an_uncaught_exception_fails_the_instance_with_its_text() -> None:
    assert virtually(lambda host: run(host, "fails")) == (
        "Failed",
        "Orchestrator function 'fails' failed: on purpose",
    )


def test_an_event_beats_its_deadline_and_the_cancelled_timer_holds_nothing_up() -> None:
    async def scenario(host: Host) -> object:
        instance = await start(host, "approval")
        await host._clock.sleep(60)
        assert (
            await post(host, f"{HOOKS}/instances/{instance}/raiseEvent/approval", "ok")
        ).status == 202
        result = await outcome(host, instance)
        return result, host._clock.now() - START

    result, elapsed = virtually(scenario)

    assert result == ("Completed", ["approved", "ok"])
    assert elapsed < timedelta(minutes=2)


def test_without_the_event_the_deadline_wins_after_three_days() -> None:
    async def scenario(host: Host) -> object:
        return await run(host, "approval"), host._clock.now() - START

    assert virtually(scenario) == (("Completed", "late"), timedelta(hours=72))


def test_a_forgotten_timer_keeps_the_instance_running_until_it_fires() -> None:
    async def scenario(host: Host) -> object:
        instance = await start(host, "forgotten_timer")
        await post(host, f"{HOOKS}/instances/{instance}/raiseEvent/go")
        await host._clock.sleep(600)
        before = (await status(host, instance))["runtimeStatus"]
        return before, await outcome(host, instance), host._clock.now() - START

    assert virtually(scenario) == ("Running", ("Completed", "done"), timedelta(hours=1))


def test_continue_as_new_starts_over_with_an_empty_history() -> None:
    async def scenario(host: Host) -> object:
        instance = await start(host, "eternal", 3)
        await host._clock.sleep(61)
        shown = await status(host, instance)
        result = await outcome(host, instance)
        history = host.queries.history(instance)
        return shown["customStatus"], result, len(history)

    custom, result, events = virtually(scenario)

    assert custom == {"left": 2}
    assert result == ("Completed", f"over at {(START + timedelta(minutes=3)).isoformat()}")
    assert events == 8


def test_an_early_event_is_given_to_every_waiter_as_production_does() -> None:
    async def scenario(host: Host) -> object:
        instance = await start(host, "two_waits")
        await post(host, f"{HOOKS}/instances/{instance}/raiseEvent/item", 1)
        return await outcome(host, instance)

    assert virtually(scenario) == ("Completed", [1, 1])


def test_held_events_reach_one_waiter_each() -> None:
    async def scenario(host: Host) -> object:
        instance = await start(host, "two_waits")
        for number in (1, 2):
            await post(host, f"{HOOKS}/instances/{instance}/raiseEvent/item", number)
        return await outcome(host, instance)

    assert virtually(scenario, hold_events=True) == ("Completed", [1, 2])
    assert virtually(scenario, hold_events=False) != ("Completed", [1, 2])


def test_an_event_raised_through_the_sdk_arrives_as_text() -> None:
    async def scenario(host: Host) -> object:
        instance = await start(host, "approval")
        body = ["approval", {"a": 1}]
        assert (await post(host, f"/api/client/raise_event/{instance}", body)).status == 200
        return await outcome(host, instance)

    assert virtually(scenario) == ("Completed", ["approved", '{"a": 1}'])


def test_an_unknown_activity_fails_the_orchestration() -> None:
    status_, output = virtually(lambda host: run(host, "calls_a_ghost"))

    assert status_ == "Failed"
    assert "The function 'ghost' doesn't exist" in output


def test_nondeterminism_is_detected() -> None:
    status_, output = virtually(lambda host: run(host, "wanders"))

    assert status_ == "Failed"
    assert "Non-Deterministic workflow detected: task 0 was 'task echo'" in output


def test_a_task_listed_twice_fails_only_in_strict_mode() -> None:
    assert virtually(lambda host: run(host, "listed_twice")) == ("Completed", [1, 2])

    status_, output = virtually(lambda host: run(host, "listed_twice"), strict=True)

    assert status_ == "Failed"
    assert "a task is listed twice" in output


def test_strict_mode_cuts_a_long_timer_into_pieces() -> None:
    async def scenario(host: Host) -> object:
        return await run(host, "long_sleep", 8), host._clock.now() - START

    result = (("Completed", "slept"), timedelta(days=8))
    assert virtually(scenario, strict=True) == result
    assert virtually(scenario) == result


def test_guids_and_time_are_the_same_at_each_replay() -> None:
    async def scenario(host: Host) -> object:
        calls = module("varied_flows").CALLS
        calls.clear()
        _, output = await run(host, "identities")
        return output, calls

    output, calls = virtually(scenario)

    assert calls == [repr(output)]
    assert output[0][0] != output[1][0]


def test_an_activity_repeated_on_demand_runs_twice_and_counts_once() -> None:
    async def scenario(host: Host) -> object:
        calls = module("varied_flows").CALLS
        calls.clear()
        return await run(host, "chain", 3), [*calls]

    result, calls = virtually(scenario, repeat_activity=lambda _name, _id, task: task == 1)

    assert result == ("Completed", 3)
    assert calls == ["0", "1", "1", "2"]


def test_an_activity_that_exits_or_is_cancelled_fails_and_the_host_lives_on() -> None:
    result = virtually(lambda host: run(host, "survives_quitters"))

    assert result == ("Completed", [True, True, True])
