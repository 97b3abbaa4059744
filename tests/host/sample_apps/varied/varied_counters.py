# Written as strangers write their apps: unannotated, against an untyped SDK.
# mypy: ignore-errors
# ruff: noqa: ANN201, BLE001
import azure.durable_functions as df

counters = df.Blueprint()


@counters.entity_trigger(context_name="context")
def Counter(context: df.DurableEntityContext) -> None:  # noqa: N802 - entity names may be upper case
    value = context.get_state(lambda: 0)
    match context.operation_name:
        case "add":
            value += context.get_input()
        case "boom":
            raise ValueError("entity boom")
        case "forget":
            context.destruct_on_exit()
            return
    context.set_state(value)
    context.set_result(value)


@counters.orchestration_trigger(context_name="context")
def count_up(context: df.DurableOrchestrationContext):
    counter = df.EntityId("Counter", context.get_input())
    context.signal_entity(counter, "add", 2)
    first = yield context.call_entity(counter, "add", 3)
    try:
        yield context.call_entity(counter, "boom")
        failure = "none"
    except Exception as problem:
        failure = str(problem)
    both = yield context.task_all([context.call_entity(counter, "add", n) for n in (10, 20)])
    return [first, failure, both]


@counters.orchestration_trigger(context_name="context")
def signal_and_fail(context: df.DurableOrchestrationContext):
    context.signal_entity(df.EntityId("Counter", "signalled"), "add", 1)
    yield context.call_activity("echo", "x")
    context.signal_entity(df.EntityId("Counter", "signalled"), "add", 1)
    raise ValueError("after the signals")
