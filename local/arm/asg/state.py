"""Application security groups: names that NICs belong to and rules refer to."""

from local.arm.asg import errors, wire
from local.arm.network import parts
from local.arm.network.parts import Link
from local.arm.world import Resource, World


def accept(_world: World, new: Resource, _found: Resource | None) -> None:
    """Complete a draft of a group."""
    new.body["properties"] = wire.properties()


def links(_group: Resource) -> set[Link]:
    """Return nothing: a group refers to nothing."""
    return set()


def refuse_delete(world: World, group: Resource) -> None:
    """Raise if a NIC belongs to the group or a rule names it."""
    users = parts.users(world, group.id)
    if users:
        raise errors.in_use(group.id, users)
