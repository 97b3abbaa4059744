"""Who did what: the record of each write that Azure passes on as `Microsoft.Resources` events.

Source: Azure docs, event-schema-subscriptions.
"""

from local.arm import events
from local.arm.wire import Json, Request, subscription_of
from local.arm.world import World

VERBS = {"PUT": "write", "PATCH": "write", "DELETE": "delete", "POST": "action"}
KINDS = {"write": "Write", "delete": "Delete", "action": "Action"}


def call_of(request: Request) -> Json:
    """Return what an event will tell of a request, as JSON."""
    resource_uri, operation_name = operation_of(request.method, request.path)
    return {
        "method": request.method,
        "url": request.origin + request.path,
        "resourceUri": resource_uri,
        "operationName": operation_name,
        "claims": dict(request.claims),
        "clientRequestId": request.headers.get("x-ms-client-request-id", ""),
        "correlationId": request.headers.get("x-ms-correlation-request-id", ""),
    }


def operation_of(method: str, path: str) -> tuple[str, str]:
    """Return the resource id and the name of the operation: `Microsoft.Compute/disks/write`.

    A POST's last segment is the action. Reads end in `/read`.
    """
    segments = path.strip("/").split("/")
    verb = VERBS.get(method, "read")
    suffix = verb
    if verb == "action":
        suffix = f"{segments[-1]}/action"
        segments = segments[:-1]
    if "providers" in segments:
        # An extension resource names two providers: the last one is asked.
        at = len(segments) - 1 - segments[::-1].index("providers")
        type_ = "/".join([*segments[at + 1 : at + 2], *segments[at + 2 :: 2]])
    elif len(segments) > 2:  # noqa: PLR2004 - subscriptions/{id}/resourceGroups
        type_ = "Microsoft.Resources/subscriptions/resourceGroups"
    else:
        type_ = "Microsoft.Resources/subscriptions"
    return "/" + "/".join(segments), f"{type_}/{suffix}"


def note(world: World, call: Json, outcome: str) -> None:
    """Publish how a write ended; `outcome` is Success or Failure."""
    verb = VERBS.get(call["method"])
    if verb is None or not call["resourceUri"].lower().startswith("/subscriptions/"):
        return
    subscription = subscription_of(call["resourceUri"])
    events.publish(
        world,
        {
            "topic": f"/subscriptions/{subscription}",
            "subject": call["resourceUri"],
            "eventType": f"Microsoft.Resources.Resource{KINDS[verb]}{outcome}",
            "dataVersion": "2",
            "data": {
                "authorization": {
                    "scope": call["resourceUri"],
                    "action": call["operationName"],
                    "evidence": {"role": "Contributor"},
                },
                "claims": call["claims"],
                "correlationId": call["correlationId"],
                "httpRequest": {
                    "clientRequestId": call["clientRequestId"],
                    "clientIpAddress": "127.0.0.1",
                    "method": call["method"],
                    "url": call["url"],
                },
                "resourceProvider": call["operationName"].split("/")[0],
                "resourceUri": call["resourceUri"],
                "operationName": call["operationName"],
                "status": "Succeeded" if outcome == "Success" else "Failed",
                "subscriptionId": subscription,
                "tenantId": call["claims"].get("tid", ""),
            },
        },
    )
