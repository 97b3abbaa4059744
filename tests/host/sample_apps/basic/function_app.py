import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="start/{name}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    body = req.get_body()
    instance = await client.start_new(
        req.route_params["name"], req.params.get("id"), req.get_json() if body else None
    )
    return client.create_check_status_response(req, instance)


@app.orchestration_trigger(context_name="context")
def chain(context: df.DurableOrchestrationContext):
    total = 0
    for i in range(context.get_input() or 3):
        total = yield context.call_activity("add", [total, i])
    return total


@app.activity_trigger(input_name="pair")
def add(pair: list) -> int:
    return pair[0] + pair[1]
