"""How images look on the wire, and what images and galleries answer alike."""

from typing import Any

from local.arm.operations import Plan, begin, follow_headers
from local.arm.wire import Reply, Request
from local.arm.world import World

RETRY_AFTER_S = 10


def started(
    world: World, request: Request, plan: Plan, *, status: int, family: str = "operations"
) -> Reply:
    """Start an operation: 200 or 201 with the body for a PUT or PATCH, 202 without for a DELETE."""
    resource = plan.resource
    location = (resource.location if resource else "").replace(" ", "").lower()
    body: Any = resource.body if resource and status != 202 else None  # noqa: PLR2004 - HTTP
    path = begin(world, request, f"Microsoft.Compute/locations/{location}/{family}", plan)
    headers = follow_headers(request, path, location=body is None, retry_after_s=RETRY_AFTER_S)
    return Reply(status, body, headers)
