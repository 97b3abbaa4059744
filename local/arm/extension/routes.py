from local.arm.extension import state, wire
from local.arm.routing import COMPUTE, route
from local.arm.vm.state import id_of, require
from local.arm.wire import Reply, Request
from local.arm.world import World

EXTENSIONS = COMPUTE + "/virtualMachines/{name}/extensions"
EXTENSION = EXTENSIONS + "/{extension}"


def _id(request: Request) -> str:
    return f"{id_of(request)}/extensions/{request['extension']}"


@route("PUT", EXTENSION)
@route("PATCH", EXTENSION)
def put_extension(world: World, request: Request) -> Reply:
    """Install an extension, or change it."""
    vm = require(world, id_of(request))
    if request.method == "PATCH":
        state.require(world, _id(request))
    return state.put(world, request, vm, _id(request))


@route("GET", EXTENSION)
def get_extension(world: World, request: Request) -> Reply:
    """Read an extension."""
    require(world, id_of(request))
    return Reply(200, state.require(world, _id(request)).body)


@route("GET", EXTENSIONS)
def list_extensions(world: World, request: Request) -> Reply:
    """List the extensions of a VM."""
    vm = require(world, id_of(request))
    return Reply(200, {"value": [one.body for one in world.of_type(wire.TYPE, vm.id)]})


@route("DELETE", EXTENSION)
def delete_extension(world: World, request: Request) -> Reply:
    """Remove an extension."""
    vm = require(world, id_of(request))
    return state.delete(world, request, vm, _id(request))
