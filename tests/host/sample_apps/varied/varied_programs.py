# Written as strangers write their apps: unannotated, against an untyped SDK.
# mypy: ignore-errors
# ruff: noqa: ANN001, ANN201, ANN202, BLE001
"""An orchestrator that runs small programs from its input: all ways of waiting, freely nested.

A program is a list of statements. Every task carries a token that its result must repeat, so that
a completion delivered to the wrong task is seen at once.
"""

import asyncio
from datetime import timedelta

import azure.durable_functions as df

programs = df.Blueprint()
TRIES: dict[str, int] = {}
OPTIONS = df.RetryOptions(1_000, 3)


@programs.activity_trigger(input_name="order")
async def token(order: dict) -> str:
    """Return the token, after failing as often as the order says."""
    key = f"{order['instance']}/{order['token']}"
    TRIES[key] = TRIES.get(key, 0) + 1
    await asyncio.sleep(order["seconds"] / 7)
    if TRIES[key] <= order.get("failures", 0):
        raise ValueError(order["token"])
    return order["token"]


@programs.orchestration_trigger(context_name="context")
def token_child(context: df.DurableOrchestrationContext):
    return (yield context.call_activity("token", context.get_input()))


@programs.orchestration_trigger(context_name="context")
def run_program(context: df.DurableOrchestrationContext):
    trace = []
    kept = []
    for statement in context.get_input():
        if statement["do"] == "again" and not kept:
            trace.append("nothing to wait for")
            continue
        if statement["do"] == "again":
            task, plan = kept[statement["which"] % len(kept)]
        else:
            task, plan = _build(context, statement)
            if statement["keep"]:
                kept.append((task, plan))
        try:
            result = yield task
            trace.append(_check(plan, result))
        except Exception as problem:
            trace.append(_check_failure(plan, str(problem)))
    return trace


def _build(context, plan):
    order = {"instance": context.instance_id, **plan}
    match plan["do"]:
        case "activity":
            return context.call_activity("token", order), plan
        case "retry":
            return context.call_activity_with_retry("token", OPTIONS, order), plan
        case "child":
            return context.call_sub_orchestrator("token_child", order), plan
        case "child_retry":
            return context.call_sub_orchestrator_with_retry("token_child", OPTIONS, order), plan
        case "timer":
            due = context.current_utc_datetime + timedelta(seconds=plan["seconds"])
            return context.create_timer(due), plan
    parts = [_build(context, part) for part in plan["of"]]
    gather = context.task_all if plan["do"] == "all" else context.task_any
    built = gather([task for task, _ in parts])
    return built, {**plan, "parts": parts}


def _check(plan, result):
    match plan["do"]:
        case "timer":
            return "timer"
        case "all":
            shown = zip(plan["parts"], result, strict=True)
            return [_check(part_plan, value) for (_, part_plan), value in shown]
        case "any":
            return "any " + _check_winner(plan, result)
    if result != plan["token"]:
        return f"WRONG {plan['token']} got {result}"
    return "ok"


def _check_winner(plan, winner):
    for task, part_plan in plan["parts"]:
        if task is winner:
            if isinstance(winner.result, Exception):
                return str(_check_failure(part_plan, str(winner.result)))
            return str(_check(part_plan, winner.result))
    return "WRONG winner"


def _check_failure(plan, text):
    return (
        "failed"
        if any(f"ValueError: {token}" in text for token in _tokens(plan))
        else (f"WRONG failure {text}")
    )


def _tokens(plan):
    if "of" in plan:
        return [token for part in plan["of"] for token in _tokens(part)]
    return [plan.get("token", "")]
