"""The client binding: the JSON from which the SDK builds its client, and the management URLs."""

import json
from typing import Final

PUBLIC: Final = "/runtime/webhooks/durabletask"
PLACEHOLDER: Final = "INSTANCEID"

MANAGEMENT: Final = {
    "statusQueryGetUri": "",
    "sendEventPostUri": "/raiseEvent/{eventName}",
    "terminatePostUri": "/terminate",
    "rewindPostUri": "/rewind",
    "purgeHistoryDeleteUri": "",
    "restartPostUri": "/restart",
    "suspendPostUri": "/suspend",
    "resumePostUri": "/resume",
}
WITH_REASON: Final = frozenset(
    {"terminatePostUri", "rewindPostUri", "suspendPostUri", "resumePostUri"}
)


def management_urls(origin: str, instance: str, required_query: str) -> dict[str, str]:
    """Return the URLs under which anybody with the key can manage one instance."""
    urls = {"id": instance}
    for name, suffix in MANAGEMENT.items():
        reason = "reason={text}&" if name in WITH_REASON else ""
        urls[name] = f"{origin}{PUBLIC}/instances/{instance}{suffix}?{reason}{required_query}"
    return urls


def required_query(hub: str, key: str) -> str:
    """Return the query string that every management URL ends with."""
    return f"taskHub={hub}&connection=Storage&code={key}"


def client_binding(origin: str, hub: str, query: str, rpc: str) -> str:
    """Return what a function's durable client parameter is given; `rpc` is the SDK's own path."""
    create = f"{origin}{PUBLIC}/orchestrators/{{functionName}}[/{{instanceId}}]?{query}"
    wait = "&timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}"
    return json.dumps(
        {
            "taskHubName": hub,
            "creationUrls": {
                "createNewInstancePostUri": create,
                "createAndWaitOnNewInstancePostUri": create + wait,
            },
            "managementUrls": management_urls(origin, PLACEHOLDER, query),
            "baseUrl": f"{origin}{PUBLIC}",
            "requiredQueryStringParameters": query,
            "rpcBaseUrl": f"{origin}/{rpc}/",
        }
    )
