"""VM extensions: software that the guest agent installs."""

from local.arm import latency
from local.arm.extension import errors, wire
from local.arm.operations import Plan, begin, follow_headers, refuse_if_busy
from local.arm.wire import Reply, Request, resource_not_found
from local.arm.world import Resource, World, effect

RETRY_AFTER_S = 10


def require(world: World, extension_id: str) -> Resource:
    """Return the extension, or raise the 404 of a read."""
    extension = world.find(extension_id)
    if extension is None:
        raise resource_not_found(extension_id)
    return extension


def refuse_unless_running(vm: Resource) -> None:
    """Raise unless the VM runs, and nothing else is being done to it."""
    refuse_if_busy(vm)
    if vm.sim.get("power") != "running":
        raise errors.vm_not_running(vm.body["name"])


def put(world: World, request: Request, vm: Resource, extension_id: str) -> Reply:
    """Install an extension, or change it."""
    refuse_unless_running(vm)
    extension = world.find(extension_id)
    body = request.body or {}
    if extension is None:
        model = wire.model(extension_id, vm.location, body)
        extension = Resource(extension_id, wire.TYPE, model)
        status = 201
    else:
        refuse_if_busy(extension)
        wire.merge(extension.properties, body.get("properties") or {})
        extension.properties["provisioningState"] = "Updating"
        status = 200
    secret = (body.get("properties") or {}).get("protectedSettings")
    if secret is not None:
        extension.sim["protected"] = wire.mark_of(secret)
    if body.get("tags") is not None:
        extension.body["tags"] = body["tags"]
    world.save(extension)
    headers = _follow(world, request, extension, "extension.ready", location=False)
    return Reply(status, extension.body, headers)


def delete(world: World, request: Request, vm: Resource, extension_id: str) -> Reply:
    """Remove an extension; 204 if there is none."""
    extension = world.find(extension_id)
    if extension is None:
        return Reply(204)
    refuse_unless_running(vm)
    refuse_if_busy(extension)
    extension.properties["provisioningState"] = "Deleting"
    return Reply(202, None, _follow(world, request, extension, "extension.gone", location=True))


def _follow(
    world: World, request: Request, extension: Resource, effect_name: str, *, location: bool
) -> dict[str, str]:
    family = f"Microsoft.Compute/locations/{extension.location}/operations"
    seconds = latency.draw(world, "vm.extension")
    path = begin(
        world, request, family, Plan(seconds, effect_name, {"id": extension.id}, extension)
    )
    headers = follow_headers(request, path, location=location, retry_after_s=RETRY_AFTER_S)
    return headers if location else {**headers, "azure-asyncnotification": "Enabled"}


@effect("extension.ready")
def ready(world: World, args: dict[str, str]) -> None:
    """The extension is installed."""
    extension = world.find(args["id"])
    if extension:
        extension.properties["provisioningState"] = "Succeeded"
        world.save(extension)


@effect("extension.gone")
def gone(world: World, args: dict[str, str]) -> None:
    """The extension is removed."""
    extension = world.find(args["id"])
    if extension:
        world.drop(extension)
