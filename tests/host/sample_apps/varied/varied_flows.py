# Written as strangers write their apps: unannotated, against an untyped SDK.
# mypy: ignore-errors
# ruff: noqa: ANN201, BLE001
import asyncio
import sys
from datetime import timedelta

import azure.durable_functions as df

flows = df.Blueprint()
ATTEMPTS: dict[str, int] = {}
CALLS: list[str] = []


@flows.activity_trigger(input_name="value")
def echo(value: object) -> object:
    CALLS.append(repr(value))
    return value


@flows.activity_trigger(input_name="value")
async def echo_async(value: object) -> object:
    return value


@flows.activity_trigger(input_name="order")
def flaky(order: dict) -> str:
    """Fail `failures` times for a key, then succeed."""
    seen = ATTEMPTS[order["key"]] = ATTEMPTS.get(order["key"], 0) + 1
    if seen <= order["failures"]:
        raise ValueError(f"attempt {seen}")
    return f"attempt {seen}"


@flows.orchestration_trigger(context_name="context")
def chain(context: df.DurableOrchestrationContext):
    total = 0
    for number in range(context.get_input() or 3):
        total += yield context.call_activity("echo", number)
    return total


@flows.orchestration_trigger(context_name="context")
def fan_out(context: df.DurableOrchestrationContext):
    numbers = range(context.get_input())
    results = yield context.task_all([context.call_activity("echo_async", n) for n in numbers])
    return sum(results)


@flows.orchestration_trigger(context_name="context")
def retried(context: df.DurableOrchestrationContext):
    order = context.get_input()
    started = context.current_utc_datetime
    options = df.RetryOptions(5_000, 3)
    try:
        result = yield context.call_activity_with_retry("flaky", options, order)
    except Exception as problem:
        result = f"gave up: {problem}"
    last = yield context.call_activity("echo", "after")
    waited = (context.current_utc_datetime - started).total_seconds()
    return [result, last, round(waited)]


@flows.orchestration_trigger(context_name="context")
def parent(context: df.DurableOrchestrationContext):
    children = [context.call_sub_orchestrator("chain", n) for n in (2, 3)]
    children.append(context.call_sub_orchestrator("chain", 4, instance_id="named-child"))
    sums = yield context.task_all(children)
    try:
        yield context.call_sub_orchestrator("fails")
        failure = "none"
    except Exception as problem:
        failure = str(problem)
    return [sums, failure]


@flows.orchestration_trigger(context_name="context")
def child_retried(context: df.DurableOrchestrationContext):
    options = df.RetryOptions(1_000, 3)
    order = {"key": context.instance_id, "failures": 2}
    result = yield context.call_sub_orchestrator_with_retry("runs_flaky", options, order)
    return result


@flows.orchestration_trigger(context_name="context")
def runs_flaky(context: df.DurableOrchestrationContext):
    return (yield context.call_activity("flaky", context.get_input()))


@flows.orchestration_trigger(context_name="context")
def fails(context: df.DurableOrchestrationContext):
    yield context.call_activity("echo", 1)
    raise RuntimeError("on purpose")


@flows.orchestration_trigger(context_name="context")
def fails_once(context: df.DurableOrchestrationContext):
    """Fail with its activity; a rewind finds the activity mended."""
    before = yield context.call_activity("echo", "before")
    after = yield context.call_activity("flaky", {"key": context.instance_id, "failures": 1})
    return [before, after]


@flows.orchestration_trigger(context_name="context")
def approval(context: df.DurableOrchestrationContext):
    deadline = context.current_utc_datetime + timedelta(hours=72)
    timer = context.create_timer(deadline)
    answer = context.wait_for_external_event("approval")
    winner = yield context.task_any([answer, timer])
    if winner == timer:
        return "late"
    timer.cancel()
    return ["approved", answer.result]


