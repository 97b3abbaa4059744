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
