# Written as strangers write their apps: unannotated, against an untyped SDK.
# mypy: ignore-errors
import azure.durable_functions as df
import azure.functions as func
from varied_counters import counters
from varied_flows import flows
from varied_programs import programs
from varied_web import web

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)
for blueprint in (flows, counters, programs, web):
    app.register_functions(blueprint)


@app.queue_trigger(arg_name="message", queue_name="orders", connection="Storage")
def take_order(message: func.QueueMessage) -> None:
    """Listed as not run locally."""


@app.route(route="with-blob", auth_level=func.AuthLevel.ANONYMOUS)
@app.blob_input(arg_name="blob", path="a/b", connection="Storage")
def reads_blob(req: func.HttpRequest, blob: func.InputStream) -> str:
    """Listed as not run locally: there is nobody to bring the blob."""


@app.route(route="switched-off", auth_level=func.AuthLevel.ANONYMOUS)
def switched_off(req: func.HttpRequest) -> str:
    return f"on for {req.method}"