@flows.orchestration_trigger(context_name="context")
def forgotten_timer(context: df.DurableOrchestrationContext):
    timer = context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    answer = context.wait_for_external_event("go")
    yield context.task_any([answer, timer])
    return "done"


@flows.orchestration_trigger(context_name="context")
def two_waits(context: df.DurableOrchestrationContext):
    yield context.call_activity("echo", "slow start")
    first = yield context.wait_for_external_event("item")
    second = yield context.wait_for_external_event("item")
    return [first, second]


@flows.orchestration_trigger(context_name="context")
def eternal(context: df.DurableOrchestrationContext):
    left = context.get_input()
    context.set_custom_status({"left": left})
    yield context.create_timer(context.current_utc_datetime + timedelta(minutes=1))
    if left > 1:
        context.continue_as_new(left - 1)
        return None
    return f"over at {context.current_utc_datetime.isoformat()}"


@flows.orchestration_trigger(context_name="context")
def steps_on_demand(context: df.DurableOrchestrationContext):
    for step in range(3):
        context.set_custom_status(f"step {step}")
        yield context.wait_for_external_event(f"step{step}")
    return "all steps"


@flows.orchestration_trigger(context_name="context")
def listed_twice(context: df.DurableOrchestrationContext):
    task = context.call_activity("echo", 1)
    both = context.task_all([task, context.call_activity("echo", 2)])
    yield task
    results = yield both
    return results


@flows.orchestration_trigger(context_name="context")
def calls_a_ghost(context: df.DurableOrchestrationContext):
    yield context.call_activity("echo", 1)
    yield context.call_activity("ghost", 1)


@flows.orchestration_trigger(context_name="context")
def wanders(context: df.DurableOrchestrationContext):
    """Break determinism: another name at each replay."""
    ATTEMPTS["wanders"] = ATTEMPTS.get("wanders", 0) + 1
    yield context.call_activity("echo" if ATTEMPTS["wanders"] == 1 else "echo_async", 1)
    yield context.call_activity("echo", 2)


@flows.orchestration_trigger(context_name="context")
def plain(context: df.DurableOrchestrationContext):
    return {"id": context.instance_id, "input": context.get_input()}


@flows.orchestration_trigger(context_name="context")
def identities(context: df.DurableOrchestrationContext):
    first = [str(context.new_guid()), context.current_utc_datetime.isoformat()]
    yield context.create_timer(context.current_utc_datetime + timedelta(seconds=90))
    second = [str(context.new_guid()), context.current_utc_datetime.isoformat()]
    yield context.call_activity("echo", [first, second])
    return [first, second]


@flows.orchestration_trigger(context_name="context")
def long_sleep(context: df.DurableOrchestrationContext):
    yield context.create_timer(context.current_utc_datetime + timedelta(days=context.get_input()))
    return "slept"


@flows.orchestration_trigger(context_name="context")
def waits_for_child(context: df.DurableOrchestrationContext):
    try:
        yield context.call_sub_orchestrator("approval", None, "patient")
    except Exception as problem:
        return f"child: {problem}"
    return "no failure"


@flows.orchestration_trigger(context_name="context")
def rewound_parent(context: df.DurableOrchestrationContext):
    return (yield context.call_sub_orchestrator("fails_once", None, "rw-child"))


@flows.activity_trigger(input_name="how")
async def quits(how: str) -> None:
    if how == "exit":
        sys.exit(3)
    raise asyncio.CancelledError


@flows.activity_trigger(input_name="how")
def quits_in_a_thread(how: str) -> None:
    sys.exit(how)


@flows.orchestration_trigger(context_name="context")
def survives_quitters(context: df.DurableOrchestrationContext):
    failures = []
    for name, how in (("quits", "exit"), ("quits", "cancel"), ("quits_in_a_thread", "4")):
        try:
            yield context.call_activity(name, how)
        except Exception as problem:
            failures.append("RuntimeError" in str(problem))
    return failures
