"""Who may read the bytes of a disk or snapshot: `beginGetAccess` until `endGetAccess`."""

from typing import Final

from local.arm import latency
from local.arm.disk import errors, wire
from local.arm.operations import Plan
from local.arm.wire import Json, Reply, Request
from local.arm.world import Resource, World, effect

LONGEST_S: Final = 4_294_967_295
"""Seconds that access may last at most: the field is an unsigned 32-bit number."""


def grant(world: World, request: Request, resource: Resource) -> Reply:
    """Answer beginGetAccess: the URI is the operation's output. Nothing listens at it."""
    asked = request.body or {}
    seconds = asked.get("durationInSeconds")
    if asked.get("access") not in {"Read", "Write"}:
        raise errors.invalid("access", asked.get("access"))
    if not isinstance(seconds, int) or not 0 < seconds <= LONGEST_S:
        raise errors.invalid("durationInSeconds", seconds)
    args = {"id": resource.id, "seconds": seconds}
    plan = Plan(
        latency.draw(world, "disk.access"),
        "disk.access.open",
        args,
        resource,
        output={"accessSAS": _uri(world, request, resource)},
    )
    return wire.accepted(world, request, plan, resource.location)


def revoke(world: World, request: Request, resource: Resource) -> Reply:
    """Answer endGetAccess; a repeat changes nothing."""
    args = {"id": resource.id}
    plan = Plan(latency.draw(world, "disk.access"), "disk.access.close", args, resource)
    return wire.accepted(world, request, plan, resource.location)


def _uri(world: World, request: Request, resource: Resource) -> str:
    token = world.new_uuid().replace("-", "")
    unique = resource.properties["uniqueId"].replace("-", "")
    host = request.origin.split("//", 1)[-1]
    return f"https://md-{unique[:12]}.{host}/{token[:12]}/abcd?sv=2018-03-28&sr=b&sig={token}"


@effect("disk.access.open")
def opened(world: World, args: Json) -> None:
    """Let somebody read: `ActiveSAS` until the time is over."""
    resource = world.find(args["id"])
    if resource is None:
        return
    properties = resource.properties
    properties["diskState"] = "ActiveSAS"
    if "access_until" in resource.sim:
        world.cancel(resource.sim["access_until"])
    due = world.plan(args["seconds"], "disk.access.close", {"id": resource.id})
    resource.sim["access_until"] = due.serial
    world.save(resource)


@effect("disk.access.close")
def closed(world: World, args: Json) -> None:
    """End the access, because it was revoked or its time is over."""
    resource = world.find(args["id"])
    if resource is None or "access_until" not in resource.sim:
        return
    world.cancel(resource.sim.pop("access_until"))
    owned = resource.body.get("managedBy")
    resource.properties["diskState"] = "Reserved" if owned else "Unattached"
    world.save(resource)
