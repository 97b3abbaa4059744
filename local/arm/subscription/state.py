"""Subscriptions: the ones this world knows, and the regions they see."""

from local.arm.wire import Json
from local.arm.world import World

FACT = "subscriptions"
TENANT = "7e4a4000-0000-4000-8000-000000000000"
DEFAULT = "5b5c0000-0000-4000-8000-000000000001"
"""The subscription that every world has."""


def find(world: World, subscription: str) -> Json | None:
    """Return what is known of a subscription, or None."""
    known: Json = world.facts.setdefault(FACT, {DEFAULT: {"displayName": "Mooring local"}})
    found: Json | None = known.get(subscription.lower())
    return found


def add(world: World, subscription: str, name: str) -> None:
    """Make a subscription known; one that is known keeps its resources."""
    find(world, DEFAULT)
    world.facts[FACT][subscription.lower()] = {"displayName": name}


def every(world: World) -> list[str]:
    """Return the ids of all subscriptions."""
    find(world, DEFAULT)
    return sorted(world.facts[FACT])
