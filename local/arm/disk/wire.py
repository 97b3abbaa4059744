"""How disks look on the wire, and what disks, snapshots and images answer alike."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from local.arm.disk.tiers import sku_tier, spelled, tier_of
from local.arm.operations import Plan, begin, follow_headers
from local.arm.wire import Json, Reply, Request, name_of
from local.arm.world import Resource, World

RETRY_AFTER_S: Final = 2
"""Seconds that DiskOperations ask a client to wait; recorded."""

ECHOED: Final = ("creationData", "diskSizeGB", "incremental", "osType", "hyperVGeneration")


def shown(resource: Resource) -> Reply:
    """Answer a GET with the resource."""
    return Reply(200, resource.body, {"ETag": f'"{resource.sim["etag"]}"'})


def listed(bodies: Iterable[Json]) -> Reply:
    """Answer a list: one page; the SDK follows no link where there is none."""
    return Reply(200, {"value": list(bodies)})


def accepted(world: World, request: Request, plan: Plan, location: str, body: Any = None) -> Reply:
    """Answer 202 with both headers and start the operation, as recorded for disks."""
    family = f"Microsoft.Compute/locations/{location.replace(' ', '').lower()}/DiskOperations"
    path = begin(world, request, family, plan)
    headers = follow_headers(request, path, location=True, retry_after_s=RETRY_AFTER_S)
    return Reply(202, body, headers)


def accepted_body(request: Mapping[str, Any], resource: Resource, *, named: bool) -> Json:
    """Return the short body of an accepted PUT or PATCH: what was asked, `Updating`, no id."""
    asked = request.get("properties") or {}
    properties: Json = {
        name: resource.properties[name]
        for name in ECHOED
        if name in resource.properties and (name in asked or name != "diskSizeGB")
    }
    properties.update({name: asked[name] for name in ("diskSizeGB", "tier") if name in asked})
    properties |= {"provisioningState": "Updating", "isArmResource": True}
    body: Json = {"name": name_of(resource.id)} if named else {}
    body |= {"location": resource.location, "tags": request.get("tags") or {}}
    if resource.zone:
        body["zones"] = resource.body["zones"]
    if request.get("sku"):
        body["sku"] = {"name": request["sku"].get("name")}
        tier = _tier(request["sku"].get("name"), asked.get("diskSizeGB"))
        if named and tier and tier.startswith("P"):
            properties["tier"] = tier
    body["properties"] = properties
    return body


def _tier(kind: str | None, size_gib: int | None) -> str | None:
    spelling = spelled(kind or "")
    if not spelling or not size_gib or sku_tier(spelling) != "Premium":
        return None
    row = tier_of(spelling, size_gib)
    return row.name if row else None
