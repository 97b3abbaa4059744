# Written as strangers write their apps: unannotated, against an untyped SDK.
# mypy: ignore-errors
# ruff: noqa: ANN201, PERF401
"""Work that can be counted: a crashed host must neither lose it nor do its results twice."""

import os
import time
from datetime import timedelta
from pathlib import Path

import azure.durable_functions as df

app = df.DFApp()
LOG = Path(os.environ.get("EFFECTS_LOG", os.devnull))


@app.activity_trigger(input_name="token")
def effect(token: str) -> str:
    with LOG.open("a") as log:
        log.write(token + "\n")
    time.sleep(0.02)  # noqa: TID251 - a real thread doing slow work
    return token


@app.entity_trigger(context_name="context")
def Tally(context: df.DurableEntityContext) -> None:  # noqa: N802
    total = context.get_state(lambda: 0) + context.get_input()
    context.set_state(total)
    context.set_result(total)


@app.orchestration_trigger(context_name="context")
def part(context: df.DurableOrchestrationContext):
    token = context.get_input()
    return (yield context.call_activity("effect", token + "/part"))


@app.orchestration_trigger(context_name="context")
def whole(context: df.DurableOrchestrationContext):
    name = context.instance_id
    results = []
    for number in range(3):
        results.append((yield context.call_activity("effect", f"{name}/{number}")))
    tasks = [context.call_activity("effect", f"{name}/fan{n}") for n in range(4)]
    results += yield context.task_all(tasks)
    yield context.create_timer(context.current_utc_datetime + timedelta(seconds=0.2))
    results.append((yield context.call_sub_orchestrator("part", name)))
    tally = yield context.call_entity(df.EntityId("Tally", name), "add", 5)
    results.append(tally)
    return results
