"""PUT and PATCH of a VM that is there."""

from local.arm.vm.wire import render
from local.arm.wire import Reply, Request
from local.arm.world import Resource, World


def update(world: World, request: Request, vm: Resource, *, whole: bool) -> Reply:
    """Placeholder during construction."""
    return Reply(200, render(world, vm))
