# Written as strangers write their apps: unannotated, against an untyped SDK.
# mypy: ignore-errors
# ruff: noqa: ARG001, BLE001
import json

import azure.durable_functions as df
import azure.functions as func

web = df.Blueprint()
ANONYMOUS = func.AuthLevel.ANONYMOUS
SEEN: list[object] = []


@web.route(route="start/{name}", methods=["POST"], auth_level=ANONYMOUS)
@web.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    given = req.get_json() if req.get_body() else None
    instance = await client.start_new(req.route_params["name"], req.params.get("id"), given)
    return client.create_check_status_response(req, instance)


@web.route(route="client/{call}/{id}", methods=["POST"], auth_level=ANONYMOUS)
@web.durable_client_input(client_name="client")
async def use_client(
    req: func.HttpRequest, client: df.DurableOrchestrationClient
) -> func.HttpResponse:
    """Call any method of the SDK's client and show its result as text."""
    arguments = req.get_json() if req.get_body() else []
    method = getattr(client, req.route_params["call"])
    try:
        result = await method(req.route_params["id"], *arguments)
    except Exception as problem:
        return func.HttpResponse(str(problem), status_code=500)
    shown = result.to_json() if result and hasattr(result, "to_json") else result or None
    if hasattr(result, "instances_deleted"):
        shown = result.instances_deleted
    return func.HttpResponse(json.dumps(shown), mimetype="application/json")


@web.route(route="counters/{key}", methods=["GET", "POST"], auth_level=ANONYMOUS)
@web.durable_client_input(client_name="client")
async def counter_state(
    req: func.HttpRequest, client: df.DurableOrchestrationClient
) -> func.HttpResponse:
    entity = df.EntityId("Counter", req.route_params["key"])
    if req.method == "POST":
        await client.signal_entity(entity, "add", int(req.get_body()))
        return func.HttpResponse(status_code=202)
    state = await client.read_entity_state(entity)
    return func.HttpResponse(json.dumps([state.entity_exists, state.entity_state]))


@web.route(route="items/{id:int}", auth_level=ANONYMOUS)
def item(req: func.HttpRequest) -> str:
    return f"item {req.route_params['id']}"


@web.route(route="items/special", auth_level=ANONYMOUS)
def special_item(req: func.HttpRequest) -> str:
    return "special"


@web.route(route="items/{name}", methods=["GET"], auth_level=ANONYMOUS)
def named_item(req: func.HttpRequest, context: func.Context) -> str:
    return f"named {req.route_params['name']} by {context.function_name}"


@web.route(route="files/{*rest}", auth_level=ANONYMOUS)
def files(req: func.HttpRequest) -> str:
    return f"file {req.route_params['rest']}"


@web.route(route="echo/{tail?}", auth_level=ANONYMOUS)
async def echo_request(req: func.HttpRequest) -> func.HttpResponse:
    shown = {
        "method": req.method,
        "url": req.url,
        "params": dict(req.params),
        "route": dict(req.route_params),
        "header": req.headers.get("X-Probe"),
        "size": len(req.get_body()),
    }
    response = func.HttpResponse(
        json.dumps(shown), status_code=207, headers={"X-Answer": "yes"}, mimetype="application/json"
    )
    response.headers.add("Set-Cookie", "a=1; Path=/")
    response.headers.add("Set-Cookie", "b=2")
    return response


@web.route(route="nothing", auth_level=ANONYMOUS)
def nothing(req: func.HttpRequest) -> None:
    return None


@web.route(route="crash", auth_level=ANONYMOUS)
def crash(req: func.HttpRequest) -> str:
    raise RuntimeError("secret detail")


@web.route(route="guarded")
def guarded(req: func.HttpRequest) -> str:
    return "in"


@web.route(route="for-admins", auth_level=func.AuthLevel.ADMIN)
def for_admins(req: func.HttpRequest) -> str:
    return "in"


@web.event_grid_trigger(arg_name="event")
def on_event(event: func.EventGridEvent) -> None:
    kind = getattr(event, "event_type", None) or event.type
    if kind == "Fail":
        raise RuntimeError("cannot take this event")
    data = event.get_json() if hasattr(event, "get_json") else event.data
    SEEN.append([event.id, kind, event.subject, data])


@web.timer_trigger(schedule="0 */5 * * * *", arg_name="timer")
async def every_five_minutes(timer: func.TimerRequest, context: func.Context) -> None:
    SEEN.append(["tick", context.function_name, timer.past_due])


@web.timer_trigger(schedule="%HOURLY_SPAN%", arg_name="timer", use_monitor=False)
def hourly(timer: func.TimerRequest) -> None:
    SEEN.append(["hour", timer.past_due])


SLOW: list[str] = []
SLOW_S: list[tuple[object, float]] = []


@web.timer_trigger(schedule="0 * * * * *", arg_name="timer", use_monitor=False)
async def each_minute(timer: func.TimerRequest) -> None:
    for clock, seconds in SLOW_S:
        SLOW.append("start")
        await clock.sleep(seconds)
        SLOW.append("end")
