"""Managed images: create, read, change tags, delete."""

from local.arm import latency
from local.arm.disk.wire import listed, shown
from local.arm.image import state, wire
from local.arm.operations import Plan, refuse_if_busy
from local.arm.routing import COMPUTE, SUBSCRIPTION, route
from local.arm.wire import Reply, Request
from local.arm.world import World

IMAGE = COMPUTE + "/images/{name}"


def _id(request: Request) -> str:
    return (
        f"/subscriptions/{request['subscription']}/resourceGroups/{request['group']}"
        f"/providers/{state.TYPE}/{request['name']}"
    )


@route("PUT", IMAGE)
def put_image(world: World, request: Request) -> Reply:
    """Make a managed image of a generalized VM, or of disks and snapshots."""
    before = world.find(_id(request))
    if before is not None:
        refuse_if_busy(before)
    image = state.create(world, _id(request), request.body or {})
    plan = Plan(latency.draw(world, "image.create"), "image.ready", {"id": image.id}, image)
    return wire.started(world, request, plan, status=200 if before else 201)


@route("PATCH", IMAGE)
def patch_image(world: World, request: Request) -> Reply:
    """Change an image's tags."""
    image = state.require(world, _id(request))
    refuse_if_busy(image)
    tags = (request.body or {}).get("tags")
    if tags is not None:
        image.body["tags"] = tags
    return shown(world.save(image))


@route("GET", IMAGE)
def get_image(world: World, request: Request) -> Reply:
    """Show an image."""
    return shown(state.require(world, _id(request)))


@route("GET", COMPUTE + "/images")
def list_images_of_group(world: World, request: Request) -> Reply:
    """List the managed images of a resource group."""
    under = f"/subscriptions/{request['subscription']}/resourceGroups/{request['group']}"
    return listed(image.body for image in world.of_type(state.TYPE, under))


@route("GET", SUBSCRIPTION + "/providers/Microsoft.Compute/images")
def list_images(world: World, request: Request) -> Reply:
    """List the managed images of a subscription."""
    under = f"/subscriptions/{request['subscription']}"
    return listed(image.body for image in world.of_type(state.TYPE, under))


@route("DELETE", IMAGE)
def delete_image(world: World, request: Request) -> Reply:
    """Delete an image; 204 if there is none."""
    image = world.find(_id(request))
    if image is None:
        return Reply(204)
    refuse_if_busy(image)
    plan = Plan(latency.draw(world, "image.delete"), "image.delete", {"id": image.id}, image)
    return wire.started(world, request, plan, status=202)
