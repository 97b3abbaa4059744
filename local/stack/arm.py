"""Azure as the runner sees it: ARM ids, api-versions, and long operations waited for."""

from typing import Final

from local.clock import wall_clock
from local.stack.http import Answer, Json, Web
from local.stack.trouble import Trouble

SUBSCRIPTION: Final = "6d6f6f72-696e-4700-8000-6c6f63616c00"
"""The demo's subscription; its bytes spell "mooring" and "local"."""
GROUP: Final = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/mooring-demo"
VERSIONS: Final = {
    "microsoft.compute/virtualmachines": "2026-04-01",
    "microsoft.compute/disks": "2026-03-02",
    "microsoft.network": "2026-03-01",
}
"""As the management clients send them."""
LOOK_S: Final = 0.1
LOOKS_MAX: Final = 600
"""A minute of wall time for one network resource."""


def versioned(path: str, query: str = "") -> str:
    """Return the path with the api-version of its resource type."""
    parts = path.lower().split("/providers/")[-1].split("/")
    version = VERSIONS.get("/".join(parts[:2])) or VERSIONS.get(parts[0], "2022-09-01")
    return f"{path}?{query + '&' if query else ''}api-version={version}"


async def put(arm: Web, path: str, body: Json) -> None:
    """Create a resource and wait until it is there; a repeat changes nothing."""
    await arm.want("PUT", versioned(path), body)
    for _ in range(LOOKS_MAX):
        state = (await read(arm, path)).get("properties", {}).get("provisioningState")
        if state in ("Succeeded", None):
            return
        if state == "Failed":
            break
        await wall_clock().sleep(LOOK_S)
    raise Trouble(f"The simulator did not make {path}.")


async def read(arm: Web, path: str, query: str = "") -> Json:
    """Return a resource; Trouble if it is not there."""
    return await arm.want("GET", versioned(path, query))


async def try_read(arm: Web, path: str, query: str = "") -> Json | None:
    """Return a resource, or None if it is not there."""
    answer: Answer = await arm.call("GET", versioned(path, query))
    return answer.body if answer.status < 300 else None  # noqa: PLR2004 - HTTP
