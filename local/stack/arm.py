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
NOT_FOUND: Final = 404
TOO_MANY: Final = 429
LOOK_S: Final = 0.1
LOOKS_MAX: Final = 600
"""A minute of wall time for one network resource, or for one answer."""


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
    """Return a resource, or None if it is not there; Trouble if the simulator does not say.

    Azure counts reads of one VM, ours and the product's together: what is refused is asked again.
    """
    for _ in range(LOOKS_MAX):
        answer: Answer = await arm.call("GET", versioned(path, query))
        if answer.status < 300:  # noqa: PLR2004 - HTTP
            return answer.body
        if answer.status != TOO_MANY:
            break
        await wall_clock().sleep(LOOK_S)
    if answer.status == NOT_FOUND:
        return None
    raise Trouble(f"The simulator answers {path} with {answer.status}: {answer.body}")
